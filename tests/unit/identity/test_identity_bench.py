"""The benchmark of connected components: its graphs are what they say, and both ways find the same."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.lib.settings import Home
from tests.bench import identity
from tests.bench.report import Graph, graphs

EDGES = 20_000


@pytest.mark.parametrize("shape", identity.SHAPES)
def test_both_ways_find_the_same_components(shape: str, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    made = identity.make(shape, EDGES, home)
    assert abs(made - EDGES) < EDGES / 10
    assert identity.contract(home)["seconds"] > 0
    identity.scipy_components(home, tmp_path / "scipy.duckdb")
    found = identity.compare(home, tmp_path / "scipy.duckdb")
    assert found["different"] == 0
    with duckdb.connect(str(home.warehouse)) as con:
        query = f"select count(*) as nodes from {identity.FOUND} group by component_id order by 1"
        sizes = [row[0] for row in con.execute(query).fetchall()]
        if shape == "customers":
            assert (min(sizes), max(sizes), len(sizes)) == (4, 70, round(EDGES / 45))
        elif shape == "chains":
            assert set(sizes) == {1000}
        else:
            assert sizes[-1] > sum(sizes) * 0.9
        con.execute(
            f"update {identity.FOUND} set component_id = -1 where node_id = (select min(node_id) from {identity.FOUND})"
        )
    assert identity.compare(home, tmp_path / "scipy.duckdb")["different"] == 1


def test_figures_of_graphs_stand_side_by_side() -> None:
    found = [Graph("chains", 1000, "tributary", 1.24, 2.0, 512.4, 1001, 1, 0)]
    assert graphs(found) == (
        "graph   by         edges  nodes  components  seconds  cpu s  peak MB  different\n"
        "------  ---------  -----  -----  ----------  -------  -----  -------  ---------\n"
        "chains  tributary  1,000  1,001           1      1.2    2.0      512          0"
    )
