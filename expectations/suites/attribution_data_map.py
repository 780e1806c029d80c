"""Where the figures of attribution come from."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder, literal
from expectations.settings import Settings

# Each table of figures with the columns that say what a row is; all others are figures.
FIGURES = {
    "attribution_by_channel": ("converted_on", "model", "channel"),
    "attribution_by_campaign": ("converted_on", "model", "campaign"),
    "attribution_by_segment": ("month", "model", "segment", "channel"),
    "attribution_reconciliation": ("month", "conversion_type", "model"),
    "attribution_model_agreement": ("channel",),
}


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="attribution_data_map",
        relation="marts.attribution_data_map",
        owner="marketing_analytics",
        key=("table_name", "column_name", "step"),
        grain="figure column and step",
        model="dbt_project/models/marts/attribution/attribution_data_map.sql",
    )
    rules.unique_key()
    rules.filled(
        *("table_name", "column_name", "step", "reads_table", "reads_columns", "joined_by", "formula", "compared_by"),
        *("query", "is_published"),
        why="A step that leaves something unsaid cannot be followed.",
    )
    rules.rows(
        "steps_run_from_one",
        "select t.table_name || '.' || t.column_name as row_key, count(*) || ' steps, the last ' || max(t.step) "
        "as observed_value from {batch} as t group by t.table_name, t.column_name "
        "having min(t.step) <> 1 or max(t.step) <> count(*)",
        expectation="the steps of each figure count from 1",
        why="Steps are followed in their order, and a gap looks like a step that is missing.",
        fix="Look at step in attribution_data_map.sql.",
        column="step",
    )
    rules.rows(
        "what_is_read_is_there",
        "select t.table_name || '.' || t.column_name || ' | ' || t.step as row_key, t.reads_table as observed_value "
        "from {batch} as t where not exists (select 1 from information_schema.tables as i "
        "where i.table_schema || '.' || i.table_name = t.reads_table)",
        expectation="reads_table is a table of the warehouse",
        why="A step that reads what is not there cannot be run.",
        fix="A table was renamed: change it in attribution_data_map.sql, too.",
        column="reads_table",
        severity=Severity.WARNING,
    )
    listed = ", ".join(
        f"({literal(table)}, {literal(column)})" for table, columns in FIGURES.items() for column in columns
    )
    tables = ", ".join(literal(table) for table in FIGURES)
    rules.rows(
        "every_figure_is_there",
        "select coalesce(c.table_name || '.' || c.column_name, t.table_name || '.' || t.column_name) as row_key, "
        "c.data_type as observed_value from (select table_name, column_name, data_type from information_schema.columns "
        f"where table_schema = 'marts' and table_name in ({tables}) "
        f"and (table_name, column_name) not in ({listed})) as c "
        "full join (select distinct table_name, column_name from {batch} as b) as t "
        "on t.table_name = c.table_name and t.column_name = c.column_name "
        "where c.table_name is null or t.table_name is null",
        expectation="every figure of the tables of attribution is mapped, and nothing else is",
        why="A figure outside of the map is one of which nobody can say where it comes from.",
        fix="Add the column to figures, or to of_the_row, in attribution_data_map.sql.",
        column="column_name",
        severity=Severity.WARNING,
        population=(
            f"select count(*) from information_schema.columns where table_schema = 'marts' and table_name in ({tables})"
        ),
        unit="columns",
    )
    return rules.build()
