"""newest_visible against a brute-force reading of the rule, over random exports with ties and nulls."""

from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MACROS = Path(__file__).resolve().parents[2] / "dbt_project" / "macros"
AS_OF = date(2024, 1, 2)
CUTOFF = datetime(2024, 1, 3)

KEYS = ["key_a", "key_b"]
COLUMNS = [*KEYS, "updated_at", "happened_at", "happened_on", "_file", "_line", "_export_date"]


def compiled(call: str, primary_key: list[str], version: str | None) -> str:
    """The SQL that a model would get from the macro, for a raw table of its own."""
    macros = "".join((MACROS / name).read_text() for name in ("as_of.sql", "newest_visible.sql"))
    meta = {key: value for key, value in (("primary_key", primary_key), ("version", version)) if value}
    contract = SimpleNamespace(source_name="shop", name="thing", config=SimpleNamespace(meta=meta))
    variables = {"as_of_date": AS_OF.isoformat(), "cutoff_at": CUTOFF.isoformat(sep=" ")}
    template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(macros + "{{ " + call + " }}")
    return template.render(
        execute=True,
        graph={"sources": {"source.shop.thing": contract}},
        source=lambda schema, table: table,
        var=variables.__getitem__,
    )


def newest(rows, seen, primary_key, version):
    """Of the rows that are seen, the greatest of each key; a null is less than any value."""

    def rank(row):
        deciding = ([version] if version else []) + ["_export_date", "_file", "_line"]
        return [(row[name] is not None, row[name]) for name in deciding]

    if not primary_key:
        return [row for row in rows if seen(row)]
    picked = {}
    for row in filter(seen, rows):
        key = tuple(row[name] for name in primary_key)
        if key not in picked or rank(row) > rank(picked[key]):
            picked[key] = row
    return list(picked.values())


def literal(value):
    return "null" if value is None else f"'{value}'"


def read(connection, rows, sql):
    connection.execute("delete from thing")
    if rows:
        values = ", ".join(f"({', '.join(literal(row[name]) for name in COLUMNS)})" for row in rows)
        connection.execute(f"insert into thing values {values}")
    found = connection.execute(f"select {', '.join(COLUMNS)} from ({sql}) as picked").fetchall()
    return sorted(found, key=repr)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute(
            "create table thing (key_a varchar, key_b varchar, updated_at timestamp, happened_at timestamp, "
            "happened_on date, _file varchar, _line bigint, _export_date date)"
        )
        yield opened


days = st.sampled_from([None, date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)])
times = st.sampled_from([None, datetime(2024, 1, 1), datetime(2024, 1, 2, 23, 59, 59, 999999), CUTOFF])
exports = st.lists(
    st.fixed_dictionaries(
        {
            "key_a": st.sampled_from(["1", "2"]),
            "key_b": st.sampled_from([None, "", "x"]),
            "updated_at": times,
            "happened_at": times,
            "happened_on": days,
            "_file": st.sampled_from(["dt=1/a.csv", "dt=1/b.csv", "dt=10/a.csv"]),
            "_export_date": days,
        }
    ),
    max_size=12,
)

SEEN = {
    "file": ("", lambda row: row["_export_date"] is None or row["_export_date"] <= AS_OF),
    "time": (
        ", happened_at='happened_at'",
        lambda row: SEEN["file"][1](row) and (row["happened_at"] is None or row["happened_at"] < CUTOFF),
    ),
    "day": (
        ", happened_on='happened_on'",
        lambda row: SEEN["file"][1](row) and (row["happened_on"] is None or row["happened_on"] <= AS_OF),
    ),
    "always": (", any_export_date=true", lambda row: True),
}


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize(
    ("primary_key", "version"), [(KEYS, "updated_at"), (KEYS, None), (["key_a"], "updated_at"), ([], None)]
)
@settings(max_examples=30, deadline=None)
@given(exports=exports)
def test_the_newest_of_what_is_seen_is_picked(connection, seen, primary_key, version, exports):
    rows = [{**row, "_line": line} for line, row in enumerate(exports, start=2)]
    arguments, is_seen = SEEN[seen]
    sql = compiled(f"newest_visible('shop', 'thing'{arguments})", primary_key, version)
    expected = [tuple(row[name] for name in COLUMNS) for row in newest(rows, is_seen, primary_key, version)]
    assert read(connection, rows, sql) == sorted(expected, key=repr)


def test_a_normalised_key_takes_the_place_of_the_primary_key(connection):
    row = dict.fromkeys(COLUMNS)
    rows = [
        {**row, "key_a": "eur", "_file": "a.csv", "_line": 2},
        {**row, "key_a": "EUR", "_file": "a.csv", "_line": 3},
        {**row, "key_a": "usd", "_file": "a.csv", "_line": 4},
    ]
    sql = compiled("newest_visible('shop', 'thing', keys=['upper(key_a)'])", ["key_a"], None)
    assert [picked[0] for picked in read(connection, rows, sql)] == ["EUR", "usd"]
