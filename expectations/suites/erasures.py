"""What was done for requests to be erased."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="erasures",
        relation="marts.erasures",
        owner="privacy",
        key=("run_id", "request_id"),
        grain="run and request",
        model="dbt_project/models/marts/operations/erasures.sql",
    )
    rules.unique_key(severity=Severity.WARNING)
    rules.filled(
        "run_id",
        "request_id",
        "requested_at",
        "erased_at",
        why="Whoever answers a person, or an authority, says from this table what was done and when.",
        severity=Severity.WARNING,
    )
    rules.rows(
        "nothing_is_left",
        "select request_id as row_key, found_count || ' places' as observed_value from ("
        "select *, row_number() over (partition by request_id order by erased_at desc, run_id desc) as newest "
        "from {batch} as b) as t where newest = 1 and found_count > 0",
        expectation="the newest proof of each request found nothing",
        why="A release may not leave while a person who asked to be forgotten is still named in the home folder.",
        fix="Read the reason of the failed run in refreshes: it names the columns and files. Refresh again; where it "
        "is the name of a landed file, rename the file.",
        column="found_count",
    )
    rules.never(
        "requested_before_it_was_erased",
        "t.erased_at < t.requested_at and t.raw_row_count > 0",
        observed="t.requested_at || ' / ' || t.erased_at",
        expectation="requested_at is not after erased_at",
        why="A request from the future is a mistake of the export, and erases what comes until then.",
        fix="Ask the owner of the source consent for the time of the request.",
        column="requested_at",
        severity=Severity.WARNING,
    )
    return rules.build()
