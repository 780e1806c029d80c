"""What is told of customers that stewards and likeness joined and parted, on small warehouses made for it."""

from __future__ import annotations

import json
import random
import re
import stat

import pytest

from orchestration.explain import explain
from orchestration.lib.explain.drawing import MOST, draw
from orchestration.lib.faults import UsageError
from tests.support.explained import Explained, digest

CLEAR = (
    *("6900001", "6900002", "HL000077", "anna.smith@example.com", "anna.smyth@example.com"),
    *("+491511234567", "+491517654321", "info@shared.example", "Smith", "Anna"),
)


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    """A customer of three parts, one joined by likeness and one by a steward, cut from another customer."""
    e = Explained()
    user = e.node("user_id", "6900001", "A")
    email = e.node("email", "anna.smith@example.com", "A")
    e.node("phone", "+491511234567", "A")
    loyal = e.node("loyalty_id", "HL000077", "A", 4)
    other_email = e.node("email", "anna.smyth@example.com", "A", 4)
    crm = e.node("crm_id", "15555", "A", 6)
    theirs = e.node("user_id", "6900002", "B")
    phone = e.node("phone", "+491517654321", "B")
    e.node("crm_id", "6900002", "C")
    e.node("phone", "+431511234567", "C")
    account = e.record("shopify", "customers", "6900001", [user, email, 3])
    member = e.record("loyalty", "members", "HL000077", [loyal, other_email])
    e.record("shopify", "orders", "o-1", [user, email])
    e.record("shopify", "orders", "o-2", [email, theirs])
    their_account = e.record("shopify", "customers", "6900002", [theirs, phone])
    e.record("hubspot", "contacts", "15555", [crm])
    e.record("segment", "tracks", None, [user], count=7)
    e.record("segment", "pages", None, [e.device("device-00000001", "A", 0.97), e.device("device-00000002")], count=3)
    e.merged = {4: ("probabilistic", 0.9731), 6: ("steward", 1.0)}
    e.links = [(1, 4, 0.9731, account, member)]
    e.rules = [("force_link", user, crm, "in_effect"), ("do_not_link", user, theirs, "in_effect")]
    e.cuts = [(email, theirs, 2)]
    e.pairs = [(account, their_account, 0.88, "held_back"), (account, member, 0.9731, "applied")]
    e.attributes = [("A", "first_name", "Anna"), ("A", "last_name", "Smith"), ("A", "city", "Berlin")]
    e.suppressed = [("email", "info@shared.example", "shared_contact", 4), ("crm_id", "null", "placeholder", 9)]
    e.carried_aside = [(key, "email", "info@shared.example", "ok") for key in (account, their_account)]
    return e, e.write(tmp_path_factory.mktemp("joined"))


@pytest.fixture
def ask(joined, monkeypatch, capsys):
    """Asks in this process; gives the JSON object."""

    def asked(*arguments, reveal=False, home=joined[1]):
        monkeypatch.setenv("TRIBUTARY_HOME", str(home))
        monkeypatch.setenv("TRIBUTARY_VARS", "{}")
        one, *rest = arguments
        assert explain(one, rest[0] if rest else None, reveal, None, True) == 0
        return json.loads(capsys.readouterr().out)

    return asked


@pytest.fixture
def console(joined, monkeypatch, capsys):
    """Asks in this process; gives the text."""

    def asked(*arguments, home=joined[1]):
        monkeypatch.setenv("TRIBUTARY_HOME", str(home))
        one, *rest = arguments
        assert explain(one, rest[0] if rest else None, False, None, False) == 0
        return capsys.readouterr().out

    return asked


