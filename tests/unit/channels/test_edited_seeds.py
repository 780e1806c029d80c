"""Seeds that marketers edit: faults are told with file and line, and what is right reaches the models as written."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from orchestration import cli, run
from orchestration.lib.faults import UsageError
from orchestration.lib.settings import DBT_PROJECT
from orchestration.lib.transform.edited_seeds import check_edited_seeds
from tests.support.compiled_project import copy_of_project, run_dbt

HEADERS = {
    "own_domains": "domain,note",
    "channel_overrides": "source,medium,campaign,channel,note",
    "campaign_aliases": "alias,campaign,note",
}


def project_with(folder: Path, **texts: str) -> Path:
    """A project that has the three seeds and nothing else: text after the header of each."""
    seeds = folder / "dbt_project" / "seeds"
    seeds.mkdir(parents=True)
    for name, header in HEADERS.items():
        (seeds / f"{name}.csv").write_text(f"{header}\n{texts.get(name, '')}", encoding="utf-8")
    return seeds.parent


def said(project: Path) -> list[str]:
    with pytest.raises(UsageError) as stopped:
        check_edited_seeds(project)
    first, *faults = str(stopped.value).splitlines()
    assert first == "Not well defined:"
    return faults


def test_the_seeds_of_the_project_are_right():
    for name, header in HEADERS.items():
        assert (DBT_PROJECT / "seeds" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0] == header
    check_edited_seeds(DBT_PROJECT)


def test_what_is_right_is_not_told(tmp_path):
    check_edited_seeds(
        project_with(
            tmp_path,
            own_domains="shop.example,\nWWW.Outlet.Example.,why\nl'outlet.example,\nlocalhost,\n\n,\n",
            channel_overrides=(
                "podcast.example,,,Podcast,\n podcast.example ,referral,,Podcast,\n,,may,paid search,\n"
                ',,june,"a > b ""x"" 🎈",write to ana@example.com\n,email,,Email,\n,null,,Email,\n'
            ),
            campaign_aliases="spring-24,Spring,\nSPRING24,spring,\n17,spring,\n",
        )
    )


FAULTS = {
    "own_domains": {
        "shop.example,\n,a note alone\n": "line 3: domain is missing",
        "shop.example,\nWWW.Shop.Example.,\n": "line 3: line 2 is for the same domain",
        "https://shop.example,\n": "line 2: domain is https://shop.example, which is no host",
        "shop.example/cart,\n": "line 2: domain is shop.example/cart, which is no host",
        "*.shop.example,\n": "line 2: domain is *.shop.example, which is no host",
        "shop.example\n": "line 2: it has 1 of 2 fields",
    },
    "channel_overrides": {
        "a,,,,\n": "line 2: channel is missing",
        ",,,Podcast,\n": "line 2: it names no source, medium or campaign",
        "a,b,c,Podcast,\n\n\n A ,B,c ,Radio,\n": "line 5: line 2 is for the same source, medium and campaign",
        "a,,,Podcast,\nb,,,podcast,\n": "line 3: channel is podcast, which line 2 spells Podcast",
        'a,,,"Pod\ncast",\n': "line 2: channel holds a tab, a line break",
        'a,,,Podcast,"a note\nof two lines"\n,,,,x\n': "line 4: channel is missing",
        "a,,,Podcast\n": "line 2: it has 4 of 5 fields",
        "jane@example.com,,,Podcast,\n": "line 2: source holds an e-mail address",
    },
    "campaign_aliases": {
        ",spring,\n": "line 2: alias is missing",
        "spring24,,\n": "line 2: campaign is missing",
        "Spring, spring,\n": "line 2: alias and campaign are both spring",
        "a,b,\nA ,c,\n": "line 3: line 2 is for the same alias",
        "a,B,\nb,c,\n": "line 2: campaign is B, which is an alias itself in line 3",
        "a,b,\nb,a,\n": "line 3: campaign is a, which is an alias itself in line 2",
        "a,to jane@example.com,\n": "line 2: campaign holds an e-mail address",
    },
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FAULTS.items() for text in texts])
def test_a_fault_is_told_with_its_file_and_line(tmp_path, name, text):
    faults = said(project_with(tmp_path, **{name: text}))
    assert any(fault.startswith(f"dbt_project/seeds/{name}.csv, {FAULTS[name][text]}") for fault in faults), faults


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    project = project_with(tmp_path, own_domains="a b,\n", channel_overrides=",,,,x\n", campaign_aliases="a,,\n,b,\n")
    files = [fault.split(":")[0] for fault in said(project)]
    assert files == [
        "dbt_project/seeds/own_domains.csv, line 2",
        "dbt_project/seeds/channel_overrides.csv, line 2",
        "dbt_project/seeds/channel_overrides.csv, line 2",
        "dbt_project/seeds/campaign_aliases.csv, line 2",
        "dbt_project/seeds/campaign_aliases.csv, line 3",
    ]


def test_files_that_cannot_be_read_are_told(tmp_path):
    project = project_with(tmp_path)
    (project / "seeds" / "own_domains.csv").unlink()
    (project / "seeds" / "channel_overrides.csv").write_text("source;medium;campaign;channel;note\na;;;Podcast;\n")
    (project / "seeds" / "campaign_aliases.csv").write_bytes(b"alias,campaign,note\nfr\xfchling,spring,\n")
    faults = said(project)
    assert len(faults) == 3
    assert faults[0] == "dbt_project/seeds/own_domains.csv cannot be read: No such file or directory"
    assert faults[1] == (
        "dbt_project/seeds/channel_overrides.csv, line 1: the header is source;medium;campaign;channel;note: "
        "write source,medium,campaign,channel,note"
    )
    assert faults[2].startswith("dbt_project/seeds/campaign_aliases.csv cannot be read: it is no CSV in UTF-8")
    (project / "seeds" / "campaign_aliases.csv").write_text('alias,campaign,note\na,"b\n')
    assert "campaign_aliases.csv cannot be read: it is no CSV" in said(project)[2]


def test_a_refresh_tells_them_before_it_makes_a_home(tmp_path, monkeypatch, capsys):
    project = project_with(tmp_path, campaign_aliases="a,a,\n")
    monkeypatch.setattr(run, "DBT_PROJECT", project)
    for command in (["refresh"], ["backfill", "--from", "2024-01-01", "--to", "2024-01-02"]):
        code = cli.main([*command, "--landing", str(tmp_path), "--home", str(tmp_path / "home")])
        assert code == 2
        assert (
            "dbt_project/seeds/campaign_aliases.csv, line 2: alias and campaign are both a" in capsys.readouterr().err
        )
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "rows",
    [
        [("'24'", "", "''", "Sale", "")],
        [("'24 Sale", "", "'", "it's", ""), ("'25 Sale", "", "", "'Sale'", "")],
        [("'24", 'a > b "x" 🎈', "a, b", '"', ""), ("", "null", "#1; x", "\\", "a\nb")],
    ],
)
def test_names_reach_the_models_as_they_are_written(tmp_path, rows):
    """Left alone, the engine guesses how a file is quoted, and takes a ' around a name for its quote."""
    project = copy_of_project(tmp_path)
    file = project / "seeds" / "channel_overrides.csv"
    with file.open("a", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    done = run_dbt(["seed", "--select", "channel_overrides"], tmp_path / "w.duckdb", tmp_path / "target", {}, project)
    assert done.success
    with duckdb.connect(str(tmp_path / "w.duckdb")) as con:
        found = con.execute("from seeds.channel_overrides").fetchall()
    assert found == [tuple(cell or None for cell in row) for row in rows]
