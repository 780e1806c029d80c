"""The record of refreshes: ops.refreshes, one row a run, and what is left over from runs that were killed."""
