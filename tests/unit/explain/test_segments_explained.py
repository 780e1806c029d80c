"""Why a customer is in a segment or out of it, as explain tells it, on a small warehouse made for it."""

from __future__ import annotations

import json

import duckdb
import pytest

from orchestration.explain import explain
from orchestration.lib.explain.segments import Condition, conditions
from tests.support.explained import Explained, digest

RULES = {
    # name: owner, status, priority, rule, inputs
    "buyers": ("ana", "active", 1, "orders_lifetime >= 1", "orders_lifetime"),
    "efficient": ("bo", "active", 2, "orders_lifetime >= 1\n    and orders_lifetime / sessions_30d > 0.1 -- often",
                  "orders_lifetime, sessions_30d"),
    "ready": ("bo", "active", 3, "intent_class = 'ready_to_buy' and sessions_30d is not null",
              "intent_class, sessions_30d"),
    "old": ("ana", "retired", 1, "orders_lifetime > 99", "orders_lifetime"),
    "idea": ("ana", "draft", 4, "orders_lifetime > 0", "orders_lifetime"),
}  # fmt: skip


@pytest.fixture(scope="module")
def held():
    e = Explained()
    e.node("user_id", "6900001", "A")
    e.node("email", "anna.smith@example.com", "A")
    e.record("shopify", "customers", "6900001", [1, 2])
    e.node("user_id", "6900002", "B")
    e.segments = [(name, *rest) for name, rest in RULES.items()]
    e.members = [("A", "buyers", True)]
    e.profiles = [("A", 2, 0, None)]
    former = digest("email:anna.smith@example.com")[:32]
    e.stays = [
        # Held first under the id of the e-mail, then under today's: one stay.
        (former, "buyers", "2026-05-01", "2026-06-10"),
        ("A", "buyers", "2026-06-10", None),
        ("A", "ready", "2026-01-01", "2026-02-01"),
        ("A", "ready", "2026-03-01", "2026-04-01"),
        ("A", "old", "2026-01-01", "2026-06-30"),
        ("A", "forgotten", "2026-01-01", "2026-01-02"),
        ("B", "efficient", "2026-01-01", None),
    ]
    e.triggers = [
        ("A", "cart_abandoned", "2026-06-29 10:00", "cart of anna.smith@example.com", "2026-07-02 10:00"),
        ("A", "repeat_visit", "2026-06-01 10:00", "3 visits", "2026-07-01 00:00"),
        ("B", "repeat_visit", "2026-06-01 10:00", "9 visits", "2026-07-09 00:00"),
    ]
    return e


@pytest.fixture
def home(held, tmp_path, monkeypatch):
    written = held.write(tmp_path / "home")
    monkeypatch.setenv("TRIBUTARY_HOME", str(written))
    monkeypatch.setenv("TRIBUTARY_VARS", "{}")
    return written


def told(capsys):
    assert explain("user_id:6900001", None, False, None, True) == 0
    return json.loads(capsys.readouterr().out)["customer"]


def test_every_active_segment_is_told_and_every_other_that_ever_held_the_customer(home, capsys):
    found = [
        (s["segment"], s["status"], s["is_member"], s["is_primary"], s["since"], s["left_on"])
        for s in told(capsys)["segments"]
    ]
    assert found == [
        ("buyers", "active", True, True, "2026-05-01", None),
        ("efficient", "active", False, False, None, None),
        ("ready", "active", False, False, None, "2026-04-01"),
        ("old", "retired", False, False, None, "2026-06-30"),
        ("forgotten", "gone", False, False, None, "2026-01-02"),
    ]


def test_each_condition_holds_does_not_or_is_unknown(home, capsys):
    found = {
        s["segment"]: [
            (c["condition"], c["holds"], {i["name"]: i["value"] for i in c["inputs"]}) for c in s["conditions"]
        ]
        for s in told(capsys)["segments"]
    }
    assert found == {
        "buyers": [("orders_lifetime >= 1", True, {"orders_lifetime": 2})],
        "efficient": [
            ("orders_lifetime >= 1", True, {"orders_lifetime": 2}),
            # Divided by zero: unknown, so out.
            ("orders_lifetime / sessions_30d > 0.1", None, {"orders_lifetime": 2, "sessions_30d": 0}),
        ],
        "ready": [
            ("intent_class = 'ready_to_buy'", None, {"intent_class": None}),
            ("sessions_30d is not null", True, {"sessions_30d": 0}),
        ],
        "old": [],
        "forgotten": [],
    }


