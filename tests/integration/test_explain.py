"""`tributary explain` as stewards run it: on a released home, with the truth of the world to hold it to."""

from __future__ import annotations

import fcntl
import itertools
import json
import re
import stat
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.explain.segments import conditions
from orchestration.lib.explain.spelling import Plan, lower_case, phones
from tests.conftest import REPOSITORY, tributary


def query(home: Path, text: str, *parameters):
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(text, list(parameters)).fetchall()


def one(home: Path, text: str, *parameters):
    return query(home, text, *parameters)[0]


@pytest.fixture(scope="module")
def truth(world):
    """Every direct identifier and name of the world in clear."""
    with duckdb.connect() as con:
        values = con.execute(
            "select distinct unnest([identifier_value, phone_e164]) from read_parquet(?) "
            "where identifier_type <> 'crm_id'",
            [f"{world}/_truth/people.parquet"],
        ).fetchall()
        persons = con.execute(
            "select distinct unnest([email, other_email, phone_e164]) from read_parquet(?)",
            [f"{world}/_truth/persons.parquet"],
        ).fetchall()
        names = con.execute(
            "select distinct unnest([first_name, last_name]) from read_parquet(?)",
            [f"{world}/_truth/persons.parquet"],
        ).fetchall()
    return {v for (v,) in values + persons if v and len(v) > 5}, {n for (n,) in names if n}


@pytest.fixture(scope="module")
def someone(released):
    """The customer with the most types of identifier, and an identifier of each."""
    (customer_id,) = one(
        released,
        "select customer_id from intermediate.int_identifiers_resolved group by customer_id "
        "having count(*) between 6 and 12 "
        "order by count(distinct identifier_type) desc, count(*) desc, customer_id limit 1",
    )
    rows = query(
        released,
        "select identifier_type, min(identifier_value) from intermediate.int_identifiers_resolved "
        "where customer_id = ? group by 1",
        customer_id,
    )
    return customer_id, dict(rows)


def explain(home, *arguments, **environment):
    return tributary("explain", *arguments, "--home", home, **environment)


def asked(home, *arguments):
    done = explain(home, *arguments, "--json")
    assert done.code == 0, done.err
    assert done.err == ""
    return json.loads(done.out)


def test_every_kind_of_input_finds_the_customer(released, someone):
    customer_id, values = someone
    found = {
        "order": one(released, "select min(order_id) from marts.orders where customer_id = ?", customer_id),
        "hash": one(
            released, "select min(identifier_hash) from marts.customer_identifiers where customer_id = ?", customer_id
        ),
        "retired": one(
            released,
            "select min(retired_customer_id) from marts.customer_redirects where customer_id = ?",
            customer_id,
        ),
        "record": one(
            released,
            "select min(source || ':' || record_type || ':' || record_id) from intermediate.int_records_resolved "
            "where customer_id = ?",
            customer_id,
        ),
    }
    phone = values["phone"]
    expected = {
        customer_id: "customer",
        found["retired"][0]: "retired_customer",
        values["email"].upper(): "identifier",
        f" {phone[:4]} ({phone[4:7]})-{phone[7:]} ": "identifier",
        f"user_id:{values['user_id']}": "identifier",
        found["hash"][0]: "identifier",
        f"order:{found['order'][0]}": "order",
        found["record"][0]: "record",
    }
    for text, kind in expected.items():
        told = asked(released, text)
        assert (told["asked"]["kind"], told["customer"]["customer_id"]) == (kind, customer_id), kind


