"""Which person records are one person though they share no identifier: comparing, scoring, deciding, training."""
