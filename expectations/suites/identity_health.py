"""How identity stands, and how far one refresh moved it."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings

COUNTS = (
    *("customers", "identifiers", "largest_cluster", "p99_cluster", "clusters_over_limit", "suppressed"),
    *("merges_since_last", "splits_since_last"),
)
# Of the release that readers see now: its customers by size. Days between it and this one count, one at least.
_CURRENT = (
    "select i.customer_id, count(*) as size from computed.identity_before as i "
    "join computed.identity_baselines as b on b.release = i.release and b.baseline = 'current' group by i.customer_id"
)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="identity_health",
        relation="marts.identity_health",
        owner="data_stewards",
        key=("as_of_date",),
        grain="as-of date",
        model="dbt_project/models/marts/customers/identity_health.sql",
    )
    rules.unique_key()
    rules.filled("as_of_date", *COUNTS, why="Every day counts the same things.")
    for column in COUNTS:
        rules.between(column, "0", None, why="It is a count.", fix=f"Look at {column} in identity_health.sql.")
    rules.never(
        "sizes_are_in_order",
        "t.p99_cluster > t.largest_cluster or t.largest_cluster > t.identifiers or t.customers > t.identifiers "
        "or t.clusters_over_limit > t.customers",
        observed="t.p99_cluster || ' / ' || t.largest_cluster || ' / ' || t.identifiers",
        expectation="p99_cluster <= largest_cluster <= identifiers, and customers <= identifiers",
        why="A customer has one identifier at least, and none has more than all have.",
        fix="Look at how identity_health.sql counts customer_identifiers.",
        column="largest_cluster",
    )
    rules.rows(
        "agrees_with_customer_identifiers",
        f"select cast({settings.day} as varchar) as row_key, "
        "coalesce(cast(t.customers as varchar), 'no row') || ' customers, ' || cast(c.customers as varchar) || "
        "' in customer_identifiers' as observed_value "
        "from (select count(distinct customer_id) as customers, count(*) as identifiers "
        "from marts.customer_identifiers) as c "
        f"left join {{batch}} as t on t.as_of_date = {settings.day} "
        "where (c.customers > 0 or t.customers is not null) "
        "and (t.customers is distinct from c.customers or t.identifiers is distinct from c.identifiers)",
        expectation="the day has a row, with the customers and identifiers of customer_identifiers",
        why="Figures that differ from the tables that they sum up are trusted by nobody.",
        fix="Look at how identity_health.sql counts, and at with_history: it must add the rows of this day.",
        whole_table=True,
        population=f"select count(*) from {{batch}} as t where t.as_of_date = {settings.day}",
    )
    _does_not_jump(rules, settings)
    return rules.build()


def _does_not_jump(rules: SuiteBuilder, settings: Settings) -> None:
    """What no ordinary day does to identity. Without a release before there is nothing to compare with."""
    limits = settings.identity_jump_limits
    days = (
        f"(select greatest(1, abs(datediff('day', max(b.as_of_date), {settings.day}))) "
        "from computed.identity_baselines as b where b.baseline = 'current')"
    )
    fix = (
        "Find what landed new (load_ledger) and joins them: `tributary refresh --dry-run` tells the causes. A broken "
        "export: mend or remove it. A value that many share: block it in vars.identity_blocked_patterns. Where all "
        "is as it should be, waive this rule for a day in seeds/waivers.csv."
    )
    rules.rows(
        "largest_cluster_does_not_jump",
        "select t.customer_id as row_key, cast(count(*) as varchar) || ' identifiers, the largest had ' || "
        f"cast((select max(size) from ({_CURRENT})) as varchar) as observed_value "
        "from marts.customer_identifiers as t group by t.customer_id "
        # Without a release before, the bound is unknown, and greatest() would leave it out.
        f"having (select count(*) from ({_CURRENT})) > 0 and "
        f"count(*) > greatest({settings.identity_cluster_limit}, {limits['largest_factor']} * {days} * "
        f"(select max(size) from ({_CURRENT})))",
        expectation=(
            f"no customer is larger than {limits['largest_factor']} times the largest of the current release, "
            f"above {settings.identity_cluster_limit} identifiers"
        ),
        why="A customer that grows that much in a day is a crowd, and the graph of the last release is better.",
        fix=fix,
        column="largest_cluster",
        population="select count(distinct customer_id) from marts.customer_identifiers",
        unit="customers",
    )
    rules.rows(
        "merges_do_not_jump",
        "select m.to_customer_id as row_key, cast(count(*) as varchar) || ' customers absorbed, ' || "
        "cast(max(m.merged) as varchar) || ' in all' as observed_value from (select c.to_customer_id, "
        "count(*) over () as merged from intermediate.int_identity_changes_found as c "
        "join computed.identity_baselines as b on b.release = c.release and b.baseline = 'current' "
        "where c.effect = 'merged' and c.change <> 'steward') as m group by m.to_customer_id "
        f"having max(m.merged) > {days} * greatest({limits['merged_customers']}, "
        f"{limits['merged_share']} * (select count(*) from ({_CURRENT})))",
        expectation=(
            f"at most {limits['merged_customers']} customers of the current release, or a share of "
            f"{limits['merged_share']} of them, merge into others in a day, stewards' decisions aside"
        ),
        why="Identities settle slowly: many merges at once are one fault many times.",
        fix=fix,
        column="merges_since_last",
        population=f"select count(*) from ({_CURRENT})",
        unit="customers",
    )
