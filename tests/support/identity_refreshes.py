"""Refreshes of identity alone, without a command line: landing, the graph, the identity step, the published tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.lib.identity.resolve import resolve_identity
from orchestration.lib.landing.load import load_landing
from tests.support.dbt_warehouse import Warehouse

# What stands before the identity step, and what is published after it.
GRAPH = [
    *("+int_identity_nodes_connected", "+int_identity_records_noded"),
    *("+int_steward_links_resolved", "+int_persons_prepared"),
]
PUBLISHED = ["customer_identifiers", "customer_redirects", "identity_suppressed"]
SEEDS = ["countries", "country_names", "steward_links"]


class Refreshes:
    """A warehouse and its landing folder."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(folder, {"as_of_date": "2024-05-01"})
        self.warehouse.run(["seed", "--select", *SEEDS])
        self.landing = folder / "landing"
        self.landing.mkdir()
        self.released: dict[date, dict[str, list[tuple[Any, ...]]]] = {}

    def start_over(self) -> None:
        """Empty the landing folder; the next refresh unloads what was in it, and knows no earlier release."""
        self.released = {}
        shutil.rmtree(self.landing)
        self.landing.mkdir()

    def refresh(self, day: date, decisions: Iterable[tuple[Any, ...]] = ()) -> None:
        """Load the landing folder and build the published tables for a day, under lines of steward_links."""
        with self.warehouse.connect() as con:
            load_landing(
                con,
                self.landing,
                list(self.warehouse.contracts.values()),
                datetime.combine(day, datetime.min.time()),
                self.warehouse.folder / "scratch",
            )
        self.build(day, decisions)

    def build(self, day: date, decisions: Iterable[tuple[Any, ...]] = ()) -> None:
        """Build the published tables from what is in raw."""
        with self.warehouse.connect() as con:
            con.execute("delete from seeds.steward_links")
            for decision in decisions:
                con.execute("insert into seeds.steward_links values (?, ?, ?, ?, ?, ?, ?, ?)", list(decision))
        self.warehouse.variables = {"as_of_date": str(day), "cutoff_at": f"{day + timedelta(days=1)} 00:00:00"}
        self.warehouse.run(["run", "--select", *GRAPH])
        with self.warehouse.connect() as con:
            resolve_identity(con)
            self._remember(con, max((d for d in self.released if d < day), default=None))
        self.warehouse.run(["run", "--select", *(f"+{mart}" for mart in PUBLISHED), "--exclude", *GRAPH])
        self.released[day] = self.tables()

    def _remember(self, con: Any, before: date | None) -> None:
        """Hand over what an earlier day published, as the identity step reads it from its release."""
        if before is None:
            return
        told = self.released[before]
        identifiers = [(str(before), row[1], row[2], row[0], row[6]) for row in told["customer_identifiers"]]
        ids = {(str(before), row[0], row[0]) for row in told["customer_identifiers"]}
        issued = {row[0] for tables in self.released.values() for row in tables["customer_identifiers"]}
        ids |= {(str(before), *row) for row in told["customer_redirects"] if row[0] in issued}
        con.execute("insert into computed.identity_baselines values ('day_before', ?, ?)", [str(before), before])
        con.executemany("insert into computed.identity_before values (?, ?, ?, ?, ?)", identifiers)
        con.executemany("insert into computed.customer_ids_before values (?, ?, ?)", sorted(ids))

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every published table in one order."""
        return {mart: self.warehouse.rows(f"select * from marts.{mart} order by all") for mart in PUBLISHED}
