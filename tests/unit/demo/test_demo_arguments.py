"""The same arguments give the same bytes, other arguments another world, and the smallest worlds are worlds too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orchestration.lib.demo import DEFAULT_END, write_world

Write = Callable[..., Path]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_arguments_give_the_same_bytes(write: Write) -> None:
    arguments = {"customers": 40, "days": 20, "end": date(2025, 3, 31), "seed": 11, "faults": True}
    assert contents(write(**arguments)) == contents(write(**arguments))


def test_another_seed_gives_another_world(write: Write) -> None:
    left, right = (contents(write(customers=20, days=9, seed=seed)) for seed in (1, 2))
    dump = "shopify/customer/dt=2026-06-23/customer_full.csv"
    assert left[dump] != right[dump]


def test_the_last_day_is_fixed_when_none_is_given(write: Write) -> None:
    out = write(customers=5, days=8)
    assert date(2026, 6, 30) == DEFAULT_END
    assert (out / "shopify/customer/dt=2026-06-23").is_dir()


def test_the_key_of_the_warehouse_decides_the_ids_that_it_issued(write: Write) -> None:
    plain, keyed = (contents(write(customers=100, days=9, hash_key=key)) for key in ("", "secret"))
    differs = {name for name in plain if plain[name] != keyed[name]}
    assert differs
    assert all(name.startswith("campaigns/send/") for name in differs)


@pytest.mark.parametrize(
    ("customers", "days", "faults"), [(1, 1, False), (3, 2, False), (20, 10, True), (300, 1, False)]
)
def test_small_worlds_are_written(write: Write, customers: int, days: int, faults: bool) -> None:
    out = write(customers=customers, days=days, end=date(2024, 2, 29), seed=5, faults=faults)
    assert (out / "_truth" / "world.json").exists()


def test_a_world_is_not_written_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id\n")
    with pytest.raises(FileExistsError):
        write_world(tmp_path, customers=5, days=5)
    with pytest.raises(ValueError, match="at least one"):
        write_world(tmp_path / "new", customers=0)