def test_the_object_holds_what_is_known(released, someone, world_end):
    customer_id, _ = someone
    told = asked(released, customer_id)
    assert (told["as_of_date"], told["run"]["status"], told["note"]) == (world_end.isoformat(), "published", None)
    customer = told["customer"]
    assert len(customer["identifiers"]) == customer["totals"]["identifiers"]
    (orders, revenue) = one(
        released, "select count(*), sum(net_revenue) from marts.orders where customer_id = ?", customer_id
    )
    assert (customer["totals"]["orders"], customer["totals"]["net_revenue"]) == (orders, float(revenue))
    # Orders carry identifiers once each; every record of the customer is told.
    assert sum(r["type"] == "orders" for r in customer["records"]) == orders
    assert {(r["source"], r["type"]) for r in customer["records"] if r["source"] != "segment"} == set(
        query(
            released,
            "select distinct source, record_type from intermediate.int_records_resolved where customer_id = ?",
            customer_id,
        )
    )
    assert customer["published"]["lifetime_orders"] is not None
    contacts = one(
        released,
        "select email_candidates, phone_candidates from restricted.customer_contacts where customer_id = ?",
        customer_id,
    )
    known = {k["attribute"]: k["candidates"] for k in customer["known"]}
    assert (known["email"], known["phone"]) == contacts


def test_the_way_from_one_to_another_is_told(released, someone):
    _, values = someone
    told = asked(released, f"anonymous_id:{values['anonymous_id']}", values["phone"])
    hops = told["other"]["path"]
    assert hops[0]["left"]["type"] == "anonymous_id"
    assert hops[-1]["right"]["type"] == "phone"
    for hop, after in itertools.pairwise(hops):
        assert hop["right"]["hash"] == after["left"]["hash"]
    done = explain(released, values["email"], values["email"])
    assert "Both stand for the same identifier." in done.out


def test_nothing_of_anybody_is_shown_in_clear_unless_it_is_revealed(released, someone, truth, tmp_path):
    customer_id, values = someone
    identifiers, _ = truth
    (other,) = one(
        released,
        "select customer_id from intermediate.int_identifiers_resolved group by customer_id "
        "order by count(*) desc, customer_id limit 1",
    )
    shared = query(
        released, "select identifier_value from intermediate.int_identifiers_suppressed order by identifier_value"
    )
    page = tmp_path / "page.html"
    shown = {}
    for who in (customer_id, other, shared[-1][0]):
        done = explain(released, who)
        page_done = explain(released, who, "--html", page)
        json_done = explain(released, who, "--json")
        assert (done.code, page_done.code, json_done.code) == (0, 0, 0)
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        shown[who] = done.out + page.read_text(encoding="utf-8") + page_done.out + json.dumps(json.loads(json_done.out))
        told = re.findall(r"[^\s\"'<>,;()]+", shown[who])
        assert not identifiers & set(told)
        assert not [value for value in identifiers if "@" in value and value in shown[who]]
    names = one(
        released, "select first_name, last_name from restricted.customer_contacts where customer_id = ?", customer_id
    )
    words = set(re.findall(r"\w+", shown[customer_id]))
    assert not {name for name in names if name} & words
    revealed = explain(released, customer_id, "--reveal").out
    explain(released, customer_id, "--reveal", "--html", page)
    for text in (revealed, page.read_text(encoding="utf-8")):
        assert values["email"] in text
        assert values["user_id"] in text
        assert len(identifiers & set(re.findall(r"[^\s\"'<>,;()]+", text))) > 4


def test_mistakes_are_one_paragraph_and_repeat_nobody(released, tmp_path):
    for who in ("ghost.person@nowhere.example", "+15550001111", "crm_id:999999999", "f" * 32, "f" * 64, "order:none-1"):
        done = explain(released, who)
        assert (done.code, done.out) == (2, "")
        assert who.split(":")[-1] not in done.err
        assert "Traceback" not in done.err
        assert len(done.err.splitlines()) == 1
    done = explain(released, "+49", "151", "1234567")
    assert (done.code, "quotes" in done.err, "151" in done.err) == (2, True, False)
    done = explain(released, "ghost.person@nowhere.example", "--json")
    assert json.loads(done.out)["exit_code"] == 2
    assert "ghost" not in done.out + done.err
    done = explain(tmp_path / "nowhere", "x")
    assert (done.code, "no home folder" in done.err) == (2, True)
    (tmp_path / "empty").mkdir()
    done = explain(tmp_path / "empty", "x")
    assert (done.code, "Refresh first" in done.err) == (2, True)


