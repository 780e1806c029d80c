"""Every fault that a landed file can have ends where landing.md says; nothing is dropped silently."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.landing.contracts import Column, TableContract
from orchestration.lib.landing.load import load_landing

CONTRACT = TableContract(
    source="shop",
    table="thing",
    primary_key=("id",),
    columns=(
        Column("id", "string", required=True, id=True),
        Column("name", "string", pii=True),
        Column("amount", "number"),
        Column("count", "integer"),
        Column("is_new", "boolean"),
        Column("seen_at", "timestamp", required=True),
        Column("born_on", "date"),
        Column("extra", "json"),
        Column("nick_name", "string", header="Nick Name"),
    ),
)
LOADED_AT = datetime(2024, 1, 1)
HEADER = "id,name,amount,count,is_new,seen_at,born_on,extra,Nick Name\n"


class Landing:
    """A landing folder and a warehouse in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "landing"
        self.folder.mkdir()
        self.scratch = folder / "scratch"
        self.con = duckdb.connect()

    def put(self, path: str, content: str | bytes) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def load(self):
        return load_landing(self.con, self.folder, [CONTRACT], LOADED_AT, self.scratch)

    def rows(self, columns: str = "id", order: str = "_file, _line"):
        return self.con.execute(f"select {columns} from raw_shop.thing order by {order}").fetchall()

    def ledger(self, path: str):
        row = self.con.execute(
            "select status, rows_read, rows_loaded, rows_quarantined, reason, drift from ops.load_ledger "
            "where file = ?",
            [path],
        ).fetchone()
        assert row is not None, f"{path} is not in the ledger"
        assert row[1] == row[2] + row[3]
        return row

    def quarantine(self):
        return self.con.execute(
            "select file, line, column_name, reason, raw_text from ops.quarantine order by file, line"
        ).fetchall()


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


FILE = "shop/thing/dt=2024-01-01/a.csv"
GOOD = "1,Ada,1.5,3,yes,2024-01-01T10:00:00Z,1990-01-01,{},nick\n"


