"""Identity over days through the command line: a bad day is refused, a wrong merge is parted, and parting is undone."""

from __future__ import annotations

import hashlib
import json
import os

import duckdb
import pytest

from tests.conftest import marts, tributary
from tests.support.kept import history_tables

FIRST, SECOND = "2024-06-29", "2024-06-30"
OF_RUNS = {"load_ledger", "refreshes", "quality_results", "quality_exceptions"}
DECISIONS = "rule,left_type,left_hash,right_type,right_hash,author,reason,decided_at\n"
CONTACT = "id,property_email,property_createdate,property_lastmodifieddate"
NEIGHBOURS = 40


def hashed(value):
    return hashlib.sha256(value.encode()).hexdigest()


def customer_id(identifier):
    return hashed(identifier)[:32]


ANA, BO = customer_id("user_id:u1"), customer_id("user_id:u2")
APART = (
    f"do_not_link,user_id,{hashed('u1')},user_id,{hashed('u2')},Ines,two people with one phone,2024-06-30 09:00:00\n"
)


def write(landing, table, day, header, lines, name="part.csv"):
    folder = landing / table / f"dt={day}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    """Ana and Bo shop; Bo once left Ana's phone number. Forty neighbours are in the CRM alone, each by an address."""
    landing = tmp_path_factory.mktemp("undone") / "landing"
    write(
        *(landing, "shopify/customer", FIRST, "id,email,phone,created_at,updated_at,state"),
        [
            "u1,ana@example.com,+351912000001,2024-06-01 08:00:00,2024-06-01 08:00:00,enabled",
            "u2,bo@example.com,,2024-06-02 08:00:00,2024-06-02 08:00:00,enabled",
        ],
    )
    write(
        *(landing, "shopify/order", FIRST, "id,customer_id,phone,created_at,currency,subtotal_price,total_price"),
        [
            "o1,u1,+351912000001,2024-06-10 08:00:00,USD,100,100",
            "o2,u2,,2024-06-11 08:00:00,USD,30,30",
            "o3,u2,,2024-06-12 08:00:00,USD,40,40",
            "wrong,u2,+351912000001,2024-06-13 08:00:00,USD,5,5",
        ],
    )
    write(
        *(landing, "segment/pages", FIRST, "id,anonymous_id,user_id,timestamp,url"),
        [
            "p1,device-ana,u1,2024-06-10 07:50:00,https://shop.example.com/",
            "p2,device-bo,u2,2024-06-11 07:50:00,https://shop.example.com/",
        ],
    )
    write(
        *(landing, "hubspot/contact", FIRST, CONTACT),
        [
            f"c{n},neighbour{n}@example.com,2024-06-01 08:00:{n:02},2024-06-01 08:00:{n:02}"
            for n in range(1, NEIGHBOURS + 1)
        ],
    )
    write(landing, "shopify/order", SECOND, "id,created_at,currency,total_price", ["guest,2024-06-30 08:00:00,USD,1"])
    return landing


def refresh(landing, home, *arguments, code=0, **environment):
    done = tributary("refresh", "--landing", landing, "--home", home, "--json", *arguments, **environment)
    assert done.code == code, done.out + done.err
    return json.loads(done.out)


def states(home):
    manifest = json.loads((home / "published/current/manifest.json").read_text())
    return {name: t["checksum"] for name, t in manifest["tables"].items() if name not in OF_RUNS | history_tables()}


def of_two(home):
    """What Ana and Bo are: customers of their orders, sessions and scores."""
    with marts(home) as con:
        return {
            "orders": con.execute(
                "select order_id, customer_id from marts.orders where order_id <> 'guest' order by order_id"
            ).fetchall(),
            "sessions": con.execute("select customer_id from marts.sessions order by started_at").fetchall(),
            "scores": con.execute(
                "select customer_id, frequency, monetary from marts.customer_rfm order by monetary"
            ).fetchall(),
        }


def changes(home, day):
    with marts(home) as con:
        return con.execute(
            "select change, effect, from_customer_id, to_customer_id, records_moved, orders_moved, cause "
            "from marts.identity_changes where as_of_date = ? order by all",
            [day],
        ).fetchall()


def health(home):
    with marts(home) as con:
        return con.execute(
            "select cast(as_of_date as varchar), customers, merges_since_last, splits_since_last "
            "from marts.identity_health order by 1"
        ).fetchall()