def test_a_running_refresh_is_told(released, someone, copied):
    home = copied(released)
    with (home / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = explain(home, someone[0])
    assert (done.code, done.out) == (2, "")
    assert "A refresh is running" in done.err
    assert explain(home, someone[0]).out.startswith("asked for")


def test_a_warehouse_that_was_built_anew_since_the_release_is_told(released, someone, copied):
    home = copied(released)
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute("update marts.customer_identifiers set match_probability = 0.5 where customer_id = ?", [someone[0]])
    assert "not what the current release" in explain(home, someone[0]).out.splitlines()[0]


def test_asking_leaves_nothing_behind(released, someone):
    before = {p: p.stat().st_mtime_ns for p in released.rglob("*") if "dagster" not in p.parts}
    assert explain(released, someone[1]["email"]).code == 0
    assert {p: p.stat().st_mtime_ns for p in released.rglob("*") if "dagster" not in p.parts} == before
    for path in released.rglob("*.log"):
        assert someone[1]["email"] not in path.read_text(encoding="utf-8", errors="replace")


def test_every_identifier_of_a_customer_has_a_way_to_its_first(released):
    from orchestration.lib.explain.evidence import gather

    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        customers = con.execute(
            "select customer_id from intermediate.int_identifiers_resolved group by customer_id "
            "order by max(match_type) = 'deterministic', count(*) desc, customer_id limit 60"
        ).fetchall()
        edges = set(
            con.execute("select left_node_id, right_node_id from intermediate.int_identity_edges_unioned").fetchall()
        )
        for (customer_id,) in customers:
            found = gather(con, customer_id)
            first = min(found.nodes)
            assert all(found.path([first], [node]) is not None for node in found.nodes)
            # The edges that the components are made of are among the pairs that are told.
            told = {(pair.left, pair.right) for pair in found.edges}
            own = {e for e in edges if e[0] in found.nodes and e[1] in found.nodes}
            cut = {(c["left_node_id"], c["right_node_id"]) for c in found.cuts}
            assert own - cut <= told


def test_spellings_are_read_as_the_warehouse_reads_them(released):
    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        plans = [
            Plan(*row)
            for row in con.execute(
                "select country_code, calling_code, keeps_trunk_zero from seeds.countries"
            ).fetchall()
        ]
        written = con.execute(
            "select distinct records.phone, coalesce(coded.country_code, named.country_code, 'US'), "
            "normalised.identifier_value from intermediate.int_identity_records_unioned as records "
            "inner join intermediate.int_identifiers_normalised as normalised "
            "on records.record_key = normalised.record_key and normalised.identifier_type = 'phone' "
            "left join seeds.countries as coded on lower(trim(records.country)) = lower(coded.country_code) "
            "left join seeds.country_names as named on lower(trim(records.country)) = lower(named.country_name) "
            "where records.phone is not null and normalised.validity = 'ok'"
        ).fetchall()
        emails = con.execute(
            "select distinct records.email, normalised.identifier_value "
            "from intermediate.int_identity_records_unioned as records "
            "inner join intermediate.int_identifiers_normalised as normalised "
            "on records.record_key = normalised.record_key and normalised.identifier_type = 'email' "
            "where records.email is not null and records.source <> 'segment'"
        ).fetchall()
    several = {raw for raw, _, _ in written}
    assert len(several) > 100
    for raw, country, value in written:
        assert value in phones(raw, plans, country).likely, country
    assert len(emails) > 100
    for raw, value in emails:
        assert lower_case(raw.strip()) == value


def test_the_conditions_of_a_rule_all_hold_for_its_members_and_for_nobody_else(released):
    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        rules = con.execute("select segment, rule, rule_inputs from marts.segments where status = 'active'").fetchall()
        assert len(rules) == 8
        for segment, rule, inputs in rules:
            parts = conditions(rule, inputs.split(", "))
            assert {name for part in parts for name in part.inputs} == set(inputs.split(", "))
            wrong = con.execute(
                "select count(*) from intermediate.int_customers_profiled as p left join (select customer_id "
                "from marts.segment_membership where segment = ?) as m on m.customer_id = p.customer_id "
                f"where (({') and ('.join(part.text for part in parts)})) is true <> (m.customer_id is not null)",
                [segment],
            ).fetchone()
            assert wrong == (0,), segment


def test_segments_are_told_of_whoever_is_in_one(released, world_end):
    customer_id, primary = one(
        released,
        "select customer_id, min(segment) filter (where is_primary) from marts.segment_membership "
        "group by customer_id order by count(*) desc, customer_id limit 1",
    )
    told = asked(released, customer_id)["customer"]
    held = {s["segment"] for s in told["segments"] if s["is_member"]}
    assert held == {
        s for (s,) in query(released, "select segment from marts.segment_membership where customer_id = ?", customer_id)
    }
    assert (
        [s["segment"] for s in told["segments"] if s["is_primary"]]
        == [primary]
        == [told["published"]["primary_segment"]]
    )
    assert {s["since"] for s in told["segments"] if s["is_member"]} == {world_end.isoformat()}
    for segment in told["segments"]:
        assert all(c["holds"] for c in segment["conditions"]) is segment["is_member"]
    (fired,) = one(released, "select max_by(customer_id, (fired_at, customer_id)) from marts.customer_triggers")
    assert asked(released, fired)["customer"]["triggers"]


def test_the_reference_shows_what_the_command_says():
    text = (REPOSITORY / "docs/reference/explain.md").read_text(encoding="utf-8")
    offered = tributary("explain", "--help").out
    for option in re.findall(r"--[a-z]+", offered):
        assert option in text or option == "--help", option


def test_conversions_of_every_kind_are_told_as_they_are_published(released):
    conversions = query(
        released,
        "select conversion_id, customer_id, cast(revenue as double), path_length, unattributed_reason from (select *, "
        "row_number() over (partition by conversion_type, unattributed_reason order by path_length desc, "
        "conversion_id) as place from marts.conversions) where place = 1",
    )
    assert len({reason for *_, reason in conversions}) == 3
    for conversion_id, customer_id, revenue, length, reason in conversions:
        found = asked(released, conversion_id)
        told = found["conversion"]
        assert (told["conversion_id"], told["customer_id"], told["revenue"]) == (conversion_id, customer_id, revenue)
        assert (told["path_length"], len(told["touches"]), told["unattributed_reason"]) == (length, length, reason)
        credits = [
            (touch["touchpoint_id"], model, given["credit"], given["credited_revenue"])
            for touch in told["touches"]
            for model, given in touch["credits"].items()
        ]
        assert sorted(credits) == query(
            released,
            "select touchpoint_id, model, credit, credited_revenue from marts.attribution_credits "
            "where conversion_id = ? order by all",
            conversion_id,
        )
        assert (found["customer"] is None) is (customer_id is None)
        if customer_id:
            assert conversion_id in {c["conversion_id"] for c in found["customer"]["conversions"]}
        assert explain(released, conversion_id).code == 0


def test_every_order_is_a_conversion_or_says_why_not(released):
    orders = query(
        released,
        "select min(order_id), status = 'cancelled', net_revenue is null, net_revenue <= 0 from marts.orders "
        "group by all union all select min(order_id), null, null, null from staging.stg_shopify__orders where is_test",
    )
    reasons = set()
    for order_id, is_cancelled, is_unknown, is_nothing in orders:
        told = asked(released, f"order:{order_id}")["conversion"]
        reason = told["why_not"] and told["why_not"]["reason"]
        reasons.add(reason)
        if is_cancelled is None:
            assert reason in ("test", "voided")
        elif is_cancelled:
            assert reason == "cancelled"
        elif is_unknown:
            assert reason in ("no_rate", "unknown_amount")
        else:
            assert (reason is not None) is is_nothing
    assert reasons >= {None, "cancelled", "no_rate", "refunded", "test"}
