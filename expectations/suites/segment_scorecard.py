"""Whether every active segment is worth having, day by day."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings

VERDICTS = ("keep", "watch", "retire")
SHARES = ("measurable", "member_share", "substantial", "accessible", "stable")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="segment_scorecard",
        relation="marts.segment_scorecard",
        owner="marketing",
        key=("as_of_date", "segment"),
        grain="as-of date and segment",
        model="dbt_project/models/marts/segments/segment_scorecard.sql",
    )
    rules.unique_key()
    rules.filled(
        *("as_of_date", "segment", "members", "verdict", "reasons"),
        why="A verdict without reasons convinces nobody, and a segment without a verdict stays for ever.",
    )
    rules.one_of(
        "verdict",
        VERDICTS,
        why="Owners are warned by these words.",
        fix="Look at verdict in segment_scorecard.sql.",
    )
    for column in SHARES:
        rules.between(
            column,
            "0",
            "1",
            why="It is a share, and compared with a limit between 0 and 1.",
            fix=f"Look at {column} in segment_scorecard.sql: its numerator counts what its denominator does not.",
        )
    rules.never(
        "an_empty_segment_is_not_kept",
        "t.members = 0 and t.verdict <> 'retire'",
        observed="t.verdict",
        expectation="a segment without members is to be retired",
        why="A segment that holds nobody is not worth having, whatever could not be judged of it.",
        fix="Look at verdict in segment_scorecard.sql.",
        column="verdict",
    )
    rules.rows(
        "agrees_with_segments",
        "select coalesce(s.segment, t.segment) as row_key, concat_ws(' / ', t.members, s.size) as observed_value "
        "from (select * from marts.segments where status = 'active') as s "
        f"full join (select * from {{batch}} as c where c.as_of_date = {settings.day}) as t on t.segment = s.segment "
        "where s.segment is null or t.segment is null or t.members <> s.size",
        expectation="the day has a row of every active segment and no other, with its size",
        why="A segment that is not judged is not warned of.",
        fix="segment_scorecard.sql begins with the active segments: look at its joins and at with_history.",
        column="segment",
        population="select count(*) from marts.segments where status = 'active'",
        unit="segments",
    )
    return rules.build()
