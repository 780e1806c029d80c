"""Pairs of customers that may be one person, for a steward to decide."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder, as_text
from expectations.settings import Settings
from expectations.suites.shared import ID_FIX, ID_WHY
from expectations.suites.vocabulary import CUSTOMER_ID

OUTCOMES = ("review", "held_back")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="identity_review",
        relation="marts.identity_review",
        owner="privacy",
        key=("left_customer_id", "right_customer_id"),
        grain="pair of customers",
        model="dbt_project/models/marts/customers/identity_review.sql",
    )
    rules.unique_key(why="A pair that is listed twice is decided twice, and differently.")
    rules.filled(
        "left_customer_id",
        "right_customer_id",
        "match_probability",
        "evidence",
        "outcome",
        why="A steward decides by who the two are, how sure it is and why.",
    )
    for column in ("left_customer_id", "right_customer_id"):
        rules.shaped(column, CUSTOMER_ID, shape="32 hex digits", why=ID_WHY, fix=ID_FIX)
        rules.refers(
            column,
            "marts.customers",
            "customer_id",
            why="A decision on somebody who is no customer takes no effect.",
            fix="Look at how identity_review.sql finds the customer of a record.",
        )
    rules.one_of(
        "outcome",
        OUTCOMES,
        why="What is applied or decided needs no decision.",
        fix="Look at the outcomes that identity_review.sql keeps.",
    )
    rules.between(
        "match_probability",
        "0",
        "1",
        why="It is a probability; a threshold on anything else means nothing.",
        fix="Look at ops.link_scores, which score_pairs in orchestration/lib/linking/score.py writes.",
    )
    rules.rows(
        "a_pair_is_two_customers",
        "select t.left_customer_id as row_key, t.right_customer_id as observed_value from {batch} as t "
        "where t.left_customer_id >= t.right_customer_id",
        expectation="left_customer_id stands before right_customer_id",
        why="A pair in both orders would be asked twice, and a customer beside itself is no question.",
        fix="identity_review.sql puts the smaller id first and leaves out pairs within one customer.",
    )
    rules.rows(
        "evidence_names_nobody",
        f"select t.left_customer_id as row_key, {as_text('t.evidence')} as observed_value from {{batch}} as t "
        "where t.evidence like '%@%'",
        expectation="evidence holds levels and weights alone",
        why="The table is published to everybody; names and addresses are in restricted.",
        fix="told in orchestration/lib/linking/score.py writes words of levels, never a value.",
    )
    return rules.build()
