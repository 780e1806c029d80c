"""The ways that customers came: what the data-driven models learn from."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="conversion_paths",
        relation="marts.conversion_paths",
        owner="marketing_analytics",
        key=("path_transform", "path"),
        grain="path and transform",
        model="dbt_project/models/marts/attribution/conversion_paths.sql",
    )
    rules.unique_key()
    rules.filled(
        *("path", "path_transform", "path_length", "conversions", "non_conversions", "revenue"),
        why="Models learn from how often each path was gone; a null is no number.",
    )
    rules.one_of(
        "path_transform",
        ("full", "collapsed"),
        why="Both hold the same journeys: who does not part them by these words counts all of them twice.",
        fix="Look at the two branches of conversion_paths.sql.",
    )
    rules.never(
        "path_length_is_the_paths",
        "t.path_length <> len(t.path) or t.path_length < 1",
        observed="t.path_length",
        expectation="path_length is the number of entries of path, at least 1",
        why="Paths are counted and drawn by their length.",
        fix="Look at path_length in conversion_paths.sql.",
        column="path_length",
    )
    rules.never(
        "counts_are_counts",
        "t.conversions < 0 or t.non_conversions < 0 or t.conversions + t.non_conversions = 0 or t.revenue < 0 "
        "or (t.conversions = 0 and t.revenue <> 0)",
        observed="concat_ws(' / ', t.conversions, t.non_conversions, t.revenue)",
        expectation="a path was gone at least once, and earned something only where it led to a conversion",
        why="A path that nobody went, or that earned without a conversion, teaches the models what never happened.",
        fix="Look at the sums in conversion_paths.sql.",
    )
    rules.never(
        "collapsed_paths_do_not_repeat",
        "t.path_transform = 'collapsed' and "
        "len(list_filter(t.path, lambda channel, i: i > 1 and channel = t.path[i - 1])) > 0",
        observed="t.path",
        expectation="no channel of a collapsed path follows itself",
        why="A repeat that is left in splits one way into several.",
        fix="Look at collapsed_path in conversion_paths.sql.",
        column="path",
    )
    rules.rows(
        "agrees_with_conversions",
        "select k.path_transform as row_key, concat_ws(' / ', coalesce(t.conversions, 0), c.conversions, "
        "coalesce(t.non_conversions, 0), n.customers, coalesce(t.revenue, 0), c.revenue) as observed_value "
        "from (values ('full'), ('collapsed')) as k (path_transform) left join (select path_transform, "
        "sum(conversions) as conversions, sum(non_conversions) as non_conversions, sum(revenue) as revenue "
        "from {batch} as p group by path_transform) as t on t.path_transform = k.path_transform "
        "cross join (select count(*) as conversions, coalesce(sum(revenue), 0) as revenue from marts.conversions "
        "where path_length > 0) as c cross join (select count(distinct p.customer_id) as customers "
        "from marts.touchpoints as p where not exists "
        "(select 1 from marts.conversions as c where c.customer_id = p.customer_id)) as n "
        "where coalesce(t.conversions, 0) <> c.conversions or coalesce(t.non_conversions, 0) <> n.customers "
        "or coalesce(t.revenue, 0) <> c.revenue",
        expectation=(
            "each transform holds every conversion with a path and every customer with touches who never converted"
        ),
        why="Models that see only those who bought believe that every channel sells.",
        fix="Compare the counts with conversions and touchpoints, then look at steps in conversion_paths.sql.",
    )
    return rules.build()
