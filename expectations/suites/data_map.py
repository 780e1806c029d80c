"""What every published column is."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings

# Columns that identify a person wherever they stand; `name` itself names campaigns and segments too.
IDENTIFYING_COLUMNS = (
    "email",
    "phone",
    "phone_number",
    "first_name",
    "last_name",
    "full_name",
    "street",
    "address",
    "address_1",
    "postcode",
    "zip",
    "ip",
    "ip_address",
    "date_of_birth",
    "anonymous_id",
)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="data_map",
        relation="marts.data_map",
        owner="data_platform",
        key=("table_name", "column_name"),
        grain="published column",
        model="dbt_project/models/marts/operations/data_map.sql",
    )
    rules.unique_key()
    rules.filled(
        "table_name",
        "column_name",
        "data_type",
        "owner",
        "pii",
        why="The map answers for every column what it is, whose it is and whether it names a person.",
    )
    rules.never(
        "columns_are_described",
        "coalesce(trim(t.description), '') = ''",
        observed="t.data_type",
        expectation="every column has a description",
        why="A column that nobody describes is read in as many ways as it has readers.",
        fix="Write a sentence in the YAML beside the model.",
        column="description",
        severity=Severity.WARNING,
    )
    rules.rows(
        "identifying_columns_are_restricted",
        "select table_schema || '.' || table_name || '.' || column_name as row_key, data_type as "
        "observed_value "
        "from information_schema.columns where table_schema = 'marts' and lower(column_name) in ("
        + ", ".join(f"'{column}'" for column in IDENTIFYING_COLUMNS)
        + ")",
        expectation="no table outside restricted has a column for a direct identifier",
        why="Everything outside restricted is open to BI.",
        fix="Move the column to a model in dbt_project/models/marts/restricted, or hash it.",
        column="column_name",
        population="select count(*) from information_schema.columns as counted where table_schema = 'marts'",
        unit="columns",
    )
    rules.rows(
        "every_column_is_there",
        "select c.table_name || '.' || c.column_name as row_key, c.data_type as observed_value "
        "from information_schema.columns as c where c.table_schema in ('marts', 'restricted') and not "
        "exists ("
        "select 1 from {batch} as t where t.column_name = c.column_name and "
        "t.table_name in (c.table_name, c.table_schema || '.' || c.table_name))",
        expectation="every column of every published table is in the map",
        why="A column outside of the map has no owner, and nobody said whether it names a person.",
        fix="data_map is built from dbt's manifest: run the refresh with the manifest of this very code.",
        column="column_name",
        severity=Severity.WARNING,
        population="select count(*) from information_schema.columns as counted "
        "where table_schema in ('marts', 'restricted')",
        unit="columns",
    )
    return rules.build()
