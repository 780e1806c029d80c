"""What led to a conversion, as explain tells it, on a small warehouse made for it."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

from expectations.suites.vocabulary import ATTRIBUTION_MODELS
from orchestration.explain import explain
from orchestration.lib.explain.conversions import leaders, runs, stretch
from orchestration.lib.faults import UsageError
from tests.support.explained import Conversion, Explained

SEARCH = ("2026-05-01 09:00:00", "session", "Paid Search", "google", "cpc", "spring of ana@example.com")
MAIL = ("2026-05-03 08:15:30", "email_click", "Email", "klaviyo", "email", "May")
DIRECT = ("2026-05-03 08:59:59.5", "session", "Direct", "(direct)", "(none)", None)


def touch_of(number: int) -> tuple[str | None, ...]:
    return (f"2026-06-0{1 + number // 24} {number % 24:02}:00", "session", f"Channel {number % 7}", "s", "m", None)


@pytest.fixture(scope="module")
def journeys(tmp_path_factory):
    e = Explained()
    e.node("user_id", "6900001", "A")
    e.node("email", "anna.smith@example.com", "A")
    e.node("user_id", "6900002", "B")
    e.record("shopify", "customers", "6900001", [1, 2])
    e.conversions = [
        Conversion("order:o-1", "first_purchase", "A", "2026-05-03 09:00:00", "45.20", (SEARCH, MAIL, DIRECT)),
        Conversion("order:o-2", "repeat_purchase", "A", "2026-07-10 09:00:00", "10"),
        Conversion("order:o-3", "first_purchase", None, "2026-06-01 09:00:00", "7.77"),
        Conversion("deal:77", "lead", "B", "2026-06-02 09:00:00"),
        Conversion("deal:78", "lead", None, "2026-06-02 09:00:00"),
        Conversion("signup:e-1", "sign_up", "A", "2026-05-02 09:00:00", "0", (SEARCH,)),
        Conversion("order:long", "repeat_purchase", "A", "2026-06-09", "100", tuple(map(touch_of, range(60)))),
        Conversion(
            "order:88", "repeat_purchase", "A", "2026-04-01", "1", (("2026-03-31", "session", "Direct", *"abc"),)
        ),
        Conversion("deal:88", "lead", "A", "2026-01-01"),
    ]
    for conversion in e.conversions:
        kind, _, order_id = conversion.conversion_id.partition(":")
        if kind == "order":
            e.record("shopify", "orders", order_id, [1] if conversion.customer else [])
    e.orders = {
        "gone": {"status": "cancelled"},
        "yen": {"currency": "JPY", "exchange_rate": None, "gross_revenue": None, "net_revenue": None},
        "half": {"net_revenue": None},
        "back": {"refunded": "8", "discount": "2", "net_revenue": "0"},
        "free": {"discount": "10", "net_revenue": "0"},
    }
    for order_id in e.orders:
        e.record("shopify", "orders", order_id, [1])
    e.written_orders = [
        ("o-1", "#1001", "paid", False),
        ("t-1", "#1002", "paid", True),
        ("v-1", "#1003", " Voided", False),
        ("o-2", "#1004", "paid", False),
        ("88", "#1004", "paid", False),
    ]
    e.campaigns = {"May": "spring sale"}
    e.deals = [("79", True), ("77", False)]
    return e, e.write(tmp_path_factory.mktemp("journeys"))


@pytest.fixture
def ask(journeys, monkeypatch, capsys):
    """Asks in this process; gives the JSON object."""

    def asked(*arguments):
        monkeypatch.setenv("TRIBUTARY_HOME", str(journeys[1]))
        monkeypatch.setenv("TRIBUTARY_VARS", "{}")
        one, *rest = arguments
        assert explain(one, rest[0] if rest else None, False, None, True) == 0
        return json.loads(capsys.readouterr().out)

    return asked


@pytest.fixture
def console(journeys, monkeypatch, capsys):
    """Asks in this process; gives the text."""

    def asked(who):
        monkeypatch.setenv("TRIBUTARY_HOME", str(journeys[1]))
        monkeypatch.setenv("TRIBUTARY_VARS", "{}")
        assert explain(who, None, False, None, False) == 0
        return capsys.readouterr().out

    return asked


def test_a_conversion_is_told_touch_by_touch_with_its_credit_under_every_model(ask, journeys):
    found = ask("order:o-1")
    told = found["conversion"]
    assert (told["conversion_id"], told["conversion_type"], told["revenue"]) == ("order:o-1", "first_purchase", 45.2)
    assert told["customer_id"] == found["customer"]["customer_id"] == journeys[0].customer_id("A")
    assert [(t["position"], t["kind"], t["channel"], t["seconds_before"]) for t in told["touches"]] == [
        (1, "session", "Paid Search", 2 * 86400.0),
        (2, "email_click", "Email", 44 * 60 + 30.0),
        (3, "session", "Direct", 0.5),
    ]
    for model in ATTRIBUTION_MODELS:
        assert sum(t["credits"][model]["credit"] for t in told["touches"]) == pytest.approx(1, abs=1e-9)
    assert [t["credits"]["last_non_direct"]["credited_revenue"] for t in told["touches"]] == [0, 45.2, 0]


def test_the_console_shows_one_aligned_table_of_credit_and_money(console):
    text = console("order:o-1")
    assert "conversion order:o-1: a first purchase of 2026-05-03 09:00:00 UTC, revenue 45.20 USD\n" in text
    assert "It is credited to 3 touches in the lookback before it." in text
    assert (
        "  2  2026-05-03 08:15:30  44 min 30 s  email click  Email        klaviyo   email   May (spring sale)\n" in text
    )
    lines = text.splitlines()
    table = lines[lines.index("Credit by model (3)") + 1 :]
    assert table[0].split() == ["#", "channel", *ATTRIBUTION_MODELS]
    assert table[3].split() == ["2", "Email", "credit", "0.0000", "0.0000", "1.0000", *["0.3333"] * 5]
    assert table[4].split() == ["USD", "0.00", "0.00", "45.20", *["15.07"] * 5]
    assert table[7].split() == ["all", "credit", *["1.0000"] * 8]
    assert table[8].split() == ["USD", *["45.20"] * 8]
    # Every figure ends where the name of its model ends.
    ends = {m.end() for m in re.finditer(r"\S+", table[0][20:])}
    for line in table[1:9]:
        assert {m.end() for m in re.finditer(r"[0-9.]+", line[20:])} <= ends
    # Leads and sign-ups earn nothing.
    assert "USD" not in console("signup:e-1")
    # Of the customer only that it is one: another question.
    assert "Identifiers" not in text
    assert text.splitlines()[-1].startswith("more of the customer: tributary explain ")


def test_free_text_is_masked(console, ask):
    assert "ana@example.com" not in console("order:o-1") + json.dumps(ask("order:o-1"))


@pytest.mark.parametrize(
    ("written", "conversion_id"),
    [
        ("ORDER: o-1", "order:o-1"),
        ("purchase:o-1", "order:o-1"),
        ("o-1", "order:o-1"),
        ("order:#1001", "order:o-1"),
        ("1001", "order:o-1"),
        ("shopify:orders:o-1", "order:o-1"),
        ("deal:77", "deal:77"),
        ("Lead:77", "deal:77"),
        ("77", "deal:77"),
        ("hubspot:deals:77", "deal:77"),
        ("signup:e-1", "signup:e-1"),
        ("sign_up:e-1", "signup:e-1"),
        ("segment:tracks:e-1", "signup:e-1"),
        ("e-1", "signup:e-1"),
        ("order:88", "order:88"),
    ],
)
def test_a_conversion_is_found_however_it_is_written(ask, written, conversion_id):
    assert ask(written)["conversion"]["conversion_id"] == conversion_id


@pytest.mark.parametrize(
    "written", ["order:none", "deal:none", "signup:none", "none", "hubspot:deals:none", "deal:o-1"]
)
def test_an_unknown_id_is_a_mistake_in_one_paragraph(ask, written):
    with pytest.raises(UsageError) as told:
        ask(written)
    assert "none" not in re.sub("and none had", "", str(told.value)).split("refresh")[0]
    assert len(str(told.value).splitlines()) == 1


def test_what_is_the_id_or_number_of_several_is_asked_back(ask):
    with pytest.raises(UsageError, match="write one of order:ID, deal:ID"):
        ask("88")
    with pytest.raises(UsageError, match="Several orders have that number"):
        ask("order:#1004")


@pytest.mark.parametrize(
    ("written", "reason", "words"),
    [
        ("order:gone", "cancelled", "it is cancelled, and a cancelled order counts nowhere"),
        ("order:yen", "no_rate", "no rate leads from JPY to USD on or before its day"),
        ("order:half", "unknown_amount", "an amount of it is unknown"),
        ("order:back", "refunded", "8.00 of 8.00 USD was refunded, which leaves 0.00"),
        ("order:free", "nothing_paid", "its lines cost 10.00 USD and 10.00 was taken off, which leaves 0.00"),
        ("order:t-1", "test", "it is a test order"),
        ("order:#1003", "voided", "it is voided"),
        ("deal:79", "deleted", "its deal was deleted in the CRM"),
    ],
)
def test_an_order_that_is_no_conversion_says_why(ask, console, written, reason, words):
    told = ask(written)["conversion"]
    assert (told["conversion_id"], told["why_not"]["reason"]) == (None, reason)
    text = console(written)
    assert f"It is no conversion: {words}" in text
    is_kept = reason in ("cancelled", "no_rate", "unknown_amount", "refunded", "nothing_paid")
    assert ("\ncustomer " in text) is is_kept
    assert "belongs to no customer" not in text


def test_what_is_credited_to_nothing_says_why(console):
    assert "It is credited to nothing: its customer has no touch in the lookback before it" in console("order:o-2")
    assert re.search(r"the last one came 36 d 22 h before \(session, Channel 3\)", console("order:o-2"))
    assert "in the lookback before it, and none is known from before." in console("deal:77")
    text = console("order:o-3")
    assert "nobody knows whose it is" in text
    assert "It belongs to no customer" in text
    assert "it has no contact, or none that is known" in console("deal:78")


def test_a_customer_shows_what_led_to_each_conversion(ask, console):
    told = {row["conversion_id"]: row for row in ask("user_id:6900001")["customer"]["conversions"]}
    assert list(told)[:2] == ["order:o-2", "order:long"]
    assert told["order:o-1"]["path"] == ["Paid Search", "Email", "Direct"]
    assert told["order:o-1"]["credits"]["last_non_direct"] == {"Paid Search": 0, "Email": 1, "Direct": 0}
    lines = [" ".join(line.split()) for line in console("user_id:6900001").splitlines()]
    assert (
        "order:o-1 first purchase 2026-05-03 09:00 45.20 3 Email 3 alike, 33% each 3 alike, 33% each "
        "Paid Search > Email > Direct"
    ) in lines
    assert "order:o-2 repeat purchase 2026-07-10 09:00 10.00 0 none: no touch in the lookback" in lines
    (long,) = [line for line in lines if line.startswith("order:long")]
    assert "52 more" in long
    assert "4 alike, 15% each" in long


def test_a_long_path_is_cut_and_its_total_is_not(console):
    text = console("order:long")
    assert text.count("and 40 more: --json lists all") == 2
    assert text.splitlines()[-3].split() == ["USD", *["100.00"] * 8]


def test_the_page_tells_the_conversion_first(journeys, monkeypatch, tmp_path):
    monkeypatch.setenv("TRIBUTARY_HOME", str(journeys[1]))
    page = tmp_path / "page.html"
    explain("order:o-1", None, False, page, False)
    text = page.read_text(encoding="utf-8")
    assert "<h1>What led to order:o-1</h1>" in text
    order = [
        text.index(part) for part in (">The path", ">Credit by model", "What follows is of customer", ">Identifiers")
    ]
    assert order == sorted(order)
    assert "0.3333 <br>15.07" in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    explain("order:gone", None, False, page, False)
    assert "<h1>Why this is no conversion</h1>" in page.read_text(encoding="utf-8")
    explain("order:o-3", None, False, page, False)
    assert "It belongs to no customer" in page.read_text(encoding="utf-8")


def test_the_way_between_two_is_told_as_before(ask):
    found = ask("order:o-1", "anna.smith@example.com")
    assert found["other"]["is_same_customer"]
    assert found["other"]["path"] is not None
    assert ask("deal:77", "user_id:6900001")["other"]["is_same_customer"] is False


def test_a_warehouse_that_holds_no_conversions_yet_is_explained_without(journeys, tmp_path, monkeypatch, capsys):
    home = journeys[0].write(tmp_path / "home")
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute("drop table marts.attribution_credits")
    monkeypatch.setenv("TRIBUTARY_HOME", str(home))
    explain("order:o-1", None, False, None, True)
    found = json.loads(capsys.readouterr().out)
    assert (found["conversion"], found["customer"]["conversions"]) == (None, [])
    explain("order:o-1", None, False, None, False)
    assert "Identifiers" in capsys.readouterr().out


def test_lengths_of_time_runs_and_leaders():
    assert [stretch(s) for s in (0, 0.9, 1, 59, 60, 3600, 3601, 86400, 90061, 30 * 86400)] == [
        *("under 1 s", "under 1 s", "1 s", "59 s", "1 min", "1 h", "1 h", "1 d", "1 d 1 h", "30 d"),
    ]
    assert runs([]) == []
    assert runs(["a", "a", "b", "a"]) == [("a", 2), ("b", 1), ("a", 1)]
    assert leaders({}) == ([], 0.0)
    assert leaders({"b": 0.3, "a": 0.1 + 0.2, "c": 0.4 - 0.1 - 1e-6}) == (["a", "b"], 0.1 + 0.2)
