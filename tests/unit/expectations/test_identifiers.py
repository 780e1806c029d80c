"""What the gate takes for a direct identifier, in Python and in the engine, and what masking leaves of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.identifiers import EMAIL_PATTERN, IPV4_PATTERN, PHONE_PATTERN, mask_identifiers
from expectations.rules import contains_match
from tests.support.session_warehouse import compile_sql

PATTERNS = {"email": EMAIL_PATTERN, "phone": PHONE_PATTERN, "ipv4": IPV4_PATTERN}
FOUND = {
    "ana@example.com": "email",
    "for Ana.Silva+shop@mail.example.co.uk!": "email",
    "/reset?email=ana%40example.com&x=1": "email",
    "/u/ana%2540example.com/": "email",
    "jürgen@bücher.example": "email",
    "+351912345678": "phone",
    "call +1 (415) 555-0123 now": "phone",
    "/call?to=%2b4915112345678": "phone",
    "from 192.168.17.4": "ipv4",
    "255.255.255.255": "ipv4",
}
LEFT = [
    "",
    "a@b",
    "@handle",
    "/img/logo@2x",
    "123-456-7890",
    "5200000012480",
    "0012345678",
    "Q1+Q2",
    "c++ 20240115",
    "+1234567",
    "v1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "2024-01-15",
    "[masked]",
    "0f" * 32,
    "(email) matches name@domain",
]
TEXT = st.text(alphabet="+0123456789 ().-%@abB/:'\"[]#40ü", max_size=40)


def matched(con: duckdb.DuckDBPyConnection, text: str) -> set[str]:
    checks = ", ".join(contains_match("text", pattern) for pattern in PATTERNS.values())
    row = con.execute(f"select {checks} from (select cast(? as varchar) as text) as t", [text]).fetchone()
    assert row is not None
    return {kind for kind, found in zip(PATTERNS, row, strict=True) if found}


@pytest.mark.parametrize(("text", "kind"), FOUND.items())
def test_an_identifier_is_found_and_hidden(text: str, kind: str) -> None:
    assert matched(duckdb.connect(), text) == {kind}
    assert matched(duckdb.connect(), mask_identifiers(text)) == set()


@pytest.mark.parametrize("text", LEFT)
def test_what_is_none_is_left(text: str) -> None:
    assert matched(duckdb.connect(), text) == set()
    assert mask_identifiers(text) == text


@given(TEXT)
@settings(max_examples=300, deadline=None)
def test_python_and_the_engine_agree(text: str) -> None:
    found = {kind for kind, pattern in PATTERNS.items() if re.search(pattern, text)}
    assert matched(duckdb.default_connection(), text) == found


@pytest.fixture(scope="module")
def mask(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The macro mask_identifiers, as models use it."""
    text = "select {{ mask_identifiers('text') }} from (select cast(? as varchar) as text) as given"
    sql = next(iter(compile_sql(["--inline", text], tmp_path_factory.mktemp("dbt")).values()))
    con = duckdb.connect()

    def masked(given: str) -> str:
        row = con.execute(sql, [given]).fetchone()
        assert row is not None
        return row[0]

    return masked


@given(text=TEXT)
@settings(max_examples=500, deadline=None)
def test_what_models_mask_refuses_no_release(mask: Callable[[str], str], text: str) -> None:
    assert matched(duckdb.default_connection(), mask(text)) & {"email", "phone"} == set()
