"""Connected components of a large graph, beside scipy's in the same run: `python -m tests.bench identity`.

The graph is the table that the identity models give, in a warehouse file of its own. Ours is the project's model, run
by dbt as in a refresh; scipy reads the same table through Arrow and writes what it finds to a file. Each is a process
of its own, so that the peak of one is not the other's, and their partitions are compared node by node.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.settings import Home, memory_limit, threads
from orchestration.lib.transform import dbt
from tests.bench.measure import Measured
from tests.bench.report import Graph
from tests.bench.steps import BenchError, python

# A process and what it printed.
Step = tuple[Measured, dict[str, Any]]

MODEL = "int_identity_nodes_connected"
EDGES = "intermediate.int_identity_edges_unioned"
FOUND = f"intermediate.{MODEL}"


def _connect(file: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(str(file))
    con.execute(f"set memory_limit = '{memory_limit()}'; set threads = {threads()}; set timezone = 'UTC'")
    return con


# A random number for a row from its own number: the same graph in every run.
def _random(number: str, seed: int) -> str:
    return f"cast(hash(cast({number} as bigint) * 8 + {seed}) >> 11 as bigint)"


def _customers(edges: int) -> str:
    """Customers of 4 to 70 identifiers, numbered as they are first seen: in no order of customers."""
    # 37 identifiers a customer: 36 links to an earlier one each, and 9 more that say what others say.
    customers = max(1, round(edges / 45))
    return f"""
        with customers as (
            select c, size, sum(size) over (order by c) - size as start
            from (select range as c, 4 + {_random("range", 1)} % 67 as size from range({customers}))
        ),
        members as (select c, size, start, unnest(range(size)) as place from customers),
        linked as (
            select start + place as a, start + {_random("start + place", 2)} % place as b from members where place > 0
            union all
            select start + place as a, start + {_random("start + place", 3)} % size as b
            from members where place % 4 = 0
        ),
        nodes as (select cast(sum(size) as bigint) as total from customers)
        select {{shuffled}} from linked, nodes where a <> b
    """


def _chains(edges: int) -> str:
    """Chains of 1,000 identifiers in ascending order, seen in turns."""
    chains = max(1, round(edges / 999))
    return f"""
        select place * {chains} + chain + 1 as low, (place + 1) * {chains} + chain + 1 as high
        from range({chains}) as chains(chain), range(999) as places(place)
    """


def _giant(edges: int) -> str:
    """One customer of nearly all identifiers: what a missing rule against shared identifiers makes."""
    nodes = max(2, round(edges * 0.85))
    return f"""
        select 1 + {_random("range", 4)} % {nodes} as low, 1 + {_random("range", 5)} % {nodes} as high
        from range({edges})
    """


SHAPES = {"customers": _customers, "chains": _chains, "giant": _giant}


def make(shape: str, edges: int, home: Home) -> int:
    """Write a graph as the table that the model reads; gives the number of its edges."""
    home.root.mkdir(parents=True, exist_ok=True)
    home.warehouse.unlink(missing_ok=True)
    query = SHAPES[shape](edges)
    with _connect(home.warehouse) as con:
        if shape == "customers":
            # Multiplied by a number without a common divisor, the nodes are numbered anew, each once.
            total = con.execute(query.replace("{shuffled}", "max(total)")).fetchall()[0][0]
            factor = next(n for n in range(1_000_000_007, 2_000_000_000, 2) if math.gcd(n, total) == 1)
            numbered = ", ".join(
                f"(cast({x} as bigint) * {factor}) % {total} + 1 as {y}" for x, y in (("a", "low"), ("b", "high"))
            )
            query = query.replace("{shuffled}", numbered)
        con.execute("create schema intermediate")
        con.execute(
            f"create table {EDGES} as "
            "select distinct cast(least(low, high) as bigint) as left_node_id, "
            f"cast(greatest(low, high) as bigint) as right_node_id from ({query}) where low <> high"
        )
        return int(con.execute(f"select count(*) from {EDGES}").fetchall()[0][0])


def contract(home: Home) -> dict[str, float]:
    """Find the components with the project's model; gives its seconds."""
    manifest = dbt.parse()
    result = dbt.build(manifest, home, {}, select=[MODEL])
    if result.errors:
        raise RuntimeError(result.errors[0].message)
    return {"seconds": sum(node.seconds for node in result.nodes if node.unique_id.endswith(f".{MODEL}"))}


