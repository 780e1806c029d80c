"""The benchmark behind `make bench`: demo worlds, refreshes of them, and a floor written by hand beside them.

What belongs here: measuring and the floor. What does not: assertions about time, which no machine keeps.
"""
