"""Where the weights of device links come from, and how good the links are, on demo worlds whose truth is known.

    python -m tests.bench.device_links estimate --customers 20000 --seeds 101,102
    python -m tests.bench.device_links measure --customers 10000 --seeds 7,11

`estimate` prints dbt_project/seeds/device_link_weights.csv; `measure` prints precision and recall of its weights.
Worlds go to a scratch folder, or to --folder, where they are kept for the next call.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

CONTEXTS: dict[str, tuple[str, ...]] = {
    "ip_address": ("same",),
    "user_agent": ("same", "other"),
    "locale": ("same", "other"),
    "timezone": ("same", "other"),
    "product_interest": ("same", "some", "other"),
    "time_proximity": ("near", "far"),
}
OUTCOMES = [(context, outcome) for context, outcomes in CONTEXTS.items() for outcome in outcomes]
# What agrees may never count against a link, nor what differs for it, whatever a sample says.
SIGNS = {"same": (0.0, None), "near": (0.0, None), "some": (None, None), "other": (None, 0.0), "far": (None, 0.0)}
# Weights are drawn to 0 as by a normal prior of this deviation, so that an outcome that never occurs stays finite.
# ip_address, where every pair starts from, is free.
PRIOR_DEVIATION = 2.0
# In the demo world nobody loses a cookie, the commonest way to a second anonymous_id of one browser.
BY_HAND = {("user_agent", "same"): 0.5}


@dataclass(frozen=True)
class Compared:
    """Pairs of a device and a customer: the device's number, the outcomes that hold, and whether the pair is true."""

    device: np.ndarray
    outcomes: np.ndarray
    is_match: np.ndarray


@dataclass(frozen=True)
class Measured:
    """How the links of one world compare with its truth."""

    seed: int
    unknown_devices: int
    of_customers: int
    of_customers_at_one_address: int
    linked: int
    correct: int

    @property
    def precision(self) -> float:
        return self.correct / self.linked if self.linked else 0.0

    @property
    def recall(self) -> float:
        """Of the devices whose person is seen as a customer at one of their addresses: no others can be found."""
        return self.correct / self.of_customers_at_one_address if self.of_customers_at_one_address else 0.0


def estimate(pairs: Compared) -> np.ndarray:
    """The weight of each of OUTCOMES under which the truth is likeliest.

    A device is one of its candidates', each with odds exp(sum of weights), or, with odds 1, none of theirs.
    """
    from scipy.optimize import minimize

    count = int(pairs.device.max()) + 1
    drawn = np.array([0.0 if context == "ip_address" else PRIOR_DEVIATION**-2 for context, _ in OUTCOMES])
    found = np.bincount(pairs.device, pairs.is_match, count) > 0

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = np.exp(pairs.outcomes @ weights)
        total = 1 + np.bincount(pairs.device, odds, count)
        true = np.where(found, np.bincount(pairs.device, odds * pairs.is_match, count), 1.0)
        expected = odds / total[pairs.device]
        observed = odds * pairs.is_match / true[pairs.device]
        gradient = pairs.outcomes.T @ (expected - observed) + drawn * weights
        return float(np.log(total / true).sum() + (drawn * weights**2).sum() / 2), gradient

    bounds = [(None, None) if context == "ip_address" else SIGNS[outcome] for context, outcome in OUTCOMES]
    fitted = minimize(loss, np.zeros(len(OUTCOMES)), jac=True, bounds=bounds, method="L-BFGS-B")
    if not fitted.success:
        raise RuntimeError(f"the weights do not converge: {fitted.message}")
    return np.asarray(fitted.x)


def as_seed(weights: Sequence[float]) -> str:
    """The weights as the text of device_link_weights.csv."""
    lines = ["context,outcome,weight,basis"]
    for outcome, weight in zip(OUTCOMES, weights, strict=True):
        value, basis = (BY_HAND[outcome], "set by hand") if outcome in BY_HAND else (weight + 0.0, "estimated")
        lines.append(f"{','.join(outcome)},{value:.3f},{basis}".replace("-0.000", "0.000"))
    return "\n".join(lines) + "\n"