@pytest.mark.parametrize(
    ("field", "position", "column", "reason"),
    [
        ("", 0, "id", "required_null"),
        ("  ", 0, "id", "required_null"),
        ("", 5, "seen_at", "required_null"),
        ("abc", 2, "amount", "not_a_number"),
        ('"1,234"', 2, "amount", "not_a_number"),
        ("inf", 2, "amount", "not_a_number"),
        ("nan", 2, "amount", "not_a_number"),
        ("1e999", 2, "amount", "not_a_number"),
        ("1_000", 2, "amount", "not_a_number"),
        ("0x10", 2, "amount", "not_a_number"),
        ("3.5", 3, "count", "not_an_integer"),
        ("99999999999999999999", 3, "count", "not_an_integer"),
        ("maybe", 4, "is_new", "not_a_boolean"),
        ("yesterday", 5, "seen_at", "not_a_timestamp"),
        ("2024-02-30", 5, "seen_at", "not_a_timestamp"),
        ("2024/01/01", 5, "seen_at", "not_a_timestamp"),
        ("1234567890", 5, "seen_at", "not_a_timestamp"),
        ("infinity", 5, "seen_at", "not_a_timestamp"),
        ("01.02.1990", 6, "born_on", "not_a_date"),
        ("{", 7, "extra", "not_json"),
        ('"{""a"": NaN}"', 7, "extra", "not_json"),
        ("Infinity", 7, "extra", "not_json"),
        ("3.00000000000000000001", 3, "count", "not_an_integer"),
        ("2024-01-01T10:00:00+99:99", 5, "seen_at", "not_a_timestamp"),
        ("0000-01-01", 5, "seen_at", "not_a_timestamp"),
        ("9999-12-31T23:59:59-01:00", 5, "seen_at", "not_a_timestamp"),
    ],
)
def test_a_bad_field_goes_to_quarantine_and_the_rest_loads(landing, field, position, column, reason):
    fields = GOOD.strip().split(",")
    fields[position] = field
    bad = ",".join(fields)
    landing.put(FILE, HEADER + GOOD + bad + "\n" + GOOD.replace("1,", "2,", 1))
    landing.load()
    assert landing.ledger(FILE)[:4] == ("loaded", 3, 2, 1)
    assert landing.quarantine() == [(FILE, 3, column, reason, bad)]
    assert landing.rows("id, _line") == [("1", 2), ("2", 4)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-01", datetime(2024, 1, 1)),
        ("2024-01-01 10:00", datetime(2024, 1, 1, 10)),
        ("2024-01-01T10:00:00.25", datetime(2024, 1, 1, 10, 0, 0, 250000)),
        ("2024-01-01T10:00:00Z", datetime(2024, 1, 1, 10)),
        ("2024-01-01 10:00:00 UTC", datetime(2024, 1, 1, 10)),
        ("2024-01-01T10:00:00+02", datetime(2024, 1, 1, 8)),
        ("2024-01-01T10:00:00+0230", datetime(2024, 1, 1, 7, 30)),
        ("2024-01-01T10:00:00-05:00", datetime(2024, 1, 1, 15)),
        ("2024-01-01 10:00:00 +02:00", datetime(2024, 1, 1, 8)),
        ("1704103200000", datetime(2024, 1, 1, 10)),
        ("99999999999", datetime(1973, 3, 3, 9, 46, 39, 999000)),
    ],
)
def test_timestamps_are_read_as_utc(landing, text, value):
    landing.put(FILE, f"id,seen_at\n1,{text}\n")
    landing.load()
    assert landing.rows("seen_at") == [(value,)]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("count", "3.0", 3),
        ("count", "1.2e2", 120),
        ("extra", '[""NaN and inf""]', '["NaN and inf"]'),
        ("count", "+7", 7),
        ("count", "9007199254740993", 9007199254740993),
        ("amount", "1e3", 1000.0),
        ("amount", ".5", 0.5),
        ("is_new", "F", False),
        ("is_new", "1", True),
        ("born_on", "1990-05-06T23:00:00-05:00", datetime(1990, 5, 6).date()),
        ("name", "NULL", "NULL"),
        ("name", "NaN", "NaN"),
        ("name", "  spaced  ", "  spaced  "),
        ("name", "=1+1; 'x' 🎈", "=1+1; 'x' 🎈"),
        ("name", "   ", None),
        ("nick_name", "kept", "kept"),
    ],
)
def test_values_come_out_as_they_went_in(landing, column, text, value):
    header = "Nick Name" if column == "nick_name" else column
    landing.put(FILE, f'id,seen_at,{header}\n 1 ,2024-01-01,"{text}"\n')
    landing.load()
    assert landing.rows(f"id, {column}") == [("1", value)]


def test_headers_match_without_case_order_mark_or_white_space(landing):
    landing.put(FILE, "\ufeffSEEN_AT, Id ,NICK name,new\r\n2024-01-01,1,n,x\r\n")
    landing.load()
    assert landing.rows("id, nick_name") == [("1", "n")]
    assert landing.ledger(FILE)[5] == ("unknown: new; missing: name, amount, count, is_new, born_on, extra")


def test_quoted_newlines_keep_their_line_numbers_and_carriage_returns(landing):
    landing.put(FILE, 'id,name,seen_at\r\n1,"a\r\nb\n\nc",2024-01-01\r\n2,"x",no\r\n3,,2024-01-01')
    landing.load()
    assert landing.rows("id, name, _line") == [("1", "a\r\nb\n\nc", 2), ("3", None, 7)]
    assert landing.quarantine() == [(FILE, 6, "seen_at", "not_a_timestamp", '2,"x",no')]


def test_rows_of_another_width_are_malformed_and_blank_lines_are_no_rows(landing):
    landing.put(
        FILE, 'id,name,seen_at\n1,a,2024-01-01\n2,b\n\n3,c,2024-01-01,x\n4,"q ""z"", w",2024-01-01\n,x,2024-01-01\n'
    )
    landing.load()
    assert landing.ledger(FILE)[:4] == ("loaded", 5, 2, 3)
    assert landing.rows("id, name, _line") == [("1", "a", 2), ("4", 'q "z", w', 6)]
    assert landing.quarantine() == [
        (FILE, 3, None, "malformed_row", "2,b"),
        (FILE, 5, None, "malformed_row", "3,c,2024-01-01,x"),
        (FILE, 7, "id", "required_null", ",x,2024-01-01"),
    ]