def scipy_components(home: Home, out: Path) -> dict[str, float]:
    """Find the components with scipy from the same table, and write them to a file as the model would."""
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    started = time.perf_counter()
    with _connect(home.warehouse) as con:
        edges = con.sql(f"select left_node_id, right_node_id from {EDGES}").to_arrow_table()
    left, right = (edges.column(name).to_numpy() for name in ("left_node_id", "right_node_id"))
    del edges
    nodes = int(max(left.max(), right.max())) + 1
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(nodes, nodes))
    count, labels = connected_components(graph, directed=False)
    seen = np.zeros(nodes, dtype=bool)
    seen[left] = True
    seen[right] = True
    del graph, left, right
    node_ids = np.flatnonzero(seen)
    labels = labels[node_ids]
    # Nodes ascend, so the first of a label is its smallest.
    smallest = np.full(count, -1, dtype=np.int64)
    smallest[labels[::-1]] = node_ids[::-1]
    found = pa.table({"node_id": node_ids, "component_id": smallest[labels]})
    out.unlink(missing_ok=True)
    with _connect(out) as con:
        con.register("found", found)
        con.execute("create table components as select * from found")
    return {"seconds": time.perf_counter() - started}


def compare(home: Home, out: Path) -> dict[str, int]:
    """How many nodes and components there are, and how many nodes the two put in different components."""
    with _connect(home.warehouse) as con:
        con.execute(f"attach '{out}' as other")
        nodes, components = con.execute(f"select count(*), count(distinct component_id) from {FOUND}").fetchall()[0]
        [(others,)] = con.execute("select count(*) from other.components").fetchall()
        [(equal,)] = con.execute(
            f"select count(*) from {FOUND} as ours inner join other.components as theirs "
            "on ours.node_id = theirs.node_id and ours.component_id = theirs.component_id"
        ).fetchall()
        con.execute("detach other")
    return {"nodes": nodes, "components": components, "different": max(nodes, others) - equal}


def bench(edges: int, folder: Path) -> list[Graph]:
    """Make a graph of each shape, find its components both ways, and compare them. Raises BenchError."""
    found = []
    for shape in SHAPES:
        print(shape, file=sys.stderr, flush=True)
        home = folder / f"identity-{shape}"
        out = home / "scipy.duckdb"

        def step(what: str, *arguments: str | Path, name: str = shape, home: Path = home) -> Step:
            done = python(f"{what} {name}", "tests.bench.identity", what, "--home", home, *arguments)
            return done, json.loads(done.out)

        _, made = step("make", "--shape", shape, "--edges", str(edges))
        ours, took = step("contract")
        theirs, they_took = step("scipy", "--out", out)
        _, same = step("compare", "--out", out)
        for by, done, seconds in (("tributary", ours, took), ("scipy", theirs, they_took)):
            found.append(
                Graph(
                    shape, made["edges"], by, seconds["seconds"], done.cpu, done.peak_mb,
                    same["nodes"], same["components"], same["different"],
                )
            )  # fmt: skip
        if same["different"]:
            raise BenchError(f"{same['different']:,} nodes of {shape} are in different components.")
    return found


def main() -> None:
    """One step, for a process of its own: prints what it found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.identity")
    parser.add_argument("step", choices=["make", "contract", "scipy", "compare"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--edges", type=int)
    options = parser.parse_args()
    home = Home(options.home)
    steps = {
        "make": lambda: {"edges": make(options.shape, options.edges, home)},
        "contract": lambda: contract(home),
        "scipy": lambda: scipy_components(home, options.out),
        "compare": lambda: compare(home, options.out),
    }
    print(json.dumps(steps[options.step]()))


if __name__ == "__main__":
    sys.exit(main())