def build_world(folder: Path, customers: int, seed: int) -> tuple[Path, Any]:
    """A demo world and its links, made unless the folder has them: where its truth is, and its home."""
    from orchestration.lib.demo import DEFAULT_END, write_world
    from orchestration.lib.erasure.tables import create_tables as create_erasure_tables
    from orchestration.lib.identity.computed import create_tables
    from orchestration.lib.landing.contracts import load_contracts
    from orchestration.lib.landing.load import load_landing
    from orchestration.lib.settings import DBT_PROJECT, Home
    from orchestration.lib.transform import dbt
    from orchestration.lib.warehouse import connect

    root = folder / f"{customers}-{seed}"
    landing, home = root / "landing", Home(root / "home")
    if not home.warehouse.exists():
        home.root.mkdir(parents=True, exist_ok=True)
        write_world(landing, customers, 540, DEFAULT_END, seed, False)
        with connect(home) as con:
            now = datetime.now(UTC).replace(tzinfo=None)
            load_landing(con, landing, load_contracts(DBT_PROJECT), now, home.scratch)
            create_tables(con)
            create_erasure_tables(con)
    day = {"as_of_date": DEFAULT_END.isoformat(), "cutoff_at": f"{DEFAULT_END + timedelta(days=1)} 00:00:00"}
    result = dbt.build(dbt.parse(), home, day, select=["+int_devices_linked", "+int_records_resolved"])
    if result.errors:
        raise RuntimeError(result.errors[0].message)
    return landing / "_truth", home


def with_truth(con: Any, truth: Path) -> None:
    """Temporary tables device_people and customer_people: who is behind each device, and behind most of a customer."""
    people = str(truth / "people.parquet").replace("'", "''")
    con.execute(
        "create temp table device_people as select distinct identifier_value as anonymous_id, person_id "
        f"from '{people}' where source = 'segment' and record_type = 'devices'"
    )
    con.execute(
        "create temp table customer_people as "
        "select customer_id, arg_max(person_id, (n, -person_id)) as person_id from ("
        f"select customer_id, person_id, count(*) as n from '{people}' "
        "join intermediate.int_records_resolved using (source, record_type, record_id) group by all) group by all"
    )


def compared(con: Any) -> Compared:
    """The compared pairs of a world beside its truth."""
    columns = ", ".join(f"cast({context} = '{outcome}' as integer)" for context, outcome in OUTCOMES)
    rows = con.execute(
        f"select dense_rank() over (order by anonymous_id) - 1, d.person_id is not distinct from c.person_id "
        f"and d.person_id is not null, {columns} from intermediate.int_device_links_compared "
        "left join device_people as d using (anonymous_id) left join customer_people as c using (customer_id)"
    ).fetchall()
    values = np.array(rows, dtype=float)
    return Compared(values[:, 0].astype(int), values[:, 2:], values[:, 1])


def measured(con: Any, seed: int) -> Measured:
    """Precision and recall of a world's links."""
    counts = con.execute(
        """
        with unknown as (
            select anonymous_id, person_id from intermediate.int_devices_resolved
            left join device_people using (anonymous_id) where status = 'anonymous'
        ), candidates as (
            select distinct anonymous_id from intermediate.int_device_links_compared
            join device_people as d using (anonymous_id) join customer_people as c using (customer_id)
            where d.person_id = c.person_id
        ), links as (
            select anonymous_id, d.person_id is not distinct from c.person_id and d.person_id is not null as is_correct
            from intermediate.int_devices_linked
            left join device_people as d using (anonymous_id) left join customer_people as c using (customer_id)
        )
        select
            (select count(*) from unknown),
            (select count(*) from unknown where person_id in (select person_id from customer_people)),
            (select count(*) from candidates),
            (select count(*) from links),
            (select count(*) from links where is_correct)
        """
    ).fetchone()
    return Measured(seed, *counts)


def main() -> None:
    """Estimate weights, or measure links, over the worlds of some seeds."""
    from orchestration.lib.warehouse import connect

    parser = argparse.ArgumentParser(prog="tests.bench.device_links")
    parser.add_argument("action", choices=["estimate", "measure"])
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seeds", default="7,11")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    seeds = [int(seed) for seed in options.seeds.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        worlds = [(seed, *build_world(options.folder or Path(scratch), options.customers, seed)) for seed in seeds]
        parts, figures = [], []
        for seed, truth, home in worlds:
            with connect(home) as con:
                with_truth(con, truth)
                parts.append(compared(con))
                figures.append(measured(con, seed))
    if options.action == "estimate":
        starts = np.cumsum([0, *(int(part.device.max()) + 1 for part in parts)])
        pairs = Compared(
            np.concatenate([part.device + start for part, start in zip(parts, starts[:-1], strict=True)]),
            np.concatenate([part.outcomes for part in parts]),
            np.concatenate([part.is_match for part in parts]),
        )
        print(as_seed(estimate(pairs)), end="")
        return
    print("seed  unknown devices  of customers  at one address  linked  correct  precision  recall")
    for figure in figures:
        print(
            f"{figure.seed:>4}  {figure.unknown_devices:>15,}  {figure.of_customers:>12,}  "
            f"{figure.of_customers_at_one_address:>14,}  {figure.linked:>6,}  {figure.correct:>7,}  "
            f"{figure.precision:>9.3f}  {figure.recall:>6.3f}"
        )


if __name__ == "__main__":
    main()