@pytest.mark.parametrize("blank", ["\n", "\n\n", "\r\n"])
def test_blank_lines_before_the_header_are_no_header(landing, blank):
    landing.put(FILE, f"{blank}id,seen_at\n1,2024-01-01\n2,bad\n")
    landing.load()
    assert landing.ledger(FILE)[:4] == ("loaded", 2, 1, 1)
    first = 2 + blank.count("\n")
    assert landing.rows("id, _line") == [("1", first)]
    assert landing.quarantine()[0][1:] == (first + 1, "seen_at", "not_a_timestamp", "2,bad")


def test_a_file_whose_every_row_is_bad_is_loaded(landing):
    landing.put(FILE, "id,seen_at\n,x\n1\n")
    landing.load()
    assert landing.ledger(FILE)[:4] == ("loaded", 2, 0, 2)


def test_a_row_with_several_faults_counts_once_under_its_first_column_in_contract_order(landing):
    landing.put(FILE, "seen_at,count,id\nbad,bad,\n")
    landing.load()
    assert landing.quarantine() == [(FILE, 2, "id", "required_null", "bad,bad,")]


def test_a_field_of_megabytes_is_ordinary(landing):
    landing.put(FILE, "id,seen_at,name\n1,2024-01-01," + "x" * 3_000_000 + "\n2,2024-01-01,y\n")
    landing.put("shop/thing/dt=2024-01-02/b.csv", 'id,seen_at,name\n1,2024-01-01,"' + "x\n" * 20_000_000 + '"\n2\n')
    landing.load()
    assert landing.rows("length(name)") == [(3_000_000,), (1,), (40_000_000,)]
    assert landing.quarantine()[0][1:4] == (20_000_003, None, "malformed_row")


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        (b"id,name\n1,a\n", "rejected", "seen_at"),
        (b"id,seen_at,ID\n1,2024-01-01,2\n", "rejected", "two columns are named id"),
        (b"", "empty", None),
        (b"id,seen_at\n", "empty", None),
        (b"id,seen_at\n\n\n", "empty", None),
        (b"id,seen_at\n1\xff,2024-01-01\n", "unreadable", "UTF-8"),
        (b"id,seen_at\n1,2024-01-01\n2,\xc3", "unreadable", "UTF-8"),
        (b'id,seen_at\n1,2024-01-01\n2,"2024', "unreadable", "never closed"),
        (b"id,seen_at\r1,2024-01-01\r2,2024-01-01\r", "unreadable", "carriage returns"),
        (b"id,seen_at\r1,2024-01-01\r2,2024-01-01\n3,2024-01-01\n", "unreadable", "carriage returns"),
        ("id,seen_at\n1,2024-01-01\n".encode("utf-16"), "unreadable", "UTF-8"),
    ],
)
def test_a_file_that_cannot_load_says_why_and_the_others_load(landing, content, status, says):
    landing.put(FILE, content)
    landing.put("shop/thing/dt=2024-01-01/b.csv", "id,seen_at\n9,2024-01-01\n")
    landing.load()
    found = landing.ledger(FILE)
    assert found[:4] == (status, 0, 0, 0)
    assert says is None or says in found[4]
    assert landing.rows() == [("9",)]


def test_damaged_archives_are_unreadable(landing):
    whole = gzip.compress(b"id,seen_at\n1,2024-01-01\n")
    landing.put("shop/thing/dt=2024-01-01/cut.csv.gz", whole[:-5])
    landing.put("shop/thing/dt=2024-01-01/bad.csv.gz", whole[:12] + b"\0\0\0" + whole[15:])
    landing.put("shop/thing/dt=2024-01-01/two.csv.gz", whole + gzip.compress(b"2,2024-01-01\n"))
    landing.con.execute(
        "copy (select '3' as id, timestamp '2024-01-01' as seen_at) to '%s' (format parquet)"
        % (landing.folder / "p.parquet")
    )
    parquet = (landing.folder / "p.parquet").read_bytes()
    (landing.folder / "p.parquet").unlink()
    landing.put("shop/thing/dt=2024-01-01/cut.parquet", parquet[:-9])
    landing.put("shop/thing/dt=2024-01-01/whole.parquet", parquet)
    landing.load()
    for name in ("cut.csv.gz", "bad.csv.gz", "cut.parquet"):
        assert landing.ledger(f"shop/thing/dt=2024-01-01/{name}")[0] == "unreadable"
    assert landing.rows("id, _line") == [("1", 2), ("2", 3), ("3", 1)]


