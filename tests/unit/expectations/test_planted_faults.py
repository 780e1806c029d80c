"""Every rule is seen to fail: a check that was never seen to fail is not a check."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from expectation_faults import PLANTED, fault_of
from expectation_warehouse import AS_OF, CHECKED_AT, CONTRACTS, all_suites, built, text_columns

from expectations import Rule, Severity, Suite, run_gate

SUITES = all_suites()
RULES = [(rule, suite) for suite in SUITES for rule in suite.rules]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse in which every rule holds, as a file: copying it is faster than building it for every fault."""
    path = tmp_path_factory.mktemp("sound") / "warehouse.duckdb"
    built(path).close()
    return path


@pytest.mark.parametrize(("rule", "suite"), RULES, ids=[rule.id for rule, _ in RULES])
def test_rule_catches_its_planted_fault(rule: Rule, suite: Suite, sound: Path, tmp_path: Path) -> None:
    connection = duckdb.connect(str(shutil.copy(sound, tmp_path)))
    fault = fault_of(rule, suite, text_columns(connection).get(suite.relation, []))
    assert fault is not None
    connection.execute(fault)
    report = run_gate(
        connection,
        run_id="planted",
        as_of_date=AS_OF,
        checked_at=CHECKED_AT,
        contracts=CONTRACTS,
        only=[rule.id],
    )
    connection.close()
    (found,) = report.results
    assert found.rule == rule.id
    assert not found.success
    assert found.severity == rule.severity
    assert found.unexpected_count, found.observed_value
    assert (rule.id in report.refusing) == (rule.severity is Severity.CRITICAL)
    assert report.exceptions
    assert all(row.rule == rule.id and row.row_key for row in report.exceptions)


def test_every_rule_is_planted_and_every_plant_is_a_rule() -> None:
    known = {rule.id for rule, _ in RULES}
    assert set(PLANTED) <= known
    assert [rule.id for rule, suite in RULES if fault_of(rule, suite, ["source"]) is None] == []


def test_rules_can_be_told_apart_and_acted_upon() -> None:
    ids = [rule.id for rule, _ in RULES]
    assert len(ids) == len(set(ids))
    for rule, suite in RULES:
        assert re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", rule.id)
        assert rule.table == suite.table
        for words in (rule.expectation, rule.description, rule.fix, rule.owner):
            assert words.strip()
        assert rule.description.endswith(".")
        assert rule.fix.endswith(".")
