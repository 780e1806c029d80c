"""A request to be erased, from the export in which it lands to a search through every byte of the home folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import marts, tributary
from tests.support.kept import history_tables

# Published tables that tell of runs and of earlier days, not of the data: they differ between homes.
OF_RUNS = {"load_ledger", "refreshes", "quality_results", "quality_exceptions", "erasures"}
EMAIL, PHONE, E164 = "Odalys.Quintero@mail.example", "(202) 555-0187", "+12025550187"
NAME, STREET = "Odalys Quintero-Vance", "417 Marigold Passage"
# What a byte search finds a person by. Texts that everybody writes in another way are found by their digits or parts.
TRACES = [EMAIL, EMAIL.lower(), PHONE, E164, "2025550187", "Odalys", "Quintero-Vance", STREET, "odalys.quintero%40"]
FIRST, SECOND, THIRD, FOURTH = "2024-06-01", "2024-06-02", "2024-06-03", "2024-06-04"


def land(landing: Path, table: str, day: str, text: str, name: str = "part.csv") -> None:
    folder = landing / table / f"dt={day}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


CUSTOMERS = f"""id,email,phone,first_name,last_name,created_at,updated_at,\
default_address_address_1,default_address_country_code
u1,{EMAIL},{PHONE},Odalys,Quintero-Vance,2024-01-05 10:00:00,2024-01-05 10:00:00,{STREET},US
u2,ben@mail.example,+12025550111,Ben,Quintero,2024-01-06 10:00:00,2024-01-06 10:00:00,1 Low Road,US
u3,shared@mail.example,,Cleo,Marsh,2024-01-07 10:00:00,2024-01-07 10:00:00,2 Low Road,US
u4,shared@mail.example,,Dora,Marsh,2024-01-07 10:00:00,2024-01-07 10:00:00,2 Low Road,US
u5,shared@mail.example,,Emil,Marsh,2024-01-07 10:00:00,2024-01-07 10:00:00,2 Low Road,US
u6,only.phone@mail.example,020 7946 0958,Fay,Ostrander,2024-01-08 10:00:00,2024-01-08 10:00:00,9 Elm Yard North,GB
"""
ORDERS = f"""id,customer_id,email,phone,created_at,updated_at,currency,total_price,test
o1,u1,{EMAIL},,2024-05-01 10:00:00,2024-05-01 10:00:00,USD,100,
o2,,{EMAIL.upper()},,2024-05-02 10:00:00,2024-05-02 10:00:00,USD,50,
o3,u2,ben@mail.example,,2024-05-03 10:00:00,2024-05-03 10:00:00,USD,70,
o4,,{EMAIL},{E164},2024-05-04 10:00:00,2024-05-04 10:00:00,USD,9,true
o5,u3,shared@mail.example,,2024-05-05 10:00:00,2024-05-05 10:00:00,USD,30,
o6,u6,,,2024-05-06 10:00:00,2024-05-06 10:00:00,USD,20,
"""
LINES = "id,order_id,quantity,price\n" + "".join(
    f"l{n},o{n},1,{price}\n" for n, price in enumerate((100, 50, 70, 9, 30, 20), start=1)
)
PAGES = f"""id,anonymous_id,user_id,timestamp,url,path,context_ip
p1,d1,u1,2024-05-01 09:00:00,https://shop.example/?e=odalys.quintero%40mail.example,/,203.0.113.9
p2,d1,,2024-05-01 09:01:00,https://shop.example/,/,203.0.113.9
p3,d2,u2,2024-05-02 09:00:00,https://shop.example/invite?by={EMAIL},/invite,203.0.113.7
"""
CONTACTS = f"""id,property_email,property_phone,property_firstname,property_lastname,\
property_createdate,property_lastmodifieddate,_fivetran_deleted
h1,{EMAIL},,Odalys,Quintero-Vance,2024-02-01 10:00:00,2024-02-01 10:00:00,false
h2,{EMAIL},,Ben,Quintero,2024-02-02 10:00:00,2024-02-02 10:00:00,false
h2,ben@mail.example,,Ben,Quintero,2024-02-02 10:00:00,2024-02-03 10:00:00,false
h3,{EMAIL},,Odalys,Quintero-Vance,2024-02-04 10:00:00,2024-02-04 10:00:00,true
"""
USERS = f"""id,email,phone,name,role
z1,,1-202-555-0187,Quintero-Vance Odalys,end-user
z2,{EMAIL.lower()},,{NAME},agent
"""
SURVEY = f"""id,email,customer_ref,survey,answer,submitted_at
s1,ben@mail.example,u2,nps,Ask {NAME} about it,2024-05-10 10:00:00
s2,,u1,nps,fine,2024-05-11 10:00:00
"""
SENDS = f"""id,campaign_id,channel,email,sent_at
m1,c1,Email,{EMAIL},2024-05-20 10:00:00
m2,c1,Email,ben@mail.example,2024-05-20 10:00:00
m3,c2,Email,{EMAIL},2024-06-03 10:00:00
"""
# Rows that break their contract: by e-mail, by a phone without its marks, by name, by id, and one of somebody else.
BROKEN = f"""id,email,phone,first_name,last_name,created_at,updated_at
u7,{EMAIL},,x,y,never,
u8,,202.555.0187,x,y,never,
u9,,,Odalys,Quintero-Vance,never,
u1,,,,,never,
u10,gail@mail.example,,Gail,Quintero,never,
"""
REQUESTS = f"""id,email,phone,user_id,requested_at
e1,{EMAIL.lower()},,,2024-06-02 12:00:00
e2,shared@mail.example,,,2024-06-02 12:00:00
e3,,+44 20 7946 0958,,2024-06-02 12:00:00
"""
LATER = """id,customer_id,email,phone,created_at,updated_at,currency,total_price
o7,u1,,,2024-06-04 08:00:00,2024-06-04 08:00:00,USD,40
"""


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("landing")
    land(folder, "shopify/customer", FIRST, CUSTOMERS)
    land(folder, "shopify/customer", FIRST, BROKEN, "broken.csv")
    land(folder, "shopify/order", FIRST, ORDERS)
    land(folder, "shopify/order_line", FIRST, LINES)
    land(folder, "segment/pages", FIRST, PAGES)
    land(folder, "hubspot/contact", FIRST, CONTACTS)
    land(folder, "zendesk/user", FIRST, USERS)
    land(folder, "survey/response", FIRST, SURVEY)
    land(folder, "campaigns/send", FIRST, SENDS)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("erased") / "home"


def refresh(landing: Path, home: Path, day: str, **more: Any) -> str:
    done = tributary("refresh", "--landing", landing, "--home", home, "--as-of", day, **more)
    assert done.code == 0, done.out + done.err
    return done.err


def traces(home: Path, wanted: list[str] = TRACES) -> Iterator[tuple[str, str]]:
    """Whatever of a person any file of the home folder holds, as bytes or as a text that the engine has packed."""
    for path in sorted(p for p in home.rglob("*") if p.is_file() and not p.is_symlink()):
        content = path.read_bytes()
        for trace in wanted:
            if trace.encode() in content:
                yield path.name, trace
        if path.suffix != ".duckdb":
            continue
        with duckdb.connect() as con:
            con.execute(f"attach '{path}' as searched (read_only)")
            columns = con.execute(
                "select schema_name, table_name, column_name from duckdb_columns() "
                "where database_name = 'searched' and data_type like '%VARCHAR%'"
            ).fetchall()
            for schema, table, column in columns:
                for trace in wanted:
                    found = con.execute(
                        f'select count(*) from searched."{schema}"."{table}" '
                        f'where contains(lower(cast("{column}" as varchar)), lower(?))',
                        [trace],
                    ).fetchone()
                    if found and found[0]:
                        yield f"{path.name}: {schema}.{table}.{column}", trace


def rows(home: Path, query: str, file: str = "marts.duckdb") -> list[tuple[Any, ...]]:
    with marts(home, file) as con:
        return con.execute(query).fetchall()


def checksums(home: Path) -> dict[str, Any]:
    manifest = json.loads((home / "published/current/manifest.json").read_text())
    return {
        name: table["checksum"] for name, table in manifest["tables"].items() if name not in OF_RUNS | history_tables()
    }


def stayed(home: Path) -> set[str]:
    """The customers of the stays that the warehouse keeps."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        return {
            customer
            for table in ("segment_membership_history", "int_primary_segments_held")
            for (customer,) in con.execute(f"select distinct customer_id from history.{table}").fetchall()
        }


