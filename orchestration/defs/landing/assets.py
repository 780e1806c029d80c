"""One asset a raw table: the landing folder, loaded by contract."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import duckdb

from orchestration.defs.context import Refresh, current_refresh, daily, retry, say, told_plainly
from orchestration.lib.erasure.erase import before_load, erase
from orchestration.lib.faults import NoInputError, without_addresses
from orchestration.lib.landing.contracts import TableContract, load_contracts
from orchestration.lib.landing.load import LoadReport, load_landing
from orchestration.lib.landing.usable import missing_input
from orchestration.lib.publish.history import settle
from orchestration.lib.runs import record
from orchestration.lib.settings import DBT_PROJECT, given_vars
from orchestration.lib.transform import dbt
from orchestration.lib.transform.catalog import kept_tables
from orchestration.lib.warehouse import connect

_CONTRACTS = load_contracts(DBT_PROJECT)


def raw_key(source: str, table: str) -> dg.AssetKey:
    """The asset of a raw table."""
    return dg.AssetKey(["raw", source, table])


def _spec(contract: TableContract) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(contract.source, contract.table),
        description=contract.description,
        group_name="landing",
        kinds={"duckdb"},
        owners=[f"team:{contract.owner}"],
        metadata={
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(c.name, c.data_type, constraints=None) for c in contract.columns]
            )
        },
    )


# Specs at module level would be loaded as assets of their own.
def _ledger_specs() -> list[dg.AssetSpec]:
    return [
        dg.AssetSpec(
            dg.AssetKey(["ops", name]),
            description=description,
            group_name="landing",
            kinds={"duckdb"},
            owners=["team:data_platform"],
        )
        for name, description in (
            ("load_ledger", "Every file of the landing folder and what became of it."),
            ("quarantine", "Records that broke their contract, with file and line."),
            ("erased_records", "Records that a request to be erased has reached."),
            ("erasures", "What was done for each request to be erased, and the proof."),
        )
    ]


@dg.multi_asset(
    specs=[*(_spec(c) for c in _CONTRACTS), *_ledger_specs()],
    name="landing",
    partitions_def=daily,
    backfill_policy=dg.BackfillPolicy.multi_run(),
    retry_policy=retry,
)
def landing(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Load what is new in the landing folder; unload what is gone; set aside what breaks its contract."""
    with told_plainly():
        refresh = current_refresh(context)
        report = _load(context, refresh)
    rows = {(t.source, t.table): t for t in report.tables}
    for contract in _CONTRACTS:
        table = rows[contract.source, contract.table]
        yield dg.MaterializeResult(
            raw_key(contract.source, contract.table),
            metadata={
                "dagster/row_count": table.rows_in_raw,
                "files": table.files,
                "rows_loaded": table.rows_loaded,
                "rows_quarantined": table.rows_quarantined,
            },
        )
    for spec in _ledger_specs():
        yield dg.MaterializeResult(spec.key, metadata={k: v for k, v in sorted(report.statuses.items())})


def _load(context: dg.AssetExecutionContext, refresh: Refresh) -> LoadReport:
    say("landing: looking for what is new")
    with connect(refresh.home) as con:
        settle(con, refresh.home, kept_tables(dbt.parse()))
        if refresh.is_preview:
            record.create_tables(con)
        else:
            record.start(con, refresh.run)
        before_load(con, refresh.home, _CONTRACTS, say)
        report = _load_files(con, refresh)
        record.add_rows(con, refresh.run.run_id, report.rows_loaded, report.rows_quarantined)
        for path, status, reason in report.problems:
            line = without_addresses(f"{path}: {status}: {reason}")
            say(f"  {line}")
            context.log.warning(line)
        missing = missing_input(con, refresh.vars.get("own_sources") or {}, refresh.run.as_of)
        if missing:
            raise NoInputError(missing)
    erase(
        refresh.home,
        _CONTRACTS,
        refresh.vars,
        given_vars(),
        refresh.run.run_id,
        lambda con: _load_files(con, refresh),
        say,
    )
    return report


def _load_files(con: duckdb.DuckDBPyConnection, refresh: Refresh) -> LoadReport:
    return load_landing(
        con, refresh.landing, _CONTRACTS, datetime.now(UTC).replace(tzinfo=None), refresh.home.scratch, say
    )
