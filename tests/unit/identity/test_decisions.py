"""Stewards' decisions from a file: what can be read, and how a mistake is told."""

from __future__ import annotations

import duckdb
import pytest

from orchestration.lib.faults import UsageError
from orchestration.lib.identity.decisions import COLUMNS, read_decisions, write_decisions

HEADER = ",".join(COLUMNS)


def test_lines_become_rows_whatever_the_order_of_columns(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text(
        "\ufeffauthor,rule,left_type,left_hash,right_type,right_hash,reason,decided_at\n"
        'Ana, do_not_link ,email,a1,phone,b2,"two people, one phone",2024-06-30T14:00:00+02:00\n'
        "\n"
        ",force_link,email,a1,email,b1,,\n",
        encoding="utf-8",
    )
    found = read_decisions(path)
    assert found == [
        ("do_not_link", "email", "a1", "phone", "b2", "Ana", "two people, one phone", "2024-06-30T14:00:00+02:00"),
        ("force_link", "email", "a1", "email", "b1", None, None, None),
    ]
    with duckdb.connect() as con:
        write_decisions(con, found)
        write_decisions(con, found[:1])
        assert con.execute("select rule, author from seeds.steward_links").fetchall() == [("do_not_link", "Ana")]
        write_decisions(con, [])
        assert con.execute("select count(*) from seeds.steward_links").fetchone() == (0,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "another header"),
        ("rule,left\n", "another header"),
        (f"{HEADER}\nforce_link,email,a1\n", "line 2: 3 fields where the header has 8"),
        (f'{HEADER}\nforce_link,email,a,email,b,Ana,"why\n', "cannot be read"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, words):
    path = tmp_path / "decisions.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        read_decisions(path)


def test_a_file_that_is_not_there_is_a_mistake(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_decisions(tmp_path / "none.csv")