def test_json_lines(landing):
    path = "shop/thing/dt=2024-01-01/a.jsonl"
    landing.put(
        path,
        '{"ID": 12345678901234567890123, "seen_at": "2024-01-01", "Extra": {"a": [1]}}\r\n'
        '[1]\n\n{"seen_at": 1704103200000}\nnot json\n{"id": "x", "seen_at": "2024-01-01", "name": null, "count": 3.0}',
    )
    landing.put("shop/thing/dt=2024-01-01/bad.jsonl", "nope\n[2]\n")
    landing.put("shop/thing/dt=2024-01-01/lacks.jsonl", '{"id": 1}\n{"id": 2}\n')
    landing.put("shop/thing/dt=2024-01-01/twice.jsonl", '{"id": 1, " ID": 2, "seen_at": "2024-01-01"}\n')
    landing.load()
    assert landing.ledger(path)[:4] == ("loaded", 5, 2, 3)
    assert landing.rows("id, extra, count, _line") == [
        ("12345678901234567890123", '{"a":[1]}', None, 1),
        ("x", None, 3, 6),
    ]
    assert [q[1:4] for q in landing.quarantine() if q[0] == path] == [
        (2, None, "malformed_row"),
        (4, "id", "required_null"),
        (5, None, "malformed_row"),
    ]
    assert landing.ledger("shop/thing/dt=2024-01-01/bad.jsonl")[:4] == ("loaded", 2, 0, 2)
    assert landing.ledger("shop/thing/dt=2024-01-01/lacks.jsonl")[0] == "rejected"
    assert landing.ledger("shop/thing/dt=2024-01-01/twice.jsonl")[0] == "rejected"


def test_parquet_types_become_contract_types(landing):
    folder = landing.folder / "shop/thing/dt=2024-01-01"
    folder.mkdir(parents=True)
    landing.con.execute(
        "copy (select * from (values "
        "(12345678901234567::bigint, 3.0::double, true, timestamptz '2024-01-01 10:00:00+02', date '1990-01-01', "
        " {'a': 1}, 7.0::double), "
        "(null, 3.5, null, timestamptz '2024-01-01 10:00:00+02', null, null, null)) "
        f"as t(id, count, is_new, seen_at, born_on, extra, nick_name)) to '{folder}/a.parquet' (format parquet)"
    )
    landing.load()
    # A column's header decides, not its name: nick_name is no header of this contract.
    assert landing.rows("id, count, is_new, seen_at, born_on, extra, nick_name, _line") == [
        (
            "12345678901234567",
            3,
            True,
            datetime(2024, 1, 1, 8),
            datetime(1990, 1, 1).date(),
            '{"a":1}',
            None,
            1,
        )
    ]
    assert [q[1:4] for q in landing.quarantine()] == [(2, "id", "required_null")]
    assert landing.quarantine()[0][4].startswith('{"id":null,"count":3.5')


def test_places_that_no_contract_knows_are_reported(landing):
    good = "id,seen_at\n1,2024-01-01\n"
    expected = {
        "README.md": "unknown_table",
        "shop/other/dt=2024-01-01/a.csv": "unknown_table",
        "other.csv": "unknown_table",
        "shop/thing/a.csv": "unknown_table",
        "shop/thing/dt=2024-01-01/deep/a.csv": "unknown_table",
        "shop/thing/dt=2024-01-01/a.xlsx": "unknown_table",
        "shop/thing/day=2024-01-01/a.csv": "unknown_table",
        "shop/thing/dt=2024-13-01/a.csv": "rejected",
        "shop/thing/dt=today/a.csv": "rejected",
        "shop/thing.csv": "loaded",
        "shop/thing/dt=2024-01-01/a.csv": "loaded",
    }
    for path in expected:
        landing.put(path, good)
    for ignored in (".DS_Store", "_truth/x.csv", "shop/thing/dt=2024-01-01/_SUCCESS", "shop/.hidden/a.csv"):
        landing.put(ignored, good)
    landing.load()
    found = dict(landing.con.execute("select file, status from ops.load_ledger").fetchall())
    assert found == expected


