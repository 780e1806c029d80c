"""Scores of pairs of person records, kept from refresh to refresh: only what is new is compared."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from .comparisons import COLUMNS, COMPARISONS, DERIVED, column_of, log_odds, prior_of
from .decide import Thresholds

MODEL = Path(__file__).with_name("model.json")
PERSONS = "intermediate.int_persons_prepared"
_SCRATCH = "linking_scratch"


def score_pairs(
    con: duckdb.DuckDBPyConnection,
    thresholds: Thresholds,
    progress: Callable[[str], None] = lambda text: None,
    model: Path = MODEL,
) -> int:
    """Score every pair of person records that shares a blocking key and was not scored before.

    con: the warehouse with intermediate.int_persons_prepared, in no transaction. Scores stay in ops.link_scores, by
    person_key: whoever says the same has the same score. Scores of records that are gone go too, and all of them where
    the model, Splink, the thresholds or the order of magnitude of the number of records change, so that the tables are
    a function of the records of this refresh. Leaves the temporary table link_pairs(left_record_key, right_record_key,
    match_probability, match_weight, evidence), probabilities and weights by the prior of so many records, and gives
    the number of pairs that were compared.
    """
    _create_tables(con)
    shift = _shift(con, model)
    # Whoever would not reach the review threshold is not kept.
    keep = round(1 / (1 + 2 ** (shift - log_odds(thresholds.review))), 9)
    _forget(con, _fingerprint(model, keep))
    compared = 0
    new, repeated = _news(con)
    if new or repeated:
        compared = _score(con, model, keep)
        progress(f"  {compared:,} pairs of person records compared, for {new:,} that are new")
    _pair_records(con, thresholds, shift)
    # Names and addresses in clear stay no longer than they are needed.
    con.execute("drop table if exists link_people")
    return compared


def _create_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists ops")
    con.execute(
        "create table if not exists ops.link_scores (left_person_key varchar, right_person_key varchar, "
        "match_probability double, match_weight double, evidence varchar)"
    )
    con.execute("create table if not exists ops.link_persons (person_key varchar, is_repeated boolean)")
    con.execute("create table if not exists ops.link_state (fingerprint varchar)")


def _shift(con: duckdb.DuckDBPyConnection, model: Path) -> float:
    """Bits between the prior that scores are made with and that of the number of records."""
    records = con.execute(f"select count(distinct person_key) from {PERSONS}").fetchall()[0][0]
    scored = json.loads(model.read_text(encoding="utf-8"))["probability_two_random_records_match"]
    return log_odds(prior_of(records)) - log_odds(scored)


def _fingerprint(model: Path, keep: float) -> str:
    """What scores depend on besides the records."""
    parts = [model.read_text(encoding="utf-8"), json.dumps(DERIVED), version("splink"), str(keep)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _forget(con: duckdb.DuckDBPyConnection, fingerprint: str) -> None:
    """Drop what no longer holds: everything under other settings, and whoever is gone."""
    con.begin()
    try:
        if con.execute("select fingerprint from ops.link_state").fetchall() != [(fingerprint,)]:
            for table in ("link_scores", "link_persons", "link_state"):
                con.execute(f"delete from ops.{table}")
            con.execute("insert into ops.link_state values (?)", [fingerprint])
        gone = con.execute(
            f"select count(*) from ops.link_persons where person_key not in (select person_key from {PERSONS})"
        ).fetchall()[0][0]
        if gone:
            con.execute(f"delete from ops.link_persons where person_key not in (select person_key from {PERSONS})")
            for side in ("left", "right"):
                con.execute(
                    f"delete from ops.link_scores where {side}_person_key not in "
                    "(select person_key from ops.link_persons)"
                )
        con.commit()
    except BaseException:
        con.rollback()
        raise


def _news(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many person keys were never compared, and how many of the known ones several records have now."""
    con.execute(
        f"""
        create or replace temporary table link_news as
        select
            persons.person_key,
            known.person_key is null as is_new,
            persons.record_count > 1 as is_repeated,
            persons.record_count > 1 and not coalesce(known.is_repeated, false) as is_newly_repeated
        from (select person_key, count(*) as record_count from {PERSONS} group by person_key) as persons
        left join ops.link_persons as known on persons.person_key = known.person_key
        """
    )
    return con.execute(
        "select count(*) filter (where is_new), count(*) filter (where is_newly_repeated and not is_new) from link_news"
    ).fetchall()[0]


def _score(con: duckdb.DuckDBPyConnection, model: Path, keep: float) -> int:
    """Compare the new with everyone, and write their scores."""
    stage_people(con)
    with scratch(con):
        compared = stage_pairs(con)
        if compared:
            _explain(con, predict(con, json.loads(model.read_text(encoding="utf-8")), keep))
    con.begin()
    try:
        if compared:
            con.execute("insert into ops.link_scores select * from link_explained")
        con.execute(
            "delete from ops.link_persons "
            "where person_key in (select person_key from link_news where is_newly_repeated)"
        )
        con.execute(
            "insert into ops.link_persons "
            "select person_key, is_repeated from link_news where is_new or is_newly_repeated"
        )
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return compared


