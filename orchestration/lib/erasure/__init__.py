"""Requests to be erased: whom they reach, what is taken away, and the proof that it is gone."""
