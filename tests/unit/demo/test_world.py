from pathlib import Path

from orchestration.lib.demo import write_world


def test_every_file_is_the_same_for_the_same_arguments(tmp_path: Path) -> None:
    for name in ("left", "right"):
        write_world(tmp_path / name, customers=60, days=40, seed=3)
    left = {p.relative_to(tmp_path / "left"): p.read_bytes() for p in (tmp_path / "left").rglob("*") if p.is_file()}
    right = {p.relative_to(tmp_path / "right"): p.read_bytes() for p in (tmp_path / "right").rglob("*") if p.is_file()}
    assert left == right
