"""The quality gate: what arrived and what is about to leave, checked in one pass before anything is published."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from orchestration.defs.context import current_refresh, daily, refuse, retry, say, told_plainly
from orchestration.lib.landing.contracts import load_contracts
from orchestration.lib.runs.record import write_findings
from orchestration.lib.settings import DBT_PROJECT
from orchestration.lib.transform import dbt
from orchestration.lib.transform.catalog import published_tables
from orchestration.lib.warehouse import connect

_MANIFEST = json.loads(dbt.manifest_path().read_text(encoding="utf-8"))
_PUBLISHED = [t for t in published_tables(_MANIFEST)]


@dg.asset(
    key=["quality", "gate"],
    deps=[dg.AssetKey([t.schema, t.name]) for t in _PUBLISHED],
    group_name="quality",
    kinds={"great_expectations"},
    owners=["team:data_platform"],
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
    check_specs=[
        dg.AssetCheckSpec(
            name=f"suite_{t.full_name.replace('.', '_')}",
            asset=dg.AssetKey(["quality", "gate"]),
            description=f"Rules of the published table {t.full_name}.",
        )
        for t in _PUBLISHED
    ]
    + [
        dg.AssetCheckSpec(
            name="suite_arrivals",
            asset=dg.AssetKey(["quality", "gate"]),
            description="Rules of what landed: every exported table by its contract, and the ledger.",
        )
    ],
)
def gate(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Run every suite; a critical rule that fails refuses the release, and the last one stays."""
    with told_plainly():
        from expectations.gate import run_gate

        say("quality: checking what arrived and what is about to leave")
        refresh = current_refresh(context)
        with connect(refresh.home) as con:
            report = run_gate(
                con,
                run_id=refresh.run.run_id,
                as_of_date=refresh.run.as_of,
                checked_at=datetime.now(UTC).replace(tzinfo=None),
                contracts=load_contracts(DBT_PROJECT),
                published=_PUBLISHED,
                project_vars=refresh.vars,
            )
            write_findings(con, refresh.run, report.results, report.exceptions)
        published = {t.full_name for t in _PUBLISHED}
        suites: dict[str, list] = {f"suite_{n.replace('.', '_')}": [] for n in published} | {"suite_arrivals": []}
        for row in report.results:
            name = row.table_name if row.table_name in published else "arrivals"
            suites[f"suite_{name.replace('.', '_')}"].append(row)
        checks = []
        for name, rows in suites.items():
            failed = [r for r in rows if not r.success]
            critical = [r.rule for r in failed if r.severity == "critical" and r.waived_by is None]
            checks.append(
                dg.AssetCheckResult(
                    asset_key=dg.AssetKey(["quality", "gate"]),
                    check_name=name,
                    passed=not failed,
                    severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
                    metadata={"rules": len(rows), "failed": [r.rule for r in failed]},
                )
            )
    yield from checks
    if report.refused:
        raise refuse(f"critical rules failed: {', '.join(report.refusing)}")
    yield dg.MaterializeResult(
        metadata={"rules": len(report.results), "failed": list(report.failing()), "refused": report.refused}
    )