def test_triggers_are_told_with_their_evidence_and_end(home, capsys):
    found = [(t["trigger"], t["is_open"], t["evidence"]) for t in told(capsys)["triggers"]]
    # An offer that ends with the day is over.
    assert found == [("cart_abandoned", True, "cart of ***"), ("repeat_visit", False, "3 visits")]


def test_console_and_page_tell_the_same(home, capsys, tmp_path):
    explain("user_id:6900001", None, False, None, False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "buyers primary 2026-05-01 ana" in lines
    assert "old (retired) no 2026-06-30 ana" in lines
    text = "\n".join(lines)
    assert "efficient no orders_lifetime / sessions_30d > 0.1 unknown orders_lifetime 2, sessions_30d 0" in text
    assert "cart_abandoned 2026-06-29 10:00 buyers An offer 2026-07-02 10:00 yes cart of ***" in text
    explain("user_id:6900001", None, False, tmp_path / "page.html", False)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Why in a segment, why not" in page
    assert "orders_lifetime / sessions_30d &gt; 0.1" in page


def test_a_warehouse_that_holds_no_segments_yet_is_explained_without(home, capsys):
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute("drop table marts.segments; drop table marts.customer_triggers")
    found = told(capsys)
    assert (found["segments"], found["triggers"]) == ([], [])
    assert found["identifiers"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("a > 1", ["a > 1"]),
        ("a > 1 and b = 'x and y' and c between 1 and 2", ["a > 1", "b = 'x and y'", "c between 1 and 2"]),
        ("(a > 1 and (b > 2 and c > 3))", ["a > 1", "b > 2", "c > 3"]),
        ("a > 1 or b > 2 and c > 3", ["a > 1 or b > 2 and c > 3"]),
        ("(a > 1 or b > 2) and not c > 3", ["a > 1 or b > 2", "not c > 3"]),
        ("case when a > 1 and b > 2 then c > 3 end", ["case when a > 1 and b > 2 then c > 3 end"]),
        ("(a > 1) and (b > 2)", ["a > 1", "b > 2"]),
        ("(a + 1) * (b + 1) > 2", ["(a + 1) * (b + 1) > 2"]),
        ("not (a > 1 and b > 2)", ["not (a > 1 and b > 2)"]),
        ("a not between 1 and 2 and c in (1, 2)", ["a not between 1 and 2", "c in (1, 2)"]),
        ("a > 1 -- comment and more\nand b > 2 /* and */ and true", ["a > 1", "b > 2", "true"]),
    ],
)
def test_a_rule_is_parted_at_the_ands_that_must_all_hold(rule, expected):
    parts = conditions(rule, ["a", "b", "c"])
    assert [part.text for part in parts] == expected
    with duckdb.connect() as con:
        for a, b, c in [(0, 0, 0), (2, 3, 4), (2, 3, 3), (None, 3, 4), (9, None, 1)]:
            kind = "varchar" if "'x" in rule else "integer"
            values = f"(select ?::integer as a, ?::{kind} as b, ?::integer as c)"
            whole = con.execute(f"select ({rule}\n) from {values}", [a, b, c]).fetchall()
            parted = con.execute(
                f"select ({') and ('.join(p.text for p in parts)}) from {values}", [a, b, c]
            ).fetchall()
            assert whole == parted


def test_inputs_are_the_columns_that_a_condition_reads():
    assert conditions("A > b and lower(c) = 'a' and d > 1", ["a", "b", "c"]) == [
        Condition("A > b", ("a", "b")),
        Condition("lower(c) = 'a'", ("c",)),
        Condition("d > 1", ()),
    ]
