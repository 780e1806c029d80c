"""Rules of the staging folder: contracts are well formed, models give and describe what they say."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = REPOSITORY / "dbt_project"
STAGING = PROJECT / "models" / "staging"
OWN_SOURCE_PAGE = REPOSITORY / "docs" / "reference" / "own_source.md"

VARS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
OWN_SOURCES: dict[str, list[str]] = VARS["own_sources"]
SOURCES: list[str] = [*VARS["sources"], *OWN_SOURCES]

CONTRACTS = {source: STAGING / source / f"_{source}__sources.yml" for source in SOURCES}
MODELS = {path.stem: path for source in SOURCES for path in sorted((STAGING / source).glob("*.sql"))}

TYPES = {"string", "integer", "number", "boolean", "timestamp", "date", "json"}
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")


def meta(entry):
    return (entry.get("config") or {}).get("meta") or {}


def source_entry(source):
    entries = yaml.safe_load(CONTRACTS[source].read_text())["sources"]
    assert [entry["name"] for entry in entries] == [source], "one source a file"
    return entries[0]


def model_entry(name):
    entries = yaml.safe_load(MODELS[name].with_suffix(".yml").read_text())["models"]
    assert [entry["name"] for entry in entries] == [name], "one model a file"
    return entries[0]


def split_items(text):
    """Parts of a select list: what commas outside brackets part."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "({[") - (character in ")}]")
        if character == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, text[start:]]]


def final_select(name):
    """Column and expression of each item of the select that ends a model."""
    sql = re.sub(r"--.*", "", MODELS[name].read_text())
    body = sql.rpartition("\nselect\n")[2]
    items = split_items(re.split(r"\nfrom ", body)[0])
    return {re.findall(r"\w+", item)[-1]: item for item in items}


def documented_entities():
    """Columns of each entity of a source of one's own, as the page lists them."""
    page = OWN_SOURCE_PAGE.read_text()
    sections = re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, flags=re.MULTILINE | re.DOTALL)
    return {entity: re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE) for entity, text in sections}


def test_every_listed_source_has_a_folder_and_every_folder_with_a_contract_is_listed():
    found = {path.parent.name for path in STAGING.glob("*/_*__sources.yml") if path.parent.name != "computed"}
    assert found == set(SOURCES)


@pytest.mark.parametrize("source", SOURCES)
def test_a_contract_is_well_formed(source):
    entry = source_entry(source)
    assert IDENTIFIER.fullmatch(source)
    assert entry["schema"] == f"raw_{source}"
    assert meta(entry)["owner"]
    assert entry["description"].strip()
    assert set(meta(entry)) <= {"owner", "customer_ids_of"}
    for table in entry["tables"]:
        where = f"{source}.{table['name']}"
        names = [column["name"] for column in table["columns"]]
        columns = {column["name"]: column for column in table["columns"]}
        assert IDENTIFIER.fullmatch(table["name"]), where
        assert table["description"].strip(), where
        assert len(columns) == len(names), where
        headers = [meta(column).get("header", column["name"]).lower() for column in table["columns"]]
        assert len(set(headers)) == len(headers), where
        assert set(meta(table)) <= {"primary_key", "version", "record", "happened_at"}, where
        primary_key = meta(table).get("primary_key", [])
        assert set(primary_key) <= set(names), where
        assert not primary_key or any(meta(columns[name]).get("required") for name in primary_key), where
        for name in primary_key:
            # White space around a key would make two rows of one.
            assert columns[name]["data_type"] != "string" or meta(columns[name]).get("id"), f"{where}.{name}"
        version = meta(table).get("version")
        if version:
            assert columns[version]["data_type"] == "timestamp", where
            assert primary_key, where


@pytest.mark.parametrize("source", SOURCES)
def test_every_exported_column_has_a_type_and_a_description(source):
    for table in source_entry(source)["tables"]:
        for column in table["columns"]:
            where = f"{source}.{table['name']}.{column['name']}"
            assert IDENTIFIER.fullmatch(column["name"]), where
            assert column["data_type"] in TYPES, where
            assert column["description"].strip(), where
            assert set(meta(column)) <= {"required", "pii", "id", "header", "identifier"}, where
            assert all(meta(column)[key] is True for key in meta(column) if key not in ("header", "identifier")), where
            if column["name"] == "id" or column["name"].endswith("_id"):
                assert meta(column).get("id"), f"{where} is joined, so it is trimmed: id"


@pytest.mark.parametrize("source", SOURCES)
def test_a_staging_folder_holds_a_contract_and_models_with_their_yaml(source):
    folder = STAGING / source
    stems = {path.stem for path in folder.glob("*.sql")}
    assert all(re.fullmatch(rf"stg_{source}__[a-z0-9_]+", stem) for stem in stems)
    expected = {CONTRACTS[source].name, *(f"{stem}{end}" for stem in stems for end in (".sql", ".yml"))}
    assert {path.name for path in folder.iterdir()} == expected


@pytest.mark.parametrize("source", VARS["sources"])
def test_every_exported_table_is_staged_by_one_model(source):
    tables = [table["name"] for table in source_entry(source)["tables"]]
    calls = [
        table
        for name, path in MODELS.items()
        if path.parent.name == source
        for table in re.findall(rf"newest_visible\(\s*'{source}',\s*'(\w+)'", path.read_text())
    ]
    assert sorted(calls) == sorted(tables)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_says_its_grain_and_describes_the_columns_that_it_gives(name):
    entry = model_entry(name)
    assert MODELS[name].read_text().startswith("-- Grain: one row a")
    assert entry["description"].strip()
    assert meta(entry)["owner"]
    assert [column["name"] for column in entry["columns"]] == list(final_select(name))
    for column in entry["columns"]:
        assert column["description"].strip(), column["name"]
        assert set(meta(column)) <= {"pii"}, column["name"]


@pytest.mark.parametrize("name", [name for name in MODELS if MODELS[name].parent.name in VARS["sources"]])
def test_a_staged_column_is_pii_where_what_it_is_made_of_is(name):
    calls = re.search(r"newest_visible\(\s*'(\w+)',\s*'(\w+)'", MODELS[name].read_text())
    source, table_name = calls.groups()
    table = next(table for table in source_entry(source)["tables"] if table["name"] == table_name)
    pii = {column["name"] for column in table["columns"] if meta(column).get("pii")}
    made_of = {column: set(re.findall(r"\w+", item)) for column, item in final_select(name).items()}
    expected = {column for column, words in made_of.items() if words & pii}
    assert {column["name"] for column in model_entry(name)["columns"] if meta(column).get("pii")} == expected


@pytest.mark.parametrize(
    ("source", "entity"), [(source, entity) for source in OWN_SOURCES for entity in OWN_SOURCES[source]]
)
def test_an_own_source_gives_the_documented_columns_of_each_entity(source, entity):
    documented = documented_entities()
    assert entity in documented, f"{OWN_SOURCE_PAGE.name} does not say what {entity} is"
    assert list(final_select(f"stg_{source}__{entity}")) == documented[entity]


def test_the_own_source_page_documents_each_entity_that_marts_read():
    assert list(documented_entities()) == [
        "contacts",
        "orders",
        "order_lines",
        "refunds",
        "refund_lines",
        "products",
    ]


@pytest.mark.parametrize("name", MODELS)
def test_staging_sql_reads_on_every_engine(name):
    sql = re.sub(r"--.*", "", MODELS[name].read_text()).lower()
    for word in (r"\bqualify\b", r"\bexclude\b", "::", r"\bdistinct on\b", '"', r"\bduckdb\b", r"\bspark\b"):
        assert not re.search(word, sql), word
