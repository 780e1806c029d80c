"""Helpers of several tests: compiled models on small worlds, and what must come out of them."""
