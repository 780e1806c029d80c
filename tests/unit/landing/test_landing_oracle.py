"""Random CSV and JSON-lines files, loaded, against a reading of the same bytes in plain Python."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.lib.landing.contracts import Column, TableContract
from orchestration.lib.landing.load import load_landing

CONTRACT = TableContract(
    source="shop",
    table="thing",
    primary_key=("id",),
    columns=(
        Column("id", "string", required=True, id=True),
        Column("amount", "number"),
        Column("count", "integer"),
        Column("seen_at", "timestamp"),
        Column("name", "string"),
    ),
)
NAMES = [c.name for c in CONTRACT.columns]

texts = st.text(st.sampled_from('ab1 ",\n\r;=é🎈\t\u00a0'), max_size=6).filter(
    lambda t: "\r" not in t.replace("\r\n", "")
)
numbers = st.sampled_from(["", "1", "-2.50", "1e3", "1,000", "inf", "NaN", " 7 ", "3.0", "3.5", ".5", "5.", "x", "--1"])
times = st.sampled_from(
    ["", "2024-02-29", "2023-02-29", "2024-01-01T00:00:00Z", "2024-01-01 10:00:00+0530", "1700000000000", "17", "soon"]
)
rows = st.tuples(st.one_of(texts, st.sampled_from(["1", " 2 ", ""])), numbers, numbers, times, texts)


def number(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def whole(text: str) -> int | None:
    value = number(text)
    return int(value) if value is not None and value == int(value) else None


def instant(text: str) -> datetime | None:
    if re.fullmatch(r"\d{11,14}", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC).replace(tzinfo=None)
    try:
        value = datetime.fromisoformat(text) if len(text) >= 10 else None
    except ValueError:
        return None
    return value.astimezone(UTC).replace(tzinfo=None) if value and value.tzinfo else value


def expected(fields: dict[str, str | None], line: int):
    """('good', row) or ('bad', line, column, reason) of one record, read as landing.md says."""
    row: list[object] = []
    kinds = {
        "amount": (number, "not_a_number"),
        "count": (whole, "not_an_integer"),
        "seen_at": (instant, "not_a_timestamp"),
    }
    for name in NAMES:
        text = fields[name] or ""
        bare = text.strip()
        if name == "id" and not bare:
            return ("bad", line, "id", "required_null")
        if name in kinds:
            cast, reason = kinds[name]
            value = cast(bare) if bare else None
            if bare and value is None:
                return ("bad", line, name, reason)
            row.append(value)
        else:
            row.append((bare if name == "id" else text) if bare else None)
    return ("good", (*row, line))


def loaded(name: str, content: bytes):
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        file = Path(folder) / "landing" / "shop" / "thing" / "dt=2024-01-01" / name
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        load_landing(con, Path(folder) / "landing", [CONTRACT], datetime(2024, 1, 1), Path(folder))
        (status, read, good, bad) = con.execute(
            "select status, rows_read, rows_loaded, rows_quarantined from ops.load_ledger"
        ).fetchone()
        assert read == good + bad
        found = con.execute(f"select {', '.join(NAMES)}, _line from raw_shop.thing order by _line").fetchall()
        quarantined = con.execute("select line, column_name, reason from ops.quarantine order by line").fetchall()
        assert (len(found), len(quarantined)) == (good, bad)
        return status, found, quarantined


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(rows, max_size=8), st.sampled_from(["\n", "\r\n"]), st.lists(st.integers(0, 8), max_size=2), st.booleans()
)
def test_csv_files_load_as_the_csv_module_reads_them(records, end, cut, order_mark):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end)
    writer.writerow(NAMES)
    for position, record in enumerate(records):
        writer.writerow(record[:3] if position in cut else record)
    content = out.getvalue()

    want_good, want_bad = [], []
    reader = csv.reader(io.StringIO(content, newline=""))
    next(reader)
    before = reader.line_num
    for fields in reader:
        line, before = before + 1, reader.line_num
        if not fields:
            continue
        if len(fields) != len(NAMES):
            want_bad.append((line, None, "malformed_row"))
            continue
        verdict = expected(dict(zip(NAMES, fields, strict=True)), line)
        want_good.append(verdict[1]) if verdict[0] == "good" else want_bad.append(verdict[1:])
    status, good, bad = loaded("a.csv", (b"\xef\xbb\xbf" if order_mark else b"") + content.encode())
    assert status == ("loaded" if want_good or want_bad else "empty")
    assert (good, bad) == (want_good, want_bad)


json_values = st.one_of(texts, numbers, times, st.none(), st.integers(-(10**20), 10**20), st.booleans())
objects = st.dictionaries(st.sampled_from([*NAMES, "new"]), json_values, max_size=5)
lines = st.one_of(objects.map(json.dumps), st.sampled_from(["", "[1]", "nope", "3", '"text"', "null"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, max_size=8))
def test_json_lines_load_as_the_json_module_reads_them(written):
    parsed = []
    for line, text in enumerate(written, start=1):
        if text:
            try:
                value = json.loads(text)
            except ValueError:
                value = None
            parsed.append((line, value if isinstance(value, dict) else None))
    objects_found = [value for _, value in parsed if value is not None]
    status, good, bad = loaded("a.jsonl", "\n".join(written).encode())
    if objects_found and not any("id" in value for value in objects_found):
        assert (status, good, bad) == ("rejected", [], [])
        return
    present = {name for value in objects_found for name in value}
    want_good, want_bad = [], []
    for line, value in parsed:
        if value is None:
            want_bad.append((line, None, "malformed_row"))
            continue
        fields = {n: _text(value.get(n)) if n in present else None for n in NAMES}
        verdict = expected(fields, line)
        want_good.append(verdict[1]) if verdict[0] == "good" else want_bad.append(verdict[1:])
    assert status == ("loaded" if parsed else "empty")
    assert (good, bad) == (want_good, want_bad)


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
