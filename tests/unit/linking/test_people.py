"""Who is found to be one person: on demo worlds, whose truth is known, and on FEBRL's dataset 3.

FEBRL's people come as contacts of two sources of one's own, without their social security number, through the same
contracts, models, model of linking and decisions as everybody's.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from orchestration.lib.demo import write_world
from orchestration.lib.identity.resolve import resolve_identity
from orchestration.lib.landing.contracts import load_contracts
from orchestration.lib.landing.load import load_landing
from tests.support.dbt_warehouse import PROJECT, Warehouse

FEBRL = Path(__file__).resolve().parents[4] / "shared" / "data" / "febrl" / "dataset3.csv"
SOURCES = ("registry_a", "registry_b")
COLUMNS = [
    *("rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state"),
    "date_of_birth",
]
STAGED = """-- Grain: one row a person.
with visible as (
    {{{{ newest_visible('{source}', 'person') }}}}
)

select
    rec_id as source_customer_id,
    cast(null as string) as email,
    cast(null as string) as phone,
    given_name as first_name,
    surname as last_name,
    'AU' as country,
    state as region,
    suburb as city,
    concat_ws(' ', street_number, address_1, address_2) as street,
    postcode,
    try_cast(
        substr(date_of_birth, 1, 4) || '-' || substr(date_of_birth, 5, 2) || '-' || substr(date_of_birth, 7, 2) as date
    ) as date_of_birth,
    cast(null as timestamp) as created_at,
    cast(null as timestamp) as updated_at
from visible
"""
GRAPH = [
    *("+int_identity_nodes_connected", "+int_identity_records_noded", "+int_steward_links_resolved"),
    "+int_persons_prepared",
]
WORLDS = [(300, 3), (2000, 11)]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse whose project has two sources more."""
    folder = tmp_path_factory.mktemp("people")
    project = folder / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    own = "  own_sources:\n"
    assert own in text
    added = "".join(f"    {source}: [contacts]\n" for source in SOURCES)
    settings.write_text(text.replace(own, own + added), encoding="utf-8")
    for source in SOURCES:
        staging = project / "models" / "staging" / source
        staging.mkdir()
        columns = [
            {"name": name, "data_type": "string", "description": name, "config": {"meta": {"id": True}}}
            for name in COLUMNS
        ]
        columns[0]["config"]["meta"]["required"] = True
        table = {"name": "person", "description": "People.", "config": {"meta": {"primary_key": ["rec_id"]}}}
        contract = {
            "name": source, "description": "People.", "schema": f"raw_{source}", "config": {"meta": {"owner": "data"}},
            "tables": [{**table, "columns": columns}],
        }  # fmt: skip
        (staging / f"_{source}__sources.yml").write_text(yaml.safe_dump({"version": 2, "sources": [contract]}))
        (staging / f"stg_{source}__contacts.sql").write_text(STAGED.format(source=source))
    made = Warehouse(folder, {"as_of_date": "2026-06-30", "cutoff_at": "2026-07-01 00:00:00"}, project)
    made.run(["seed"])
    return made


def resolve(warehouse: Warehouse, landing: Path) -> None:
    with warehouse.connect() as con:
        contracts = load_contracts(warehouse.project)
        load_landing(con, landing, contracts, datetime(2026, 7, 1), warehouse.folder / "scratch")
    warehouse.run(["run", "--select", *GRAPH])
    with warehouse.connect() as con:
        resolve_identity(con)
    warehouse.run(["run", "--select", "+int_records_resolved", "--exclude", *GRAPH])


@dataclass(frozen=True)
class Measured:
    """Pairs of person records that no chain of shared identifiers joins."""

    truly: int
    planted: int
    planted_found: int
    merged: int
    rightly: int
    merged_kinds: frozenset[str]


