"""One customer a row: who they are, what they allow, what they are worth."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import ID_FIX, ID_WHY
from expectations.suites.vocabulary import CHANNELS, CUSTOMER_ID, OWN_CHANNELS

LIFECYCLE_STAGES = ("awareness", "consideration", "purchase", "retention", "at_risk", "lapsed")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customers",
        relation="marts.customers",
        owner="insights",
        key=("customer_id",),
        grain="customer",
        model="dbt_project/models/marts/customers/customers.sql",
    )
    rules.unique_key()
    rules.filled(
        "customer_id",
        "lifecycle_stage",
        "lifetime_orders",
        "lifetime_net_revenue",
        "source_count",
        "identifier_count",
        why=("Segments, features and reports read these columns of every customer; a null falls out of every filter."),
    )
    rules.filled(
        "may_email",
        "may_sms",
        "may_profile",
        "may_personalise_ads",
        why="Nothing known means no. A null is read as either by whoever comes next.",
        fix="Coalesce the consent to false where int_customers_described.sql decides it.",
    )
    rules.shaped("customer_id", CUSTOMER_ID, shape="32 hex digits", why=ID_WHY, fix=ID_FIX)
    rules.one_of(
        "lifecycle_stage",
        LIFECYCLE_STAGES,
        why="Every customer is in exactly one of the six stages, and reports filter on these words.",
        fix="Look at the stages in macros/lifecycle.sql and at their thresholds in vars.",
    )
    rules.one_of(
        "acquisition_channel",
        CHANNELS,
        also=OWN_CHANNELS,
        why=(
            "Acquisition is compared with spend by channel; a channel that nothing else knows has neither "
            "cost nor name."
        ),
        fix="Look at the channel grouping macro, and at the touchpoint that this customer came by.",
        severity=Severity.WARNING,
    )
    rules.shaped(
        "country_code",
        "[A-Z]{2}",
        shape="two capital letters",
        why="Countries are compared by their ISO 3166 code; a name in its place is a country of its own.",
        fix="Add the spelling to the seed of country names.",
        severity=Severity.WARNING,
    )
    rules.between(
        "birth_year",
        "1900",
        f"year({settings.day})",
        claim="birth_year is between 1900 and the year of the as-of date",
        why=("A year of birth out of reach is a default or a typing error, and ages computed from it are wrong."),
        fix="Correct the date of birth in the source, or leave it empty.",
        severity=Severity.WARNING,
    )
    rules.between(
        "profile_completeness",
        "0",
        "1",
        why="It is a share of the attributes that are filled.",
        fix="Look at the attributes in int_customers_described.sql: they are divided by another count than they sum.",
    )
    for column in ("source_count", "identifier_count"):
        rules.between(
            column,
            "1",
            None,
            why="A customer exists because some source named an identifier of theirs.",
            fix=("A customer without one comes from a component of nothing but devices, or from an erased record."),
        )
    rules.never(
        "seen_in_order",
        "t.first_seen_at > t.last_seen_at",
        observed="t.first_seen_at || ' / ' || t.last_seen_at",
        expectation="first_seen_at is not after last_seen_at",
        why="Tenure and recency are taken from these times.",
        fix="Both must be taken over the same records of the component.",
        column="first_seen_at",
    )
    rules.never(
        "seen_by_the_cutoff",
        f"t.first_seen_at >= {settings.cutoff}",
        observed="t.first_seen_at",
        expectation="first_seen_at is before the end of the as-of date",
        why="A customer of tomorrow would change yesterday's counts each time the day is rebuilt.",
        fix="A staging model lets a later record through: look for the visibility filter of its source.",
        column="first_seen_at",
    )
    rules.rows(
        "identifiers_agree",
        "select t.customer_id as row_key, t.identifier_count || ' / ' || count(i.customer_id) as "
        "observed_value "
        "from {batch} as t left join marts.customer_identifiers as i on i.customer_id = t.customer_id "
        "group by t.customer_id, t.identifier_count having t.identifier_count <> count(i.customer_id)",
        expectation="identifier_count is the customer's rows in customer_identifiers",
        why="A customer without identifiers can be neither explained, nor found for an erasure.",
        fix="Both tables read int_identifiers_resolved: look for a filter that only one of them has.",
        column="identifier_count",
    )
    rules.rows(
        "lifetime_agrees_with_orders",
        "select t.customer_id as row_key, concat_ws(' / ', t.lifetime_orders, coalesce(o.orders, 0), "
        "t.lifetime_net_revenue, coalesce(o.net_revenue, 0), t.first_order_at, o.first_at, t.last_order_at, "
        "o.last_at) "
        "as observed_value from {batch} as t left join ("
        "select customer_id, count(*) as orders, sum(net_revenue) as net_revenue, min(ordered_at) as "
        "first_at, "
        "max(ordered_at) as last_at from marts.orders where status <> 'cancelled' and net_revenue > 0 "
        "and customer_id is not null group by customer_id) as o on o.customer_id = t.customer_id "
        "where t.lifetime_orders is distinct from coalesce(o.orders, 0) "
        "or t.lifetime_net_revenue is distinct from coalesce(o.net_revenue, 0) "
        "or t.first_order_at is distinct from o.first_at or t.last_order_at is distinct from o.last_at",
        expectation=(
            "lifetime_orders, lifetime_net_revenue, first_order_at and last_order_at are those of the "
            "customer's purchases"
        ),
        why="A customer's value must be the same in customers and in orders.",
        fix="Sum the purchases of a listed customer in orders, and compare with int_customers_described.sql.",
        column="lifetime_net_revenue",
    )
    rules.never(
        "stage_fits_the_orders",
        "(t.lifetime_orders = 0) <> (t.lifecycle_stage in ('awareness', 'consideration')) "
        "or (t.lifetime_orders = 1 and t.lifecycle_stage = 'retention') "
        "or (t.lifetime_orders > 1 and t.lifecycle_stage = 'purchase')",
        observed="t.lifecycle_stage || ' with ' || t.lifetime_orders || ' purchases'",
        expectation="lifecycle_stage fits the number of purchases",
        why="A buyer in awareness gets the welcome of a stranger.",
        fix="The stages in int_customers_described.sql must count the same purchases as lifetime_orders.",
        column="lifecycle_stage",
    )
    return rules.build()
