"""Training: what the levels of comparison are worth, learned from the person records of a warehouse."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from .comparisons import COMPARISONS, settings
from .score import PERSONS, linker, scratch, stage_people

_SEED = 7
_RANDOM_PAIRS = 3_000_000
# What the pairs of each session agree on is what it can say nothing about, so there are several.
_SESSIONS = (
    "l.date_of_birth = r.date_of_birth",
    "l.first_name = r.first_name and l.last_name = r.last_name",
    "l.email = r.email",
)
# Training data holds fewer slips than what people type: half of m is what it says, half what is assumed.
_ASSUMED_SHARE = 0.5
# No level is so rare among strangers that it alone decides.
_LEAST = 1e-7

Parameters = dict[str, dict[str, tuple[float, float]]]


def train(
    con: duckdb.DuckDBPyConnection, target: Path, progress: Callable[[str], None] = lambda text: None
) -> Parameters:
    """Learn m and u from intermediate.int_persons_prepared and write Splink's settings to `target`.

    u comes from random pairs, m from expectation maximisation over pairs that agree on one thing, in several sessions.
    A level that the data does not show keeps what is assumed of it. The same records give the same file. Gives m and u
    by comparison and level.
    """
    con.execute(
        f"""
        create or replace temporary table link_news as
        select distinct person_key, true as is_new, false as is_repeated, false as is_newly_repeated from {PERSONS}
        """
    )
    stage_people(con)
    threads = con.execute("select current_setting('threads')").fetchall()[0][0]
    # Random samples depend on which thread reads what.
    con.execute("set threads = 1")
    try:
        with scratch(con), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model, _ = linker(con, settings())
            progress("  how often records of two people agree: random pairs")
            model.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=_SEED)
            for rule in _SESSIONS:
                progress(f"  how often records of one person agree: pairs where {rule}")
                model.training.estimate_parameters_using_expectation_maximisation(rule)
            learned = model.misc.save_model_to_json()
    finally:
        con.execute(f"set threads = {threads}")
    parameters = _blended(learned)
    target.write_text(json.dumps(settings(parameters), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return parameters


def _blended(learned: dict[str, Any]) -> Parameters:
    """m and u of every level as Splink learned them, m halfway to what is assumed."""
    found: Parameters = {}
    for compared, told in zip(COMPARISONS, learned["comparisons"], strict=True):
        levels = [level for level in told["comparison_levels"] if not level.get("is_null_level")]
        found[compared.name] = {
            assumed.words: (assumed.m, assumed.u)
            if assumed.fixed
            else (
                (1 - _ASSUMED_SHARE) * level.get("m_probability", assumed.m) + _ASSUMED_SHARE * assumed.m,
                max(level.get("u_probability", assumed.u), _LEAST),
            )
            for level, assumed in zip(levels, compared.levels, strict=True)
        }
    return {name: {words: (round(m, 9), round(u, 9)) for words, (m, u) in f.items()} for name, f in found.items()}