def test_the_state_is_a_function_of_the_folder(landing):
    first = landing.put("shop/thing/dt=2024-01-01/b.csv", "id,seen_at\n1,2024-01-01\n")
    landing.load()
    assert landing.load().statuses == {}

    landing.put("shop/thing/dt=2024-01-01/c.csv", first.read_bytes())
    landing.load()
    assert landing.ledger("shop/thing/dt=2024-01-01/c.csv")[0] == "duplicate"
    assert landing.load().statuses == {}

    # An earlier path with the same bytes takes over; the same bytes on another date load.
    landing.put("shop/thing/dt=2024-01-01/a.csv", first.read_bytes())
    landing.put("shop/thing/dt=2024-01-02/a.csv", first.read_bytes())
    landing.load()
    assert landing.rows("_file") == [("shop/thing/dt=2024-01-01/a.csv",), ("shop/thing/dt=2024-01-02/a.csv",)]
    assert landing.ledger("shop/thing/dt=2024-01-01/b.csv")[0] == "duplicate"

    # New content at a path replaces what it held; the first duplicate steps in for what is gone.
    landing.put("shop/thing/dt=2024-01-01/a.csv", "id,seen_at\n7,2024-01-01\n8,bad\n")
    (landing.folder / "shop/thing/dt=2024-01-02/a.csv").unlink()
    landing.load()
    assert landing.rows("id, _file") == [
        ("7", "shop/thing/dt=2024-01-01/a.csv"),
        ("1", "shop/thing/dt=2024-01-01/b.csv"),
    ]
    assert len(landing.quarantine()) == 1
    first.unlink()
    (landing.folder / "shop/thing/dt=2024-01-01/a.csv").unlink()
    landing.load()
    assert landing.rows("id, _file") == [("1", "shop/thing/dt=2024-01-01/c.csv")]
    assert landing.quarantine() == []


def test_many_files_of_one_header_load_together_and_one_broken_one_does_not_hold_them_up(landing):
    for n in range(40):
        landing.put(f"shop/thing/dt=2024-01-01/{n:02}.csv", f"id,seen_at\n{n}a,2024-01-01\n{n}b,2024-01-01\n")
    landing.put("shop/thing/dt=2024-01-01/17.csv", "id,seen_at\n17a,2024-01-01\n17b\n")
    landing.put("shop/thing/dt=2024-01-01/18.csv", 'id,seen_at\n"18\na",2024-01-01\n18b,2024-01-01\n')
    landing.load()
    rows = landing.rows("_file, _line, id")
    assert len(rows) == 79
    assert ("shop/thing/dt=2024-01-01/39.csv", 3, "39b") in rows
    assert ("shop/thing/dt=2024-01-01/18.csv", 4, "18b") in rows
    assert [q[:2] for q in landing.quarantine()] == [("shop/thing/dt=2024-01-01/17.csv", 3)]


def test_names_of_columns_that_look_like_people_are_masked(landing):
    landing.put(FILE, "id,seen_at,ada@example.com\n1,2024-01-01,x\n")
    landing.load()
    assert landing.ledger(FILE)[5].startswith("unknown: [masked];")


@pytest.mark.parametrize(
    "name", ["a [1].csv", "*.csv", "what?.csv", "{a,b}.csv", "it's; drop.csv", 'say "x".csv', "é🎈.csv"]
)
def test_a_file_name_is_only_a_name(landing, name):
    landing.put(f"shop/thing/dt=2024-01-01/{name}", "id,seen_at\n1,2024-01-01\n2,bad\n")
    landing.put("shop/thing/dt=2024-01-01/other.csv", "id,seen_at\n3,2024-01-01\n")
    landing.load()
    assert landing.ledger(f"shop/thing/dt=2024-01-01/{name}")[:4] == ("loaded", 2, 1, 1)
    assert sorted(landing.rows("id")) == [("1",), ("3",)]
    assert landing.quarantine()[0][4] == "2,bad"