def measure(warehouse: Warehouse, truth: Path) -> Measured:
    """Wrong merges count whoever is merged; kinds are those of people who were merged with somebody else."""
    with warehouse.connect() as con:
        con.execute(
            f"""
            create temporary table told as
            select
                persons.record_key,
                resolved.part_id,
                resolved.customer_id,
                behind.person_id,
                coalesce(people.kind, '') as kind
            from intermediate.int_persons_prepared as persons
            inner join intermediate.int_identifiers_resolved as resolved on persons.node_id = resolved.node_id
            inner join (
                select source || ':' || record_type || ':' || record_id as record_key, min(person_id) as person_id
                from '{truth}/people.parquet' group by all
            ) as behind on persons.record_key = behind.record_key
            inner join '{truth}/persons.parquet' as people on behind.person_id = people.person_id
            """
        )
        pairs = con.execute(
            """
            select l.customer_id = r.customer_id, l.person_id = r.person_id, l.kind, r.kind
            from told as l
            inner join told as r
                on l.record_key < r.record_key and l.part_id <> r.part_id
                and (l.customer_id = r.customer_id or l.person_id = r.person_id)
            """
        ).fetchall()
    planted = [merged for merged, same, kind, _ in pairs if same and kind == "stranger_copy"]
    wrong = {kind for merged, same, *kinds in pairs if merged and not same for kind in kinds}
    return Measured(
        truly=sum(same for _, same, *_ in pairs),
        planted=len(planted),
        planted_found=sum(planted),
        merged=sum(merged for merged, *_ in pairs),
        rightly=sum(merged and same for merged, same, *_ in pairs),
        merged_kinds=frozenset(wrong),
    )


@pytest.fixture(scope="module")
def measured(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> list[Measured]:
    found = []
    for customers, seed in WORLDS:
        out = tmp_path_factory.mktemp("world") / "world"
        summary = write_world(out, customers, 540, date(2026, 6, 30), seed, False)
        resolve(warehouse, out)
        found.append(measure(warehouse, summary.truth))
        shutil.rmtree(out)
    return found


def test_merges_of_a_demo_world_are_right(measured: list[Measured]) -> None:
    assert sum(m.rightly for m in measured) >= 0.995 * sum(m.merged for m in measured) > 0
    for world in measured:
        assert not world.merged_kinds & {"twins", "father_and_son"}


def test_planted_slips_of_a_demo_world_are_seen_through(measured: list[Measured]) -> None:
    assert sum(m.planted_found for m in measured) >= 0.9 * sum(m.planted for m in measured) > 0


def test_people_of_a_demo_world_are_found_without_a_shared_identifier(measured: list[Measured]) -> None:
    assert sum(m.rightly for m in measured) >= 0.9 * sum(m.truly for m in measured) > 0


@pytest.mark.skipif(not FEBRL.is_file(), reason="FEBRL's dataset 3 is not beside the repository")
def test_the_people_of_febrl_are_found(warehouse: Warehouse, tmp_path: Path) -> None:
    with FEBRL.open(encoding="utf-8") as file:
        rows = [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(file)]
    for place, source in enumerate(SOURCES):
        folder = tmp_path / source / "person" / "dt=2026-06-01"
        folder.mkdir(parents=True)
        with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows[place::2])
    resolve(warehouse, tmp_path)
    customers = warehouse.rows("select record_id, customer_id from intermediate.int_records_resolved")
    assert len(customers) == len(rows)
    merged = pairs_of({record: customer for record, customer in customers})
    true = pairs_of({row["rec_id"]: row["rec_id"].split("-")[1] for row in rows})
    assert len(merged & true) >= 0.995 * len(merged)
    assert len(merged & true) >= 0.97 * len(true)


def pairs_of(groups: dict[str, str]) -> set[tuple[str, str]]:
    members: dict[str, list[str]] = {}
    for record in sorted(groups):
        members.setdefault(groups[record], []).append(record)
    return {(a, b) for group in members.values() for i, a in enumerate(group) for b in group[i + 1 :]}
