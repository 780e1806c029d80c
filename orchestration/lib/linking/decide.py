"""Which scored pairs become one customer."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """From `match` on two records are one customer; from `review` on a steward is asked."""

    match: float
    review: float
