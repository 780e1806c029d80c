"""What data is held to where it arrives and where it leaves: rules, suites, the gate that runs them.

No Dagster, no path of its own; Great Expectations is imported when the gate runs, not before.
"""

from expectations.gate import ExceptionRow, GateReport, ResultRow, run_gate
from expectations.rules import Rule, Severity, Suite
from expectations.settings import Settings

__all__ = [
    "ExceptionRow",
    "GateReport",
    "ResultRow",
    "Rule",
    "Settings",
    "Severity",
    "Suite",
    "run_gate",
]
