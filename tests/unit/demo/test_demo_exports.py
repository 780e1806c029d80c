"""The exports keep the contracts of every table, and fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.lib.demo.contract import TABLES
from orchestration.lib.landing.contracts import load_contracts
from tests.support.demo_world import World, good_files

CONTRACTS = {
    f"{c.source}/{c.table}": c
    for c in load_contracts(Path(__file__).resolve().parents[3] / "dbt_project")
    if f"{c.source}/{c.table}" in TABLES
}
# Child table and column, parent table and column; nulls refer to nothing.
REFERENCES = [
    ("shopify/order", "customer_id", "shopify/customer", "id"),
    ("shopify/order_line", "order_id", "shopify/order", "id"),
    ("shopify/order_line", "product_id", "shopify/product", "id"),
    ("shopify/refund", "order_id", "shopify/order", "id"),
    ("shopify/order_line_refund", "refund_id", "shopify/refund", "id"),
    ("shopify/order_line_refund", "order_line_id", "shopify/order_line", "id"),
    ("segment/identifies", "user_id", "shopify/customer", "id"),
    ("segment/pages", "user_id", "shopify/customer", "id"),
    ("segment/tracks", "user_id", "shopify/customer", "id"),
    ("segment/tracks", "order_id", "shopify/order", "id"),
    ("segment/tracks", "product_id", "shopify/product", "id"),
    ("hubspot/contact", "property_associatedcompanyid", "hubspot/company", "id"),
    ("hubspot/deal_contact", "deal_id", "hubspot/deal", "deal_id"),
    ("hubspot/deal_contact", "contact_id", "hubspot/contact", "id"),
    ("klaviyo/event", "person_id", "klaviyo/person", "id"),
    ("klaviyo/event", "metric_id", "klaviyo/metric", "id"),
    ("klaviyo/event", "campaign_id", "klaviyo/campaign", "id"),
    ("google_ads/campaign_stats", "id", "google_ads/campaign_history", "id"),
    ("facebook_ads/basic_campaign", "campaign_id", "facebook_ads/campaign_history", "id"),
    ("zendesk/ticket", "requester_id", "zendesk/user", "id"),
    ("loyalty/point_transaction", "member_id", "loyalty/member", "member_id"),
    ("loyalty/point_transaction", "order_id", "shopify/order", "id"),
    ("survey/response", "customer_ref", "shopify/customer", "id"),
    ("survey/response", "product_id", "shopify/product", "id"),
    ("partner/placement_event", "order_id", "shopify/order", "id"),
]


def test_the_contract_written_here_is_the_one_the_loader_reads() -> None:
    assert set(TABLES) == set(CONTRACTS)
    for path, table in TABLES.items():
        contract = CONTRACTS[path]
        assert table.columns == {column.name: column.data_type for column in contract.columns}, path
        assert table.key == contract.primary_key, path
        assert table.version == contract.version, path


@pytest.mark.parametrize("path", sorted(TABLES))
def test_a_table_has_every_column_and_one_row_a_key_in_each_file(world: World, path: str) -> None:
    columns = {row[0] for row in world.sql(f'describe "{path}"')} - {"_file"}
    assert columns == set(TABLES[path].columns)
    keys = ", ".join(f'"{key}"' for key in TABLES[path].key)
    repeated = world.sql(f'select _file, {keys}, count(*) from "{path}" group by all having count(*) > 1')
    assert repeated == []
    for column in CONTRACTS[path].columns:
        if column.required:
            assert world.one(f"select count(*) from \"{path}\" where coalesce(trim(\"{column.name}\"), '') = ''") == 0


def test_most_of_a_table_lies_in_one_dump_and_the_last_week_in_increments(world: World) -> None:
    for path, table in TABLES.items():
        names = good_files(world, path)
        if table.daily is None:
            assert names == [f"{path}.{table.dump}"]
            continue
        dates = sorted({name.split("dt=")[1][:10] for name in names if "dt=" in name})
        assert dates[0] == "2026-06-23", path
        assert all("2026-06-23" <= day <= "2026-06-30" for day in dates)
    assert len({name.split(".", 1)[1] for name in world.about["files"]}) == 5
    for path in ("shopify/customer", "shopify/order", "segment/pages", "segment/tracks", "klaviyo/event"):
        days = {name.split("dt=")[1][:10] for name in good_files(world, path)}
        assert len(days) == 8, path


def test_increments_carry_new_versions_of_old_rows(world: World) -> None:
    for path, key, version in (
        ("shopify/customer", "id", "updated_at"),
        ("shopify/order", "id", "updated_at"),
        ("hubspot/contact", "id", "property_lastmodifieddate"),
        ("loyalty/member", "member_id", "updated_at"),
    ):
        again = world.one(
            f'select count(*) from (select {key} from "{path}" group by 1 having count(distinct {version}) > 1)'
        )
        assert again > 0, path


@pytest.mark.parametrize(("child", "column", "parent", "key"), REFERENCES)
def test_references_lead_somewhere(world: World, child: str, column: str, parent: str, key: str) -> None:
    known = f'select "{key}" from "{parent}"'
    assert world.sql(f'select "{column}" from "{child}" where "{column}" not in ({known})') == []
    assert world.one(f'select count("{column}") from "{child}"') > 0


def test_nothing_happens_outside_the_world(world: World) -> None:
    for path in ("segment/pages", "segment/tracks"):
        low, high = world.sql(
            f'select min(cast("timestamp" as timestamp)), max(cast("timestamp" as timestamp)) from "{path}"'
        )[0]
        assert str(low)[:10] >= world.about["start"]
        assert str(high)[:10] <= world.about["end"]
    assert world.one("select count(*) from \"shopify/order\" where created_at[:10] > '2026-06-30'") == 0


def test_children_land_with_or_after_their_parents(world: World) -> None:
    landed = "min(coalesce(nullif(regexp_extract(_file, 'dt=([0-9-]+)', 1), ''), '0000')) as day"
    for child, column, parent, key in REFERENCES[1:6]:
        early = world.sql(
            f'select c."{column}" from (select "{column}", {landed} from "{child}" group by 1) c '
            f'join (select "{key}", {landed} from "{parent}" group by 1) p on p."{key}" = c."{column}" '
            "where c.day < p.day"
        )
        assert early == [], (child, column)