def test_a_customer_is_told_with_its_parts_links_and_cuts(ask, joined):
    told = ask("user_id:6900001")["customer"]
    assert told["customer_id"] == joined[0].customer_id("A")
    assert [(i["number"], i["type"], i["match_type"], i["part"]) for i in told["identifiers"]] == [
        (1, "user_id", "deterministic", 1),
        (2, "email", "deterministic", 1),
        (3, "phone", "deterministic", 1),
        (4, "loyalty_id", "probabilistic", 2),
        (5, "email", "probabilistic", 2),
        (6, "crm_id", "steward", 3),
    ]
    assert [(e["left"], e["right"], e["records"]) for e in told["edges"]] == [
        (1, 2, 2),
        (1, 3, 1),
        (2, 3, 1),
        (4, 5, 1),
    ]
    likely = next(link for link in told["links"] if link["match_type"] == "probabilistic")
    assert (likely["left_identifier"], likely["right_identifier"], likely["probability"]) == (1, 4, 0.9731)
    assert {"compared": "date of birth", "level": "equal", "weight": 14.15} in likely["comparisons"]
    assert [(d["rule"], d["left"]["number"], d["right"]["number"]) for d in told["decisions"]] == [
        ("force_link", 1, 6),
        ("do_not_link", 1, None),
    ]
    (cut,) = told["cuts"]
    assert (cut["left"]["number"], cut["right"]["customer_id"]) == (2, joined[0].customer_id("B"))
    # What was applied stands among the links.
    assert [p["outcome"] for p in told["pairs"]] == ["held_back"]
    assert told["pairs"][0]["said"] == {"held_back": "different birth dates"}
    assert [p["was_cut"] for p in told["parts"]] == [True, False, False]
    assert (told["totals"]["orders"], told["totals"]["net_revenue"], told["totals"]["records"]) == (2, 20.0, 12)
    assert {r["retired_customer_id"] for r in told["redirects"]} == {
        digest(f"{kind}:{value}")[:32] for kind, value, customer, _ in joined[0].nodes[1:] if customer == "A"
    }


def test_nothing_is_shown_in_clear_unless_it_is_revealed(ask, console, joined, monkeypatch, tmp_path, capsys):
    for arguments in (("6900001",), ("HL000077", "phone:+491511234567"), ("user_id:6900002", "user_id:6900001")):
        shown = json.dumps(ask(*arguments), ensure_ascii=False) + console(*arguments)
        monkeypatch.setenv("TRIBUTARY_HOME", str(joined[1]))
        explain(arguments[0], (*arguments, None)[1], False, tmp_path / "page.html", False)
        shown += (tmp_path / "page.html").read_text(encoding="utf-8") + capsys.readouterr().out
        assert not [value for value in CLEAR if value in shown]
    shown = json.dumps(ask("6900001", reveal=True), ensure_ascii=False)
    assert not [value for value in (*CLEAR[:6], "Smith") if value not in shown]


def test_ways_cross_parts_by_likeness_and_by_stewards(ask):
    hops = ask("crm_id:15555", "anna.smyth@example.com")["other"]["path"]
    assert [h["kind"] for h in hops] == ["steward", "probabilistic"]
    assert hops[0]["reason"] == "they said so"
    assert hops[1]["comparisons"][0]["compared"] == "first name"
    assert (hops[1]["left_record"]["type"], hops[1]["right_record"]["type"]) == ("customers", "members")
    within = ask("+49 151 1234567", "ANNA.SMITH@example.com")["other"]["path"]
    assert [(h["kind"], h["count"], [r["type"] for r in h["records"]]) for h in within] == [
        ("records", 1, ["customers"])
    ]
    assert ask("order:o-1", "anna.smith@example.com")["other"]["path"] == []


def test_what_keeps_two_customers_apart_is_told(ask, console):
    found = ask("user_id:6900002", "6900001")["other"]
    assert found["is_same_customer"] is False
    between = found["between"]
    assert len(between["cuts"]) == len(between["pairs"]) == 1
    assert [d["rule"] for d in between["decisions"]] == ["do_not_link"]
    assert [(s["reason"], s["left_records"], s["right_records"]) for s in between["suppressed"]] == [
        ("shared_contact", 1, 1)
    ]
    text = console("user_id:6900002", "crm_id:6900002")
    assert "They are two customers" in text
    assert "no pair of their records is alike" in text


def test_a_value_of_several_customers_is_told_with_what_to_write(ask):
    with pytest.raises(UsageError, match=r"crm_id:VALUE, user_id:VALUE") as told:
        ask("6900002")
    assert "6900002" not in str(told.value)
    assert ask("crm_id:6900002")["customer"]
    with pytest.raises(UsageError, match="of several customers, by the country"):
        ask("0151 1234567")
    with pytest.raises(UsageError, match="write one of crm_id:HASH, user_id:HASH"):
        ask(digest("6900002"))
    assert ask(f"user_id:{digest('6900002')}")["asked"]["kind"] == "identifier"
    # The same value of one customer is no question.
    assert ask(digest("HL000077")[:12].upper())["asked"]["identifiers"][0]["type"] == "loyalty_id"


def test_whom_nobody_is_merged_on_is_told_why(ask, console):
    found = ask("INFO@shared.example")
    assert (found["customer"], found["asked"]["suppressed"][0]["count"]) == (None, 4)
    assert "a contact that several people share (accounts that share it: 4)" in console("info@shared.example")
    assert "a placeholder" in console("NULL")
    assert ask(digest("null"))["asked"]["suppressed"][0]["reason"] == "placeholder"
    assert "So nothing leads" in console("6900001", "null")


