"""What the gate reports, what it hides, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb_engine import CursorWrapper
from expectation_warehouse import AS_OF, CHECKED_AT, CONTRACTS, WAREHOUSE, Column, Contract, all_suites, built

from expectations import GateReport, ResultRow, Settings, Severity, run_gate
from expectations.reference import render

ROOT = Path(__file__).resolve().parents[3]
RESULT_COLUMNS = [
    "run_id",
    "checked_at",
    "as_of_date",
    "suite",
    "rule",
    "table_name",
    "column_name",
    "expectation",
    "description",
    "fix",
    "severity",
    "owner",
    "success",
    "observed_value",
    "unexpected_count",
    "unexpected_percent",
    "waived_by",
    "waived_until",
]


@dataclass(frozen=True)
class Published:
    schema: str
    name: str
    owner: str | None = None
    columns: tuple[Column, ...] = ()


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = built()
    yield connection
    connection.close()


def gate(warehouse: Any, **options: Any) -> GateReport:
    settled: dict[str, Any] = {
        "run_id": "run3",
        "as_of_date": AS_OF,
        "checked_at": CHECKED_AT,
        "contracts": CONTRACTS,
    }
    return run_gate(warehouse, **{**settled, **options})


def test_a_sound_warehouse_passes_every_rule(warehouse):
    report = gate(warehouse)
    assert report.failing() == ()
    assert not report.refused
    assert report.exceptions == ()
    assert {row.rule for row in report.results} == {rule.id for suite in all_suites() for rule in suite.rules}
    assert [field.name for field in fields(ResultRow)] == RESULT_COLUMNS
    assert list(report.results[0].as_dict()) == RESULT_COLUMNS
    assert {(row.run_id, row.checked_at, row.as_of_date) for row in report.results} == {("run3", CHECKED_AT, AS_OF)}
    unique = next(row for row in report.results if row.rule == "orders.grain_is_unique")
    assert (unique.observed_value, unique.unexpected_count, unique.unexpected_percent) == ("0 failing of 5 rows", 0, 0)


def test_empty_tables_pass(warehouse):
    tables = warehouse.execute(
        "select '\"' || schema_name || '\".\"' || table_name || '\"' from duckdb_tables() "
        "where table_name not in ('data_map', 'attribution_data_map')"
    ).fetchall()
    for (table,) in tables:
        warehouse.execute(f"delete from {table}")
    report = gate(warehouse)
    assert report.failing() == ()


def test_a_missing_table_fails_its_rules_with_the_reason(warehouse):
    warehouse.execute("drop table marts.refunds")
    report = gate(warehouse)
    missing = [row for row in report.results if row.table_name == "refunds"]
    assert missing
    assert not any(row.success for row in missing)
    assert all("refunds does not exist" in row.observed_value for row in missing)
    assert all(row.unexpected_count is None for row in missing)
    assert report.refused
    assert not any(row.table_name == "refunds" for row in report.exceptions)


def test_a_missing_column_fails_its_rules_and_no_other(warehouse):
    warehouse.execute("alter table marts.sessions drop column medium")
    report = gate(warehouse, only=["published.sessions"])
    assert set(report.failing()) == {"sessions.medium_is_filled", "sessions.medium_is_normalised"} | {
        rule for rule in report.failing() if rule == "sessions.campaigns_are_named"
    }


def test_failing_rows_are_listed_by_key_and_only_so_many(warehouse):
    warehouse.execute('update raw_shop."order" set currency = null')
    report = gate(warehouse, only=["arrivals.shop.order"], exceptions_a_rule=3)
    rule = "shop.order.required_values_are_there"
    result = next(row for row in report.results if row.rule == rule)
    assert (result.observed_value, result.unexpected_count, result.unexpected_percent) == (
        "800 failing of 800 rows",
        800,
        100.0,
    )
    listed = [row for row in report.exceptions if row.rule == rule]
    assert [row.row_key for row in listed] == [f"shop/order/dt=2024-06-23/part.csv | {line}" for line in (10, 100, 101)]
    assert {row.observed_value for row in listed} == {"currency"}
    assert {row.first_seen_on for row in listed} == {AS_OF}


def test_first_seen_on_is_that_of_the_first_run(warehouse):
    warehouse.execute("update marts.orders set net_revenue = 0 where order_id in ('o1', 'o2')")
    warehouse.execute(
        "insert into ops.quality_exceptions values "
        "('run1', date '2024-06-02', 'orders.net_revenue_adds_up', 'orders', 'o1', '', date '2024-06-02'),"
        "('run2', date '2024-06-03', 'orders.net_revenue_adds_up', 'orders', 'o1', '', date '2024-06-02'),"
        "('run9', date '2024-08-01', 'orders.net_revenue_adds_up', 'orders', 'o2', '', date '2024-08-01')"
    )
    report = gate(warehouse, only=["published.orders"])
    seen = {row.row_key: row.first_seen_on for row in report.exceptions if row.rule == "orders.net_revenue_adds_up"}
    assert seen == {"o1": date(2024, 6, 2), "o2": AS_OF}


def test_direct_identifiers_never_leave_with_a_failure(warehouse):
    warehouse.execute("update restricted.customer_contacts set email = 'Ana Silva at example.com', phone = '912'")
    warehouse.execute("update marts.orders set coupon = 'for Ana.Silva@example.com' where order_id = 'o1'")
    warehouse.execute("update marts.orders set status = 'sold to +351 912 345 678' where order_id = 'o2'")
    warehouse.execute("update marts.refreshes set reason = 'from 10.0.0.7'")
    warehouse.execute("alter table marts.customer_redirects alter column customer_id type blob using null")
    report = gate(warehouse, only=[suite.name for suite in all_suites()])
    failed = set(report.failing())
    assert {
        "customer_contacts.email_is_well_formed",
        "customer_contacts.phone_is_well_formed",
        "orders.no_email_in_clear",
        "orders.no_phone_in_clear",
        "refreshes.no_ip_address_in_clear",
    } <= failed
    shown = [row.observed_value for row in (*report.results, *report.exceptions)]
    shown += [row.row_key for row in report.exceptions]
    for secret in ("Silva", "912", "10.0.0.7"):
        assert not [text for text in shown if secret in text]
    assert {
        row.observed_value for row in report.exceptions if row.rule == "customer_contacts.email_is_well_formed"
    } == {"***"}
    assert {row.observed_value for row in report.exceptions if row.rule == "orders.no_email_in_clear"} == {"in coupon"}
    assert "sold to***" in {
        row.observed_value.replace(" ***", "***") for row in report.exceptions if row.rule == "orders.status_is_known"
    }


def test_a_column_that_is_published_as_pii_is_masked(warehouse):
    warehouse.execute("update marts.customers set country_code = 'Portugal' where country_code = 'PT'")
    table = Published("marts", "customers", "ana", (Column("country_code", pii=True),))
    report = gate(warehouse, published=[table], only=["published.customers"])
    row = next(row for row in report.exceptions if row.rule == "customers.country_code_is_well_formed")
    assert row.observed_value == "***"
    assert {row.owner for row in report.results} == {"ana"}


def test_a_key_of_direct_identifiers_is_masked(warehouse):
    warehouse.execute(
        "create table raw_shop.member (email varchar, _file varchar, _line bigint, _export_date date);"
        "insert into raw_shop.member values ('Ana at home', 'm.csv', 2, null), ('Ana at home', 'm.csv', 3, null)"
    )
    member = Contract("shop", "member", (Column("email", required=True, pii=True),), ("email",), owner=None)
    report = gate(warehouse, contracts=[member], only=["arrivals.shop.member"])
    found = next(row for row in report.exceptions if row.rule == "shop.member.keys_arrive_once")
    assert (found.row_key, found.observed_value) == ("m.csv:2", "***")
    assert {row.owner for row in report.results} == {"shop"}


def test_a_table_without_a_suite_is_searched_for_identifiers(warehouse):
    warehouse.execute(
        "create table marts.audiences (audience varchar, owner varchar);"
        "insert into marts.audiences values ('new', 'ana@example.com'), ('loyal', 'ana')"
    )
    report = gate(warehouse, published=[Published("marts", "audiences", "marketing")], only=["published.audiences"])
    assert report.refusing == ("audiences.no_email_in_clear",)
    assert [(row.row_key, row.observed_value) for row in report.exceptions] == [("new", "in owner")]


def test_rules_on_tables_that_are_not_published_are_left_out(warehouse):
    warehouse.execute("drop table marts.customers; delete from seeds.waivers")
    report = gate(warehouse, published=[Published("marts", "orders", "commerce")])
    assert report.failing() == ()
    assert "orders.customer_id_exists_in_customers" not in {row.rule for row in report.results}
    assert "orders.net_revenue_adds_up" in {row.rule for row in report.results}


def test_owners_are_warned_of_their_segments_and_of_no_other(warehouse):
    warehouse.execute("update marts.segments set review_due_on = date '2024-06-29'")
    warehouse.execute("update marts.segment_scorecard set verdict = 'retire' where segment = 'buyers'")
    published = [Published("marts", name, "marketing") for name in ("segments", "segment_scorecard")]
    report = gate(warehouse, published=published, only=["owners.segments"])
    failed = {row.rule: row.owner for row in report.results if not row.success}
    # What is retired needs no review, and a verdict of watch is no warning.
    assert failed == {
        "segments.core.review_is_not_overdue": "ana",
        "segments.dreamers.review_is_not_overdue": "ana",
        "segments.buyers.review_is_not_overdue": "bo",
        "segments.buyers.is_worth_having": "bo",
    }
    assert {row.severity for row in report.results} == {"warning"}
    assert not report.refused
    assert ("segments.buyers.is_worth_having", "buyers", "retire: differentiable -0.1 is below 0.2") in {
        (row.rule, row.row_key, row.observed_value) for row in report.exceptions
    }
    # A day that is not the scorecard's says nothing of it.
    later = gate(warehouse, published=published, only=["owners.segments"], as_of_date=AS_OF - timedelta(days=2))
    assert later.failing() == ()
    unjudged = gate(warehouse, published=published[:1], only=["owners.segments"])
    assert all(row.rule.endswith("overdue") for row in unjudged.results)


def test_how_many_segments_may_be_active_is_a_var(warehouse):
    options = {"only": ["segments.active_segments_are_few"]}
    assert gate(warehouse, **options).failing() == ()
    report = gate(warehouse, project_vars={"active_segments_limit": 1}, **options)
    assert report.failing(Severity.WARNING) == ("segments.active_segments_are_few",)
    assert [row.row_key for row in report.exceptions] == ["buyers", "core"]


def test_a_waiver_holds_until_the_end_of_its_day(warehouse):
    warehouse.execute("update marts.orders set net_revenue = 1 where order_id = 'o4'")
    rule = "orders.net_revenue_adds_up"
    until = CHECKED_AT.date()
    warehouse.execute(
        "insert into seeds.waivers values (?, 'ana', ?, 'known'), (?, 'bo', ?, 'known')",
        [rule, until, rule, until - timedelta(days=1)],
    )
    report = gate(warehouse, only=["published.orders"])
    assert report.failing(Severity.CRITICAL) == (rule,)
    assert not report.refused
    row = next(row for row in report.results if row.rule == rule)
    assert (row.success, row.waived_by, row.waived_until) == (False, "ana", until)
    next_day = gate(warehouse, only=["published.orders"], checked_at=CHECKED_AT + timedelta(days=1))
    assert next_day.refusing == (rule,)
    assert next(row for row in next_day.results if row.rule == rule).waived_by is None


def test_a_warehouse_without_waivers_and_history_is_checked(warehouse):
    warehouse.execute("drop table seeds.waivers; drop table ops.quality_exceptions")
    warehouse.execute("update marts.orders set net_revenue = 1 where order_id = 'o1'")
    report = gate(warehouse, only=["published.orders", "decisions.waivers"])
    assert report.refusing == ("orders.net_revenue_adds_up",)
    assert {row.suite for row in report.results} == {"published.orders"}


def test_every_rule_asks_the_engine_once(warehouse, monkeypatch):
    asked = []
    execute = CursorWrapper.execute

    def counted(self: CursorWrapper, statement: str, *arguments: Any) -> None:
        asked.append(statement)
        execute(self, statement, *arguments)

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    report = gate(warehouse)
    # What is left is SQLAlchemy finding out whom it talks to.
    of_rules = [statement for statement in asked if "as failing" in statement]
    assert len(of_rules) == len(report.results)
    assert len(asked) - len(of_rules) <= 3


def test_a_path_is_opened_beside_connections_of_this_process(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    connection = duckdb.connect(str(path))
    connection.execute(WAREHOUSE)
    assert gate(path).failing() == ()
    connection.close()
    assert gate(str(path), only=["published.orders"]).failing() == ()
    # The file is free again: another configuration opens it.
    duckdb.connect(str(path), config={"threads": "1"}).close()


def test_a_path_without_a_warehouse_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no warehouse at"):
        gate(tmp_path / "nothing.duckdb")


def test_the_caller_hears_of_every_suite(warehouse):
    heard = []
    gate(warehouse, on_suite=lambda *said: heard.append(said))
    assert [name for name, _, _ in heard] == [suite.name for suite in all_suites()]
    assert [(number, total) for _, number, total in heard] == [(i + 1, len(heard)) for i in range(len(heard))]


def test_the_day_ends_in_the_reporting_timezone():
    day = date(2024, 6, 30)
    assert Settings.for_day(day).cutoff_at == datetime(2024, 7, 1)
    lisbon = Settings.for_day(day, {"reporting_timezone": "Europe/Lisbon", "rfm_window_days": 30})
    assert lisbon.cutoff_at == datetime(2024, 6, 30, 23)
    assert lisbon.rfm_window_days == 30
    assert Settings.for_day(day, cutoff_at=datetime(2024, 7, 1, 5)).cutoff_at == datetime(2024, 7, 1, 5)


def test_money_is_compared_by_month_of_the_reporting_timezone(warehouse):
    # 23:30 UTC of May 31 is June 1 in Lisbon.
    warehouse.execute("update marts.orders set ordered_at = timestamp '2024-05-31 23:30' where order_id = 'o5'")
    options = {"only": ["published.money_reconciliation"]}
    assert gate(warehouse, **options).refused
    assert not gate(warehouse, project_vars={"reporting_timezone": "Europe/Lisbon"}, **options).refused


def test_great_expectations_is_imported_when_the_gate_runs_and_reports_to_nobody():
    script = (
        "import sys, os, duckdb, expectations\n"
        "assert 'great_expectations' not in sys.modules\n"
        "from datetime import date, datetime\n"
        "os.environ['GX_ANALYTICS_ENABLED'] = 'true'\n"
        "expectations.run_gate(duckdb.connect(), run_id='r', as_of_date=date(2024, 1, 1), "
        "checked_at=datetime(2024, 1, 2), only=[])\n"
        "assert 'great_expectations' in sys.modules\n"
        "assert os.environ['GX_ANALYTICS_ENABLED'] == 'false'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_page_of_rules_is_current():
    page = (ROOT / "docs/reference/expectations.md").read_text(encoding="utf-8")
    assert page == render(), "run: python -m expectations.reference > docs/reference/expectations.md"