def described(home: Path) -> set[str]:
    """The customers of every published table of the current release that has a row for some or each of them."""
    with marts(home) as con:
        tables = con.execute(
            "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'customer_id' "
            "and table_name <> 'identity_changes'"
        ).fetchall()
        assert {("customers",), ("customer_features",), ("segment_membership_history",)} <= set(tables)
        return {c for (t,) in tables for (c,) in con.execute(f"select distinct customer_id from marts.{t}").fetchall()}


MONEY = "select order_id, gross_revenue, net_revenue, status from marts.orders where order_id <> 'o7' order by 1"
SESSIONS = "select session_id, started_at, page_views, channel, landing_path from marts.sessions order by 1"


def test_nothing_of_a_person_is_left_on_any_day(landing: Path, home: Path, tmp_path: Path) -> None:
    refresh(landing, home, SECOND)
    told = "select customer_id from restricted.customer_contacts where email in (?, ?)"
    with marts(home, "restricted.duckdb") as con:
        doomed = {r[0] for r in con.execute(told, [EMAIL.lower(), "only.phone@mail.example"]).fetchall()}
    assert len(doomed) == 2
    assert doomed & stayed(home), "whoever is erased was in a segment"
    money, sessions = rows(home, MONEY), rows(home, SESSIONS)
    suppressed = rows(home, "select * from marts.identity_suppressed order by all")
    kept = (home / "published/current").resolve()

    # The export of the next day brings the request, and the same people again.
    land(landing, "shopify/customer", THIRD, CUSTOMERS)
    land(landing, "consent/erasure_request", THIRD, REQUESTS)
    # When it is known who is reached and nothing is taken yet, and when all is taken.
    for place in ("_Pass._forget_stays", "rewrite_warehouse"):
        done = tributary(
            *("refresh", "--landing", landing, "--home", home, "--as-of", THIRD),
            kill_at=f"orchestration.lib.erasure.erase:{place}",
        )
        assert done.code != 0
    told = refresh(landing, home, THIRD)
    assert "was interrupted" in told
    assert list(traces(home)) == []
    assert not doomed & (stayed(home) | described(home))
    # Of the request by phone alone too; a shared address names nobody.
    assert list(traces(home, ["only.phone@mail.example", "79460958", "Ostrander", "9 Elm Yard North"])) == []
    assert rows(home, MONEY) == money
    assert rows(home, SESSIONS) == sessions
    assert rows(home, "select * from marts.identity_suppressed order by all") == suppressed
    assert rows(home, "select order_id, customer_id is null from marts.orders order by 1") == [
        *(("o1", True), ("o2", True), ("o3", False), ("o5", False), ("o6", True)),
    ]
    assert rows(home, "select distinct customer_id is null from marts.sessions where page_views = 2") == [(True,)]
    people = rows(home, "select email from restricted.customer_contacts order by 1", "restricted.duckdb")
    assert people == [("ben@mail.example",), (None,), (None,), (None,)]
    lost = "select line, raw_text is null from restricted.quarantine order by line"
    assert rows(home, lost, "restricted.duckdb") == [(2, True), (3, True), (4, True), (5, True), (6, False)]
    history = "select request_id, record_count > 0, raw_row_count > 0, found_count from marts.erasures order by all"
    assert rows(home, history) == [("e1", True, True, 0), ("e2", False, False, 0), ("e3", True, True, 0)]
    # The release of the day before says what it holds now.
    manifest = json.loads((kept / "manifest.json").read_text())["tables"]
    with duckdb.connect() as con:
        con.execute(f"attach '{kept / 'restricted.duckdb'}' as kept (read_only); use kept")
        for table in ("customer_contacts", "quarantine"):
            found = con.execute(
                f"select count(*), cast(sum(hash(t)) as varchar) from restricted.{table} as t"
            ).fetchone()
            assert found == (manifest[f"restricted.{table}"]["rows"], manifest[f"restricted.{table}"]["checksum"])
        assert con.execute("select count(*) from restricted.customer_contacts").fetchone() == (4,)
    assert (kept / "restricted.duckdb").stat().st_mode & 0o777 == 0o600

    # A past day, of which the request is later.
    assert "looking for whom" not in refresh(landing, home, SECOND)
    assert rows(home, MONEY) == money
    assert rows(home, "select count(*) from marts.customers") == [(4,)]
    assert list(traces(home)) == []

    # The people come once more, and one of them orders again: a new customer, who has nothing but that order.
    land(landing, "shopify/customer", FOURTH, CUSTOMERS)
    land(landing, "shopify/order", FOURTH, LATER)
    refresh(landing, home, FOURTH)
    assert list(traces(home)) == []
    assert rows(
        home,
        "select o.order_id, i.identifier_type, i.first_seen_at = o.ordered_at, c.lifetime_orders "
        "from marts.orders as o join marts.customers as c using (customer_id) "
        "join marts.customer_identifiers as i using (customer_id) where o.order_id = 'o7'",
    ) == [("o7", "user_id", True, 1)]
    assert rows(home, MONEY) == money

    # From nothing it comes out the same.
    other = tmp_path / "home"
    refresh(landing, other, FOURTH)
    assert checksums(other) == checksums(home)
    assert list(traces(other)) == []

    # A request that is taken back from the landing folder was none: what it took is read again.
    shutil.rmtree(landing / "consent")
    assert "are read again" in refresh(landing, other, FOURTH)
    assert rows(other, "select count(*) from marts.customers") == [(6,)]