def untouched(home):
    """What a run that publishes nothing must leave: the current release, history, the list of published runs."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        return (
            os.readlink(home / "published/current"),
            sorted(p.name for p in (home / "published/releases").iterdir()),
            con.execute("from history.identity_health order by all").fetchall(),
            con.execute("from history.identity_changes order by all").fetchall(),
            con.execute("select run_id from ops.refreshes where status = 'published' order by 1").fetchall(),
        )


def test_a_bad_day_is_refused_and_a_wrong_merge_is_parted_and_joined_again(landing, tmp_path):
    home, decided = tmp_path / "home", tmp_path / "decided.csv"
    refresh(landing, home, "--as-of", FIRST)
    assert health(home) == [(FIRST, 1 + NEIGHBOURS, 0, 0)]
    assert changes(home, FIRST) == []
    before = untouched(home)

    # The CRM's export lists every contact as merged into one.
    bad = landing / "hubspot/contact" / f"dt={SECOND}" / "bad.csv"
    merged = ";".join(f"c{n}" for n in range(1, NEIGHBOURS + 1))
    write(
        *(landing, "hubspot/contact", SECOND, f"{CONTACT},property_hs_merged_object_ids"),
        [f"c1,neighbour1@example.com,2024-06-01 08:00:01,2024-06-30 08:00:00,{merged}"],
        bad.name,
    )
    refused = refresh(landing, home, "--as-of", SECOND, code=3)
    assert refused["status"] == "refused"
    for rule in ("identity_health.largest_cluster_does_not_jump", "identity_health.merges_do_not_jump"):
        assert f"{rule} (critical)" in refused["rules_failed"]
    assert untouched(home) == before
    bad.unlink()

    # The next good refresh is as if the bad day had not been.
    refresh(landing, home, "--as-of", SECOND)
    assert health(home) == [(FIRST, 1 + NEIGHBOURS, 0, 0), (SECOND, 1 + NEIGHBOURS, 0, 0)]
    merged_state, merged_two = states(home), of_two(home)
    assert {customer for _, customer in merged_two["orders"]} == {ANA}
    assert merged_two["scores"] == [(ANA, 4, 175)]

    # A steward reads what a decision would do, before anything is published.
    decided.write_text(DECISIONS + APART)
    before = untouched(home)
    told = refresh(landing, home, "--as-of", SECOND, "--dry-run", TRIBUTARY_STEWARD_LINKS=str(decided))
    assert untouched(home) == before
    assert told["status"] == "previewed"
    assert told["counts"] == {"created": 0, "merged": 0, "split": 0, "steward": 1}
    (change,) = told["changes"]
    assert (change["from_customer_id"], change["to_customer_id"]) == (ANA, BO)
    assert (change["records_moved"], change["orders_moved"]) == (5, 3)
    assert told["decisions"] == [
        {"rule_number": 1, "rule": "do_not_link", "status": "in_effect", "author": "Ines"},
    ]

    # The refresh restates everything downstream, and says so against the day before.
    refresh(landing, home, "--as-of", SECOND, TRIBUTARY_STEWARD_LINKS=str(decided))
    cause = "decision 1, do_not_link by Ines: two people with one phone"
    assert changes(home, SECOND) == [("steward", "split", ANA, BO, 5, 3, cause)]
    assert health(home)[1] == (SECOND, 2 + NEIGHBOURS, 0, 1)
    assert of_two(home) == {
        "orders": [("o1", ANA), ("o2", BO), ("o3", BO), ("wrong", BO)],
        "sessions": [(ANA,), (BO,)],
        "scores": [(BO, 3, 75), (ANA, 1, 100)],
    }

    # Without the line everything is as it was.
    decided.write_text(DECISIONS)
    refresh(landing, home, "--as-of", SECOND, TRIBUTARY_STEWARD_LINKS=str(decided))
    assert states(home) == merged_state
    assert of_two(home) == merged_two
    assert changes(home, SECOND) == []


def test_a_decision_that_cannot_be_read_is_a_mistake_told_before_work(landing, tmp_path):
    decided = tmp_path / "decided.csv"
    decided.write_text("who,what\n")
    home = tmp_path / "home"
    for arguments, words in (([], "another header"), (["--dry-run", "--rebuild"], "Leave one out")):
        done = tributary(
            *("refresh", "--landing", landing, "--home", home, *arguments), TRIBUTARY_STEWARD_LINKS=str(decided)
        )
        assert (done.code, words in done.err) == (2, True), done.err
    assert not home.exists()