def blocking_keys(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The blocking keys that the prepared records have."""
    columns = [row[0] for row in con.execute(f"describe {PERSONS}").fetchall()]
    return [name for name in columns if name.startswith("bk_")]


def stage_people(con: duckdb.DuckDBPyConnection) -> None:
    """One row a person key, numbered in the order of the keys, with what the comparisons read: table link_people."""
    derived = ", ".join(f"{expression} as {name}" for name, expression in DERIVED.items())
    keys = blocking_keys(con)
    once = ", ".join(f"any_value({name}) as {name}" for name in (*COLUMNS, *keys))
    con.execute(
        f"""
        create or replace temporary table link_people as
        select
            row_number() over (order by person_key) as person_id, *, {derived}
        from (
            select
                news.person_key,
                any_value(news.is_new) as is_new,
                any_value(news.is_newly_repeated) as is_newly_repeated,
                {once}
            from {PERSONS} as persons
            inner join link_news as news on persons.person_key = news.person_key
            group by news.person_key
        ) as people
        """
    )


def stage_pairs(con: duckdb.DuckDBPyConnection) -> int:
    """The pairs to compare, each once and in the order of their keys: table link_blocked in the current schema.

    A pair shares a blocking key, and one of it is new; two records of one key are a pair where it has a blocking key.
    """
    columns = [row[0] for row in con.execute("describe link_people").fetchall()]
    keys = [name for name in columns if name.startswith("bk_")]
    sharing = [
        f"""
        select least(l.person_id, r.person_id) as join_key_l, greatest(l.person_id, r.person_id) as join_key_r
        from link_people as l
        inner join link_people as r on l.{key} = r.{key}
        where l.is_new and l.person_id <> r.person_id and (not r.is_new or l.person_id < r.person_id)
        """
        for key in keys
    ]
    blocked = " or ".join(f"{key} is not null" for key in keys)
    con.execute(
        f"""
        create or replace table link_blocked as
        select '0' as match_key, join_key_l, join_key_r from (
            {" union ".join(sharing)}
            union
            select person_id, person_id from link_people where is_newly_repeated and ({blocked})
        ) as shared
        """
    )
    return int(con.execute("select count(*) from link_blocked").fetchall()[0][0])


@contextmanager
def scratch(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A database in memory to work in, which is gone afterwards: Splink leaves tables wherever it works."""
    database, schema = con.execute("select current_database(), current_schema()").fetchall()[0]
    con.execute(f"attach ':memory:' as {_SCRATCH}")
    try:
        con.execute(f"use {_SCRATCH}.main")
        yield
    finally:
        con.execute(f'use "{database}"."{schema}"')
        con.execute(f"detach {_SCRATCH}")


def linker(con: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> tuple[Any, Any]:
    """Splink's linker over link_people, and its database api."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(con)
    con.execute("create or replace view people as select * from link_people")
    people = api.register("people", dataset_display_name="people")
    return Linker(people, {**settings, "sql_dialect": "duckdb"}, log_level="ERROR"), api


def predict(con: duckdb.DuckDBPyConnection, settings: dict[str, Any], keep: float) -> str:
    """Score the pairs of link_blocked; gives the name of the table with those of probability `keep` or more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, api = linker(con, settings)
        model.table_management.register_blocked_pairs_for_predict(
            api.register("link_blocked", dataset_display_name="link_blocked")
        )
        predicted = model.inference.predict(threshold_match_probability=keep, warning_mode="never")
    return str(predicted.physical_name)


def _explain(con: duckdb.DuckDBPyConnection, predicted: str) -> None:
    """The scores by person key, with the evidence in words: temporary table link_explained.

    There are far fewer patterns of levels than pairs: each is told once.
    """
    names = [column_of(c.name) for c in COMPARISONS]
    gammas = ", ".join(f"gamma_{name}" for name in names)
    weights = ", ".join(f"any_value(mw_{name})" for name in names)
    rows = con.execute(f"select {gammas}, {weights} from {predicted} group by {gammas} order by {gammas}").fetchall()
    con.execute(f"create table told ({', '.join(f'gamma_{name} integer' for name in names)}, evidence varchar)")
    size = len(names)
    # Nobody may be alike.
    if rows:
        con.executemany(
            f"insert into told values ({', '.join('?' * size)}, ?)",
            [(*row[:size], told(row[:size], row[size:])) for row in rows],
        )
    same = " and ".join(f"p.gamma_{name} = t.gamma_{name}" for name in names)
    con.execute(
        f"""
        create or replace temporary table link_explained as
        select
            l.person_key as left_person_key,
            r.person_key as right_person_key,
            p.match_probability,
            p.match_weight,
            t.evidence
        from {predicted} as p
        inner join told as t on {same}
        inner join link_people as l on p.person_id_l = l.person_id
        inner join link_people as r on p.person_id_r = r.person_id
        """
    )


def told(gammas: tuple[int, ...], weights: tuple[float, ...]) -> str:
    """The levels of a pair in words, with their weights in bits, as JSON. What is unknown is left out."""
    found = []
    for compared, gamma, weight in zip(COMPARISONS, gammas, weights, strict=True):
        if gamma >= 0:
            level = compared.levels[len(compared.levels) - 1 - gamma]
            found.append({"compared": compared.name, "level": level.words, "weight": round(weight, 2)})
    return json.dumps({"comparisons": found})


def _pair_records(con: duckdb.DuckDBPyConnection, thresholds: Thresholds, shift: float) -> None:
    """The pairs of records whose keys reach the review threshold by the prior of this refresh."""
    con.execute(
        f"""
        create or replace temporary table link_pairs as
        select * from (
            select
                least(l.record_key, r.record_key) as left_record_key,
                greatest(l.record_key, r.record_key) as right_record_key,
                1 / (1 + pow(2.0, -(scores.match_weight + {shift!r}))) as match_probability,
                scores.match_weight + {shift!r} as match_weight,
                scores.evidence
            from ops.link_scores as scores
            inner join {PERSONS} as l on scores.left_person_key = l.person_key
            inner join {PERSONS} as r on scores.right_person_key = r.person_key
            where scores.left_person_key <> scores.right_person_key or l.record_key < r.record_key
        ) as pairs
        where match_probability >= {thresholds.review!r}
        """
    )
