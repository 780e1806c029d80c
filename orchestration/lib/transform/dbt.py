"""dbt in this process: one parse, one build a refresh, no subprocess."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from ..faults import UsageError, without_values
from ..settings import DBT_PROJECT, Home, memory_limit, threads

MANIFEST = DBT_PROJECT / "target" / "manifest.json"
# What dbt says goes into results, without values; its own log would quote them.
_SILENT = ("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors")
# Where segments, triggers and vars are looked at before anything is built.
_CHECKED = "Compilation Error in operation tributary-on-run-start"
_PROJECT_FILES = {".sql", ".yml", ".csv"}
_PATHS = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]


class DbtError(Exception):
    """dbt could not do what was asked. The message names the node and what dbt says of it."""


@dataclass
class NodeResult:
    """How one node of a build ended. status: success, fail (a test), warn, error or skipped."""

    unique_id: str
    status: str
    seconds: float
    message: str = ""
    failures: int | None = None


@dataclass
class BuildResult:
    """All nodes of a build. `failed_tests` are invariants that do not hold; `errors` are models that broke."""

    nodes: list[NodeResult] = field(default_factory=list)

    @property
    def failed_tests(self) -> list[NodeResult]:
        return [n for n in self.nodes if n.status == "fail"]

    @property
    def errors(self) -> list[NodeResult]:
        return [n for n in self.nodes if n.status == "error"]


@contextmanager
def _environment(**values: str | None) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    try:
        for name, value in values.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_parsed: tuple[float, Any] | None = None


def parse() -> Any:
    """Parse the project and return dbt's manifest; writes target/manifest.json, which the code location reads.

    A process parses once, until a file of the project changes. The environment that profiles.yml reads is kept out
    of it: dbt parses everything again when that changes, and no model reads it before it runs. Raises UsageError.
    """
    global _parsed
    changed = _last_change()
    if _parsed and _parsed[0] == changed and MANIFEST.exists():
        return _parsed[1]

    from dbt.cli.main import dbtRunner

    hidden = {"TRIBUTARY_WAREHOUSE": None, "TRIBUTARY_MEMORY_LIMIT": None, "TRIBUTARY_THREADS": None}
    with _environment(**hidden):
        result = dbtRunner().invoke(
            [*_SILENT, "--no-write-json", "parse", *_PATHS, "--target-path", str(MANIFEST.parent)]
        )
    if not result.success:
        # Its files are those of whoever runs it, and hold nobody's data: where they are wrong is told whole.
        told = " ".join(line.strip() for line in str(result.exception).splitlines() if line.strip())
        raise UsageError(f"A file of dbt_project cannot be read, look at the YAML that changed last. {told}")
    # Other processes read the file at any moment: it is replaced whole.
    handle, name = tempfile.mkstemp(dir=MANIFEST.parent, suffix=".json")
    os.close(handle)
    manifest: Any = result.result
    manifest.write(name)
    os.chmod(name, 0o644)
    os.replace(name, MANIFEST)
    _parsed = (changed, manifest)
    return manifest


def _last_change() -> float:
    # A folder's time changes when a file of it goes.
    paths = (p for p in DBT_PROJECT.rglob("*") if p != MANIFEST.parent and MANIFEST.parent not in p.parents)
    return max(p.stat().st_mtime for p in paths if p.is_dir() or p.suffix in _PROJECT_FILES)


def build(
    manifest: Any,
    home: Home,
    variables: dict[str, Any],
    select: list[str],
    tests: bool = True,
) -> BuildResult:
    """Build some seeds and models of the project, with their data tests, into the warehouse of `home`.

    select: names of models and seeds. A test runs with the last of its models, when all of them are there.
    tests: whether data tests run. variables override those of dbt_project.yml. Failing nodes do not raise: they are in
    the result, and what depends on them is skipped. Raises UsageError where a segment, trigger or var has no meaning,
    DbtError where dbt could not run at all.
    """
    left_out = ["unit_test"] if tests else ["unit_test", "test"]
    result = _invoke(
        manifest,
        home,
        variables,
        ["build", "--exclude-resource-type", *left_out, "--indirect-selection", "buildable", "--select", *select],
    )
    results = getattr(result.result, "results", None)
    if results is None:
        said = str(result.exception)
        if _CHECKED in said:
            # What the macros say of the project's files and vars, up to where dbt tells of its own stack.
            told = [line.strip() for line in said.splitlines()[1:]]
            raise UsageError("\n".join(takewhile(lambda line: line and not line.startswith("> "), told)))
        raise DbtError(f"dbt stopped: {said}")
    outcome = BuildResult()
    for node in results:
        done = NodeResult(
            unique_id=node.node.unique_id,
            status={"pass": "success"}.get(str(node.status), str(node.status)),
            seconds=node.execution_time,
            message=node.message or "",
            failures=node.failures,
        )
        outcome.nodes.append(done)
    return outcome


def broken_definition(manifest: Any, home: Home, variables: dict[str, Any], folder: str) -> str | None:
    """Which file of models/`folder` fails when it runs by itself, and what the engine says, without values of rows.

    Rules of a folder are compiled into one model, whose error cannot say whose it is. None where each of them runs.
    """
    import duckdb

    from ..warehouse import connect

    result = _invoke(manifest, home, variables, ["compile", "--select", f"path:models/{folder}"])
    with connect(home) as con:
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        for node in getattr(result.result, "results", None) or []:
            name = f"{node.node.name} (dbt_project/{node.node.original_file_path})"
            if node.node.compiled_code is None:
                return f"{name}: {node.message}"
            try:
                # Every column of every row: a fault may lie in one of them.
                con.execute(f"select sum(hash(t)) from (\n{node.node.compiled_code}\n) as t").fetchall()
            except duckdb.Error as error:
                told = " ".join(str(error).split())
                # What is wrong with the text of a rule quotes that text; what is wrong with a row may quote the row.
                is_of_text = isinstance(
                    error, (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)
                )
                return f"{name}: {told if is_of_text else without_values(told)}"
    return None


def _invoke(manifest: Any, home: Home, variables: dict[str, Any], arguments: list[str]) -> Any:
    from dbt.cli.main import dbtRunner

    target = str(home.root / "dbt")
    environment = {
        "TRIBUTARY_WAREHOUSE": str(home.warehouse),
        "TRIBUTARY_MEMORY_LIMIT": memory_limit(),
        "TRIBUTARY_THREADS": str(threads()),
    }
    paths = [*_PATHS, "--target-path", target, "--log-path", target]
    with _environment(**environment):
        return dbtRunner(manifest=manifest).invoke(
            [*_SILENT, "--no-write-json", *arguments, *paths, "--vars", json.dumps(variables)]
        )


def let_go() -> None:
    """Close the warehouse, which dbt keeps open between builds: its file is about to be replaced."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.env().close()


def manifest_path() -> Path:
    """target/manifest.json, made first where it is missing or older than the project: the code location reads it."""
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _last_change():
        parse()
    return MANIFEST


if __name__ == "__main__":
    try:
        parse()
    except UsageError as error:
        sys.exit(str(error))
