"""The code location: one graph from raw export to release, owned, described, and quiet until it is switched on."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest
import yaml

from orchestration.definitions import defs
from orchestration.defs.schedules import daily_schedule
from orchestration.defs.sensors import QUIET_SECONDS, exports_landed
from orchestration.lib.settings import REPOSITORY
from tests.conftest import tributary


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


def test_every_asset_has_group_owner_description_and_kind(definitions):
    bare = []
    for spec in definitions.resolve_all_asset_specs():
        if not (spec.group_name and spec.group_name != "default" and spec.description and spec.kinds):
            bare.append(spec.key.to_user_string())
        if not spec.owners and spec.group_name != "seeds":
            bare.append(spec.key.to_user_string())
    assert bare == []


def test_lineage_runs_unbroken_from_raw_export_to_release(definitions):
    graph = definitions.resolve_asset_graph()

    def upstream(key: dg.AssetKey) -> set[dg.AssetKey]:
        seen: set[dg.AssetKey] = set()
        todo = [key]
        while todo:
            for parent in graph.get(todo.pop()).parent_keys - seen:
                seen.add(parent)
                todo.append(parent)
        return seen

    above = upstream(dg.AssetKey("release"))
    for key in (["raw", "shopify", "order"], ["raw", "segment", "tracks"], ["marts", "orders"], ["quality", "gate"]):
        assert dg.AssetKey(key) in above, key
    assert dg.AssetKey(["raw", "shopify", "order"]) in upstream(dg.AssetKey(["marts", "customer_rfm"]))


def test_what_python_read_is_said_where_its_tables_are_described(definitions):
    # data_map follows a column to the exports through what Python computed by meta.made_from.
    graph = definitions.resolve_asset_graph()
    sources = yaml.safe_load((REPOSITORY / "dbt_project/models/staging/computed/_computed__sources.yml").read_text())
    said = {
        table["name"]: set(table["config"]["meta"]["made_from"])
        for table in sources["sources"][0]["tables"]
        if "made_from" in table.get("config", {}).get("meta", {})
    }
    assert {"channel_effects", "identity_links"} <= set(said)
    for table, models in said.items():
        read = {key.path[-1] for key in graph.get(dg.AssetKey(["computed", table])).parent_keys}
        assert read == models, table


def test_schedule_and_sensor_are_off_until_switched_on(definitions):
    schedule = definitions.resolve_schedule_def("daily_schedule")
    assert (schedule.default_status, schedule.cron_schedule) == (dg.DefaultScheduleStatus.STOPPED, "0 2 * * *")
    assert definitions.resolve_sensor_def("exports_landed").default_status == dg.DefaultSensorStatus.STOPPED


def test_the_sensor_asks_for_a_day_once_and_only_when_it_is_complete_and_at_rest(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIBUTARY_LANDING", str(tmp_path))

    def evaluate(cursor: str | None):
        context = dg.build_sensor_context(cursor=cursor)
        return exports_landed(context), context.cursor

    assert isinstance(evaluate(None)[0], dg.SkipReason)
    for table in ("customer", "order"):
        folder = tmp_path / "shopify" / table / "dt=2024-05-01"
        folder.mkdir(parents=True)
        assert isinstance(evaluate(None)[0], dg.SkipReason)
        (folder / "a.csv").write_text("id\n")
    assert isinstance(evaluate(None)[0], dg.SkipReason), "a file that was just written may still grow"
    past = time.time() - QUIET_SECONDS - 5
    for file in tmp_path.rglob("a.csv"):
        os.utime(file, (past, past))
    request, cursor = evaluate(None)
    assert request.partition_key == "2024-05-01"
    assert isinstance(evaluate(cursor)[0], dg.SkipReason)


def test_the_schedule_asks_for_the_day_that_is_over():
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2024, 5, 2, 2, tzinfo=UTC))
    assert daily_schedule(context).partition_key == "2024-05-01"


def test_a_failure_is_posted_to_the_alert_url(world, tmp_path):
    shutil.copytree(world / "shopify/customer", tmp_path / "landing/shopify/customer")
    posts = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments):
            """Keep the test's output to the test."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/alerts"
    done = tributary("refresh", "--landing", tmp_path / "landing", "--home", tmp_path / "home", TRIBUTARY_ALERT_URL=url)
    server.shutdown()
    assert done.code == 4
    assert "shopify/order" in done.out + done.err
    assert [(p["status"], p["step"]) for p in posts] == [("failed", "landing")]
    assert "shopify/order" in posts[0]["reason"]
