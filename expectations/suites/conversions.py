"""What was booked: purchases, leads and sign-ups, and how many touches led to each."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder, as_text
from expectations.settings import Settings
from expectations.suites.vocabulary import CONVERSION_TYPES, UNATTRIBUTED_REASONS


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="conversions",
        relation="marts.conversions",
        owner="marketing_analytics",
        key=("conversion_id",),
        grain="conversion",
        model="dbt_project/models/marts/attribution/conversions.sql",
    )
    rules.unique_key("A conversion that stands twice is booked twice, and its touches are credited twice.")
    rules.filled(
        *("conversion_id", "conversion_type", "converted_at", "converted_on", "revenue", "path_length"),
        why="What is booked is counted by type and month and summed; a null falls out of the count or the whole sum.",
        fix="Open int_conversions_unioned.sql: the rows of one type come from one branch of it.",
    )
    rules.one_of(
        "conversion_type",
        CONVERSION_TYPES,
        why="Booked and attributed are compared by these words.",
        fix="Look at the branches of int_conversions_unioned.sql.",
    )
    rules.one_of(
        "unattributed_reason",
        UNATTRIBUTED_REASONS,
        why="What nothing is credited for must say why, or it looks lost.",
        fix="Look at unattributed_reason in conversions.sql.",
    )
    rules.shaped(
        "conversion_id",
        "(order|deal|signup):.+",
        shape="order:, deal: or signup: and an id",
        why="The id says in which table the conversion is found.",
        fix="Look at the branches of int_conversions_unioned.sql.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A conversion of a customer whom no table knows is credited to touches that nobody can look up.",
        fix="int_conversions_unioned.sql takes customers from orders, leads and events; erased ones are null there.",
    )
    rules.between(
        "path_length",
        "0",
        None,
        why="It is a count of touches.",
        fix="Look at path_length in int_touches_pathed.sql.",
    )
    rules.never(
        "reason_fits_the_path",
        "(t.path_length = 0) <> (t.unattributed_reason is not null) "
        "or (t.customer_id is null) <> coalesce(t.unattributed_reason = 'no_customer', false)",
        observed=f"t.path_length || ' touches, ' || {as_text('t.unattributed_reason')}",
        expectation="a reason stands where there is no path, and no_customer where there is no customer",
        why=(
            "Booked is attributed plus unattributed by these reasons: a conversion in neither, or in both, "
            "breaks the sum."
        ),
        fix="Look at the case in conversions.sql.",
        column="unattributed_reason",
    )
    rules.never(
        "only_purchases_earn",
        "(t.order_id is not null) <> (t.conversion_type in ('first_purchase', 'repeat_purchase')) "
        "or (t.order_id is null and t.revenue <> 0) or (t.order_id is not null and t.revenue <= 0)",
        observed=f"t.conversion_type || ', ' || {as_text('t.order_id')} || ': ' || t.revenue",
        expectation="a purchase has an order and earns more than 0; leads and sign-ups have none and earn 0",
        why="Revenue of anything else than orders would be credited beyond what was sold.",
        fix="Look at the branches of int_conversions_unioned.sql.",
        column="revenue",
    )
    rules.never(
        "seen_by_the_cutoff",
        f"t.converted_at >= {settings.cutoff}",
        observed="t.converted_at",
        expectation="converted_at is before the end of the as-of date",
        why="A refresh of a day shows nothing later, or the same day could not be rebuilt to the same figures.",
        fix=(
            "The staging model of the orders, deals or events lets a later one through: look for its visibility filter."
        ),
        column="converted_at",
    )
    rules.never(
        "converted_on_is_its_date",
        f"t.converted_on <> {settings.date_of('t.converted_at')}",
        observed="t.converted_at || ' / ' || t.converted_on",
        expectation="converted_on is the date of converted_at in the reporting timezone",
        why="Credit meets spend by this date; in another timezone it meets the spend of another day.",
        fix="Look at reporting_date in conversions.sql.",
        column="converted_on",
    )
    rules.rows(
        "agrees_with_orders",
        "select coalesce(t.conversion_id, 'order:' || o.order_id) as row_key, concat_ws(' / ', "
        f"{as_text('t.revenue')}, {as_text('o.net_revenue')}, t.conversion_type, o.conversion_type) as observed_value "
        "from (select order_id, customer_id, ordered_at, net_revenue, case when customer_id is not null and "
        "order_number > 1 then 'repeat_purchase' else 'first_purchase' end as conversion_type from marts.orders "
        "where status <> 'cancelled' and net_revenue > 0) as o "
        "full join (select * from {batch} as c where c.conversion_type in ('first_purchase', 'repeat_purchase')) as t "
        "on t.conversion_id = 'order:' || o.order_id where t.conversion_id is null or o.order_id is null "
        "or t.order_id is distinct from o.order_id or t.revenue is distinct from o.net_revenue "
        "or t.customer_id is distinct from o.customer_id or t.converted_at is distinct from o.ordered_at "
        "or t.conversion_type is distinct from o.conversion_type",
        expectation="every purchase of orders is here once, with its revenue, customer, time and number, and no other",
        why="What attribution books must be what finance books, to the cent.",
        fix="Compare the listed order in orders with its row here, then with int_conversions_unioned.sql.",
        column="revenue",
    )
    rules.rows(
        "some_have_a_path",
        "select 'all' as row_key, count(*) || ' conversions, none with a path' as observed_value from {batch} as t "
        "having count(*) > 0 and max(t.path_length) = 0",
        expectation="at least one conversion has a path",
        why="Without any path all models are empty: sessions are not those of customers, or their exports are missing.",
        fix="Compare customer_id in sessions with that of orders: tributary explain order:ID shows one of them.",
        column="path_length",
        severity=Severity.WARNING,
        whole_table=True,
    )
    return rules.build()
