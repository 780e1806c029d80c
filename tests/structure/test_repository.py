"""Rules about the repository itself: layers, names, what may know what, and that the docs speak of what is there."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from orchestration.cli import _parser
from orchestration.lib.transform import dbt

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = REPOSITORY / "dbt_project"
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
DOCS = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
LAYERS = {
    "staging": {"source", "seed"},
    "intermediate": {"staging", "intermediate", "seed", "marts"},
    "marts": {"staging", "intermediate", "marts", "seed", "source"},
    # Rules of segments read one relation; those of triggers whatever tells of a moment.
    "segments": {"intermediate"},
    "triggers": {"staging", "intermediate", "marts"},
}
NAMES = {
    "staging": r"stg_[a-z0-9_]+__[a-z0-9_]+",
    "intermediate": r"int_[a-z0-9_]+",
    "marts": r"[a-z][a-z0-9_]+",
    "segments": r"[a-z][a-z0-9_]+",
    "triggers": r"[a-z][a-z0-9_]+",
}


def relative(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads(dbt.manifest_path().read_text(encoding="utf-8"))


def layer(path: Path) -> str:
    return path.relative_to(PROJECT / "models").parts[0]


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.stem)
def test_a_model_has_its_name_its_grain_and_its_yaml(path):
    assert re.fullmatch(NAMES[layer(path)], path.stem)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("-- Grain: one row "), f"{relative(path)} begins with: {first}"
    described = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
    assert [m["name"] for m in described] == [path.stem]


def test_every_yaml_has_its_model():
    for path in (PROJECT / "models").rglob("*.yml"):
        if path.name.startswith("_"):
            continue
        stem = path.stem.removesuffix("__unit_tests")
        assert path.with_name(f"{stem}.sql").exists(), relative(path)


def test_layers_are_kept(manifest):
    nodes, sources = manifest["nodes"], manifest["sources"]
    for node in nodes.values():
        if node["resource_type"] != "model":
            continue
        allowed = LAYERS[node["fqn"][1]]
        for parent in node["depends_on"]["nodes"]:
            if parent in sources:
                kind = "source"
            elif nodes[parent]["resource_type"] == "seed":
                kind = "seed"
            else:
                kind = nodes[parent]["fqn"][1]
            # The entities of one source may share a step; nothing else is joined in staging.
            sibling = kind == "staging" and nodes[parent]["fqn"][1:3] == node["fqn"][1:3]
            assert kind in allowed or sibling, f"{node['name']} reads {parent}"


def test_marts_read_sources_only_of_the_refresh_itself(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["fqn"][1] != "staging":
            read = {
                manifest["sources"][p]["source_name"] for p in node["depends_on"]["nodes"] if p.startswith("source.")
            }
            assert read <= {"ops"}, node["name"]


def test_everything_is_described_and_owned(manifest):
    problems = []
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        if node["resource_type"] not in ("model", "seed", "source"):
            continue
        if not node.get("description"):
            problems.append(node["unique_id"])
        problems += [f"{node['unique_id']}.{c['name']}" for c in node["columns"].values() if not c.get("description")]
        if node["resource_type"] == "model" and node["fqn"][1] == "marts":
            if not node["config"]["meta"].get("owner"):
                problems.append(f"{node['unique_id']} has no owner")
            if not node["config"]["contract"]["enforced"]:
                problems.append(f"{node['unique_id']} has no contract")
            problems += [
                f"{node['unique_id']}.{c['name']} type" for c in node["columns"].values() if not c["data_type"]
            ]
    assert problems == []


def test_direct_identifiers_are_published_in_restricted_only(manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] == "marts":
            assert not [c["name"] for c in node["columns"].values() if c["config"]["meta"].get("pii")], node["name"]


def test_every_macro_says_what_it_does():
    for path in (PROJECT / "macros").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"\{%-? macro (?!duckdb__|default__|spark__)(\w+)", text):
            before = text[: match.start()].rstrip()
            assert before.endswith("#}"), f"{relative(path)}: {match.group(1)} has no comment above it"


def test_every_var_is_explained():
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    explained = (REPOSITORY / "docs/reference/vars.md").read_text(encoding="utf-8")
    for name in yaml.safe_load(text)["vars"]:
        assert f"`{name}`" in explained, name


def test_no_engine_is_named_outside_the_compatibility_macros():
    for folder in ("models", "macros", "tests"):
        for path in (PROJECT / folder).rglob("*.sql"):
            if "compat" in path.parts:
                continue
            text = re.sub(r"\{#.*?#\}|--[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            found = re.search(r"target\.(type|name)|duckdb|spark|\bqualify\b|::|\bexclude\s*\(|distinct on", text, re.I)
            assert not found, f"{relative(path)}: {found.group(0)}"


def imports(path: Path) -> list[tuple[str, bool]]:
    """Imported modules of a file, and whether each is imported when the module loads."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    guarded = {id(n) for node in tree.body if isinstance(node, ast.If) for n in ast.walk(node)}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
        top = node in tree.body and id(node) not in guarded
        found += [(name, top) for name in names]
    return found


def test_lib_and_expectations_know_no_orchestrator():
    for folder in ("orchestration/lib", "expectations"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            for name, _ in imports(path):
                assert not name.startswith(("dagster", "orchestration.defs")), f"{relative(path)} imports {name}"


def test_heavy_imports_wait_until_they_are_needed():
    heavy = ("great_expectations", "splink", "sklearn", "scipy", "pandas", "dbt", "sqlalchemy", "networkx", "sqlglot")
    for folder in ("orchestration", "expectations"):
        for path in (REPOSITORY / folder).rglob("*.py"):
            # dbt loads its plugin itself.
            if path.name == "dbt_plugin.py":
                continue
            for name, top in imports(path):
                assert not (top and name.split(".")[0] in heavy), f"{relative(path)} imports {name} when it loads"


def test_definitions_compose_and_do_nothing_else():
    assert len((REPOSITORY / "orchestration/definitions.py").read_text().splitlines()) < 30


def test_every_package_says_what_belongs_in_it():
    for folder in ("orchestration", "expectations"):
        for path in (REPOSITORY / folder).rglob("__init__.py"):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), relative(path)


@pytest.mark.parametrize("path", DOCS, ids=relative)
def test_the_docs_speak_of_what_is_there(path):
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    for target in re.findall(r"`make ([a-z]+)`|^make ([a-z]+)$", text, re.MULTILINE):
        assert set(target) - {""} <= targets, target
    commands = next(a.choices for a in _parser()._actions if a.choices and a.nargs is not None)
    for command in re.findall(r"tributary (?!is\b)([a-z]+)(?= --|`| \|)", text):
        assert command in commands, f"tributary {command}"
    for link in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (path.parent / link).exists(), link
    for place in re.findall(r"`((?:dbt_project|orchestration|expectations|tests|docs)/[\w./-]*)`", text):
        assert (REPOSITORY / place).exists(), place


def test_the_repository_names_no_machine_and_no_index():
    import subprocess

    files = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in files:
        path = REPOSITORY / name
        if path.suffix in {".lock"} or not path.exists() or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"(^|[\s\"'=(])/(work|root|home/\w+|farm)/", text), name
        assert not re.search(r"https?://[^ ]*/simple/|--(extra-)?index-url", text), name
