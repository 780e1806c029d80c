"""Great Expectations on DuckDB. It takes seconds to import, so that happens when a validator is made, once."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import duckdb

from expectations.rules import Rule, Suite

ALL_ROWS = "all rows"


@dataclass(frozen=True)
class Outcome:
    """What one rule found: rows that break it, of how many, the value of a whole table; or an error."""

    failing: int = 0
    rows: int = 0
    value: str | None = None
    error: str | None = None


class Validator:
    """Suites against one open warehouse."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite]) -> None:
        self._gx, self._expectation, sqlalchemy = _great_expectations()
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        self._connection = _Connection(connection)
        context = self._gx.get_context(
            mode="ephemeral",
            project_config=DataContextConfig(
                # Without the site of documents that the default writes to a temporary folder.
                store_backend_defaults=InMemoryStoreBackendDefaults(),
                progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
            ),
        )
        self._source = context.data_sources.add_sql(
            "warehouse",
            # The address is never dialled: `creator` gives the connection that is already open. DuckDB
            # refuses a second one with a configuration of its own, and duckdb-engine always brings one.
            connection_string="duckdb:///:memory:",
            kwargs={"creator": lambda: self._connection, "poolclass": sqlalchemy.StaticPool},
            # All at once: each asset that is added later writes the whole configuration again. Query assets,
            # because a table asset reflects the table through catalogs that DuckDB does not have.
            assets=[
                {
                    "name": suite.name,
                    "type": "query",
                    "query": f"select * from {suite.relation}",
                    "batch_definitions": [{"name": ALL_ROWS}],
                }
                for suite in suites
            ],
        )

    def close(self) -> None:
        self._connection.release()

    def validate(self, suite: Suite) -> dict[str, Outcome]:
        """What every rule of a suite found, by rule id."""
        batch = self._source.get_asset(suite.name).get_batch_definition(ALL_ROWS).get_batch()
        expectations = self._gx.ExpectationSuite(
            name=suite.name, expectations=[self._expectation_of(rule) for rule in suite.rules]
        )
        result = batch.validate(expectations, result_format="SUMMARY")
        return {one.expectation_config.meta["rule"]: _outcome_of(one) for one in result.results}

    def _expectation_of(self, rule: Rule) -> Any:
        return self._expectation(
            unexpected_rows_query=rule.failing_rows,
            population_query=rule.population,
            severity=rule.severity.value,
            description=rule.expectation,
            notes=[rule.description, rule.fix],
            meta={"rule": rule.id, "owner": rule.owner},
        )


class _Connection:
    """The gate's connection as SQLAlchemy sees it: it only reads, so transactions are left out.

    Great Expectations hands its connection back before it reads the rows, and DuckDB drops the rows of a
    connection that runs anything else: every statement therefore has a cursor of its own.
    """

    notices: ClassVar[list[str]] = []
    autocommit = None

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection: duckdb.DuckDBPyConnection | None = connection

    def cursor(self) -> Any:
        from duckdb_engine import CursorWrapper

        assert self._connection is not None
        # The cursor only hands its connection back to whoever asks for it.
        return CursorWrapper(self._connection.cursor(), self)  # type: ignore[arg-type]

    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...

    def release(self) -> None:
        """Let go of DuckDB: Great Expectations keeps its last context, and all in it, until Python ends."""
        self._connection = None


@functools.cache
def _great_expectations() -> tuple[Any, Any, Any]:
    """Great Expectations, the one expectation that all rules are, and SQLAlchemy."""
    # Releases that report their use read this when they are imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"

    import great_expectations as gx
    import great_expectations.expectations as gxe
    import sqlalchemy
    from great_expectations.compatibility import pydantic
    from great_expectations.core.metric_domain_types import MetricDomainTypes
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.metrics.metric_provider import metric_value
    from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider

    # A metric that cannot be computed is a failed rule with its reason; it need not be printed as well.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)

    class FailingRows(QueryMetricProvider):
        """How many rows break a rule, of how many, and the value of a rule that speaks of the whole table."""

        metric_name = "tributary.failing_rows"
        value_keys = ("unexpected_rows_query", "population_query")

        @metric_value(engine=SqlAlchemyExecutionEngine)
        def _sqlalchemy(
            cls,
            execution_engine: SqlAlchemyExecutionEngine,
            metric_domain_kwargs: dict[str, Any],
            metric_value_kwargs: dict[str, Any],
            metrics: dict[str, Any],
            runtime_configuration: dict[str, Any],
        ) -> dict[str, Any]:
            selectable, _, _ = execution_engine.get_compute_domain(
                metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
            )
            batch = f"({selectable.compile(compile_kwargs={'literal_binds': True})})"
            # Not str.format, as the parent class does: patterns hold braces of their own.
            failing = metric_value_kwargs["unexpected_rows_query"].replace("{batch}", batch)
            population = metric_value_kwargs["population_query"].replace("{batch}", batch)
            statement = f"select count(*), min(failing.observed_value), ({population}) from ({failing}) as failing"
            # A colon would begin a parameter.
            row = execution_engine.execute_query(sqlalchemy.text(statement.replace(":", r"\:"))).fetchone()
            assert row is not None
            return {"failing": int(row[0]), "value": row[1], "rows": int(row[2])}

    class ExpectNoFailingRows(gxe.UnexpectedRowsExpectation):
        """UnexpectedRowsExpectation asks the engine twice, for rows and for their count; this one asks once."""

        population_query: str

        @pydantic.validator("unexpected_rows_query")
        def _validate_query(cls, query: str) -> str:
            """Takes the place of the inherited check, which prints a line for every query without {batch}."""
            return query

        metric_dependencies: ClassVar[tuple[str, ...]] = (FailingRows.metric_name,)
        success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "population_query")

        def _validate(
            self,
            metrics: dict[str, Any],
            runtime_configuration: dict[str, Any] | None = None,
            execution_engine: Any = None,
        ) -> dict[str, Any]:
            found = metrics[FailingRows.metric_name]
            return {
                "success": found["failing"] == 0,
                "result": {"observed_value": found["failing"], "details": found},
            }

    return gx, ExpectNoFailingRows, sqlalchemy


def _outcome_of(result: Any) -> Outcome:
    reason = _error_of(result.exception_info)
    if reason is not None:
        return Outcome(error=reason)
    found = result.result["details"]
    return Outcome(failing=found["failing"], rows=found["rows"], value=found["value"])


def _error_of(info: dict[str, Any]) -> str | None:
    """The engine's own words for why a metric could not be computed; None where it could.

    Great Expectations gives one record, or one for each metric that failed.
    """
    records = [info] if "raised_exception" in info else list(info.values())
    raised = [record for record in records if record["raised_exception"]]
    if not raised:
        return None
    lines = [line.strip() for line in str(raised[0]["exception_message"]).splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"
