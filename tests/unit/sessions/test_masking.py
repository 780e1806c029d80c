"""mask_identifiers, text by text."""

from __future__ import annotations

import duckdb
import pytest

MASKED = {
    "jane@example.com": "[masked]",
    "hello jane.doe+x@mail.example.co.uk!": "hello [masked]",
    "/reset?email=jane@example.com&x=1": "/reset?email=[masked]&x=1",
    "/reset?email=jane%40example.com&x=1": "/reset?email=[masked]&x=1",
    "/u/jane%2540example.com/": "/u/[masked]/",
    "/u/o'brien@example.com/orders": "/u/[masked]/orders",
    "/u/jürgen@bücher.example": "/u/[masked]",
    "/u/jane%40b%C3%BCcher.example/x": "/u/[masked]/x",
    "a@b.example, c@d.example": "[masked], [masked]",
    "+14155550123": "[masked]",
    "+1 415-555-0123": "[masked]",
    "+1 (415) 555-0123": "[masked]",
    "+44 (0)20 7946 0958": "[masked]",
    "%2B44%2020%207946%200958": "[masked]",
    "0044 20 7946 0958": "[masked]",
    "/call/+4915112345678/now": "/call/[masked]/now",
    "/call?to=%2b4915112345678": "/call?to=[masked]",
    "(415) 555-0123": "[masked]",
    "415-555-0123": "[masked]",
    "415.555.0123": "[masked]",
    "415_555_0123": "[masked]",
    "4155550123": "[masked]",
    "tel4155550123x": "tel[masked]x",
    "4155550123 4155550124": "[masked] [masked]",
    "415-555-0123,415-555-0124,415-555-0125": "[masked],[masked],[masked]",
    "020 7946 0958": "[masked]",
    "0171-1234567": "[masked]",
    "0412 345 678": "[masked]",
    "06 12 34 56 78": "[masked]",
    "447946095812": "[masked]",
    "/ip/192.168.100.200/x": "/ip/[masked]/x",
    "10.0.0.1": "[masked]",
    "WELCOME-JANE@EXAMPLE.COM": "[masked]",
}
KEPT = [
    "",
    "/p/1",
    "spring sale",
    "SAVE10",
    "20240115",
    "2024-01-15",
    "2024-01-15-2024-02-15",
    "promo_2024-01-01_2024-01-31",
    "01/15/2024",
    "2024-01-15 10:30",
    "/blog/2024/01/15/title-12345",
    "/p/123456789",
    "23851234567890123",
    "120210000000000001",
    "a@b",
    "@handle",
    "50% off, 2 for 1",
    "v1.2.3-4.5.6",
    "Q1+Q2",
    "10-20-30-40",
]


@pytest.fixture
def mask(inline):
    sql = inline("select {{ mask_identifiers('given') }} as masked from texts order by position")

    def masked(texts: list[str | None]) -> list[str | None]:
        con = duckdb.connect()
        con.execute("create table texts (position integer, given varchar)")
        con.executemany("insert into texts values (?, ?)", list(enumerate(texts)))
        return [row[0] for row in con.execute(sql).fetchall()]

    return masked


def test_addresses_and_numbers_are_masked(mask):
    found = dict(zip(MASKED, mask(list(MASKED)), strict=True))
    assert found == MASKED


def test_other_texts_stay_as_they_are(mask):
    assert mask(KEPT) == KEPT


def test_null_stays_null(mask):
    assert mask([None]) == [None]


def test_masking_twice_changes_nothing(mask):
    once = mask(list(MASKED))
    assert mask(once) == once