def test_a_file_name_that_is_no_text_is_reported(landing):
    folder = landing.folder / "shop/thing/dt=2024-01-01"
    folder.mkdir(parents=True)
    with open(bytes(folder) + b"/bad\xff.csv", "w") as file:
        file.write("id,seen_at\n1,2024-01-01\n")
    landing.load()
    assert landing.ledger("shop/thing/dt=2024-01-01/bad\ufffd.csv")[0] == "unreadable"


def test_names_that_would_expand_to_their_siblings_do_not(landing):
    for name, row in (("a[1]", "A"), ("a1", "B"), ("a?", "C"), ("ab", "D"), ("a*", "E")):
        landing.put(f"shop/thing/dt=2024-01-01/{name}.csv", f"id,seen_at\n{row},2024-01-01\n")
        landing.put(f"shop/thing/dt=2024-01-02/{name}.jsonl", f'{{"id": "{row}j", "seen_at": "2024-01-01"}}\n')
    landing.load()
    rows = dict(landing.rows("_file, id"))
    assert rows["shop/thing/dt=2024-01-01/a[1].csv"] == "A"
    assert rows["shop/thing/dt=2024-01-02/a?.jsonl"] == "Cj"
    assert sorted(rows.values()) == ["A", "Aj", "B", "Bj", "C", "Cj", "D", "Dj", "E", "Ej"]


def test_folders_that_look_like_partitions_above_the_landing_folder_add_nothing(tmp_path):
    above = tmp_path / "id=zzz" / "l=zzz" / "c0=zzz"
    above.mkdir(parents=True)
    landing = Landing(above)
    landing.put(FILE, "id,seen_at\n1,2024-01-01\n")
    landing.put("shop/thing/dt=2024-01-01/a.jsonl", '{"id": "2", "seen_at": "2024-01-01"}\n')
    landing.load()
    assert landing.rows() == [("1",), ("2",)]


def test_a_parquet_column_may_be_named_filename(landing):
    folder = landing.folder / "shop/thing/dt=2024-01-01"
    folder.mkdir(parents=True)
    landing.con.execute(
        "copy (select 1 as id, timestamp '2024-01-01' as seen_at, 'x' as filename) "
        f"to '{folder}/a.parquet' (format parquet)"
    )
    landing.load()
    assert landing.ledger("shop/thing/dt=2024-01-01/a.parquet")[5].startswith("unknown: filename")


def test_what_is_no_file_is_reported_and_looked_at_again(landing):
    folder = landing.folder / "shop/thing/dt=2024-01-01"
    folder.mkdir(parents=True)
    (folder / "a.csv").symlink_to("nowhere")
    (folder / "b.csv").symlink_to("nowhere either")
    (folder / "loop").symlink_to(landing.folder)
    landing.put("shop/thing/dt=2024-01-01/c.csv", "")
    landing.load()
    statuses = dict(landing.con.execute("select file, status from ops.load_ledger").fetchall())
    assert statuses == {
        "shop/thing/dt=2024-01-01/a.csv": "unreadable",
        "shop/thing/dt=2024-01-01/b.csv": "unreadable",
        "shop/thing/dt=2024-01-01/c.csv": "empty",
    }
    (folder / "nowhere").write_text("id,seen_at\n1,2024-01-01\n")
    landing.load()
    assert landing.ledger("shop/thing/dt=2024-01-01/a.csv")[0] == "loaded"


def test_a_machine_without_room_ends_the_load_and_blames_no_file(landing):
    rows = "".join(f"{n},2024-01-01,{'x' * 200}\n" for n in range(400_000))
    landing.put(FILE, "id,seen_at,name\n" + rows)
    landing.con.execute("set memory_limit = '30MB'; set max_temp_directory_size = '1MB'")
    with pytest.raises(duckdb.Error):
        landing.load()
    landing.con.execute("set memory_limit = '4GB'; set max_temp_directory_size = '20GB'")
    landing.load()
    assert landing.ledger(FILE)[:2] == ("loaded", 400_000)