def test_a_device_that_nobody_signed_in_on_is_no_customer(ask, console, joined):
    found = ask("device-00000001")
    (device,) = found["devices"]
    assert (found["customer"], device["records"]) == (None, [{"source": "segment", "type": "pages", "count": 3}])
    assert device["link"]["customer_id"] == joined[0].customer_id("A")
    assert device["link"]["comparisons"] == [{"compared": "ip address", "level": "same", "weight": 4.2}]
    (likely,) = ask("user_id:6900001")["customer"]["devices"]
    assert (likely["identifier"]["value"], likely["said"]) == ("•••001", {"candidates": "3"})
    assert "with probability 0.9700: ip address same (+4.2)" in console("6900001", "device-00000001")
    assert "surroundings" not in console("device-00000002")


def test_an_unfinished_or_refused_refresh_is_told(joined, tmp_path, console, monkeypatch):
    refused = joined[0].write(tmp_path / "refused", status="refused")
    assert console("6900001", home=refused).startswith("note: The last refresh, of 2026-06-30, ended refused (why).")
    import duckdb

    with duckdb.connect(str(refused / "warehouse.duckdb")) as con:
        con.execute("drop table marts.orders")
    with pytest.raises(UsageError, match="not built to its end"):
        console("6900001", home=refused)


def test_a_page_is_its_owners_and_replaces_an_older_one(joined, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TRIBUTARY_HOME", str(joined[1]))
    page = tmp_path / "page.html"
    page.write_text("older")
    page.chmod(0o644)
    assert explain("6900001", None, True, page, False) == 0
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    text = page.read_text(encoding="utf-8")
    assert "anna.smith@example.com" in text
    assert "<script" not in text
    assert "http://" not in text
    assert 'class="probabilistic"' in text
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]
    assert explain("user_id:6900002", "user_id:6900001", False, page, False) == 0
    text = page.read_text(encoding="utf-8")
    assert "Why these are two customers" in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) > 10
    assert set(re.findall(r'aria-labelledby="([^"]+)"', text.replace("graph-title graph-text", "graph-title"))) <= set(
        ids
    )
    with pytest.raises(UsageError, match="cannot be written"):
        explain("6900001", None, False, tmp_path / "nowhere" / "page.html", False)


def test_values_cannot_break_the_page(tmp_path, monkeypatch, capsys):
    e = Explained()
    one, other = e.node("user_id", "<script>alert(1)</script>", "A"), e.node("email", "a\x1b[31m@b.c", "A")
    e.record("shopify", "customers", "<b>", [one, other])
    monkeypatch.setenv("TRIBUTARY_HOME", str(e.write(tmp_path / "home")))
    explain("a\x1b[31m@b.c", None, True, tmp_path / "page.html", False)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text
    explain("a\x1b[31m@b.c", None, True, None, False)
    assert "\x1b" not in capsys.readouterr().out


def of_size(count, seed):
    """A customer of some identifiers, each joined to one before it."""
    e, pick = Explained(), random.Random(seed)
    kinds = ("user_id", "email", "phone", "crm_id", "anonymous_id", "klaviyo_id", "anonymous_id", "email")
    for number in range(1, count + 1):
        kind = kinds[number % len(kinds)]
        value = (
            f"person{number}.{'x' * pick.randrange(40)}@example.com" if kind == "email" else f"{kind[:2]}{number:09d}"
        )
        node = e.node(kind, value, "A")
        if node > 1:
            e.record("shopify", "orders", f"o{number}", sorted({node, pick.randrange(1, node)}))
    return e


def test_no_label_of_a_drawing_covers_another(tmp_path, ask):
    for count in (1, 4, 12, MOST, MOST + 1):
        e = of_size(count, count)
        told = ask(e.customer_id("A"), reveal=True, home=e.write(tmp_path / str(count)))
        drawing = draw(told["customer"])
        if count in (1, MOST + 1):
            assert drawing is None
            continue
        areas = [(b.x, b.y, b.width, b.height) for b in drawing.boxes]
        areas += [(k.label.x, k.label.y, k.label.width, k.label.height) for k in drawing.lines if k.label]
        for index, (x, y, w, h) in enumerate(areas):
            assert x >= 0
            assert y >= 0
            assert x + w <= drawing.width
            assert y + h <= drawing.height
            for u, v, width, height in areas[:index]:
                assert not (x < u + width and u < x + w and y < v + height and v < y + h)
        assert len(drawing.boxes) == count
        # Every record joins one identifier to an earlier one, and is drawn.
        assert len(drawing.lines) == len(told["customer"]["edges"]) == count - 1
