"""What two person records are compared on: levels in order, each with its condition, and what is assumed of it.

A level's m is how often records of one person are at it, u how often records of two people are. model.json holds the
values that are in force; those here are what is assumed where the training data cannot say. Term frequencies are left
out on purpose: with them a pair's score would change with every other record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

# The chance that any two records are one person's, before anything is compared, when scores are made. Fixed, so that a
# score is a function of two records alone; decisions shift it to the number of records (prior_of).
PRIOR = 3e-6
# How often a record has a partner that no identifier joins it with, as demo worlds of 300 to 20,000 customers have it.
_PARTNERS = 0.125
_FEWEST = 1024


def prior_of(records: int) -> float:
    """The chance that any two of so many records are one person's.

    A record has about as many partners in a small company as in a large one, but far fewer strangers to be taken for
    one: two of one name and country are likely one person among four thousand records, namesakes among a million.
    Numbers are rounded to powers of two, so that links do not flicker as records come in.
    """
    rounded = 2 ** round(math.log2(max(records, 1)))
    return _PARTNERS / max(rounded, _FEWEST)


def log_odds(probability: float) -> float:
    """A probability below 1 as a weight, in bits."""
    return math.log2(probability / (1 - probability))


@dataclass(frozen=True)
class Level:
    """A level of agreement. A fixed one keeps what is assumed; training leaves it alone."""

    words: str
    condition: str
    m: float
    u: float
    fixed: bool = False


@dataclass(frozen=True)
class Compared:
    """One comparison. `unknown` is the condition under which it says nothing at all."""

    name: str
    unknown: str
    levels: tuple[Level, ...]


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _slips(column: str, count: int) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {count}"


def _few_slips(column: str) -> str:
    """One slip, two in a long text; texts of three letters have no room for one."""
    shorter = f"least(length({column}_l), length({column}_r))"
    return f"({_slips(column, 1)} and {shorter} >= 3) or ({_slips(column, 2)} and {shorter} >= 8)"


def _alike(left: str, right: str, similarity: float) -> str:
    return f"jaro_winkler_similarity({left}, {right}) >= {similarity}"


_SWAPPED = (
    f"{_alike('first_name_l', 'last_name_r', 0.9)} and {_alike('last_name_l', 'first_name_r', 0.9)} "
    f"and not {_alike('first_name_l', 'first_name_r', 0.9)}"
)
_SHORT = (
    "least(length(first_name_l), length(first_name_r)) >= 3 "
    "and (starts_with(first_name_l, first_name_r) or starts_with(first_name_r, first_name_l))"
)
_DAY_AND_MONTH = (
    "left(date_of_birth_l, 4) = left(date_of_birth_r, 4) "
    "and substr(date_of_birth_l, 6, 2) = substr(date_of_birth_r, 9, 2) "
    "and substr(date_of_birth_l, 9, 2) = substr(date_of_birth_r, 6, 2)"
)
# Names that differ, each as its own e-mail address spells it: no slip, for nobody makes the same one twice.
_SPELT_LAST = "(spells_last_name_l and spells_last_name_r and last_name_l <> last_name_r)"
_SPELT_FIRST = "(spells_first_name_l and spells_first_name_r and first_name_l <> first_name_r)"
# A first letter or a digit is what tells namesakes apart, and a dot more or less is how people vary an address.
_MAILBOX_SLIPS = (
    "domain_l = domain_r and digits_l = digits_r and left(mailbox_l, 1) = left(mailbox_r, 1) "
    f"and not {_SPELT_LAST} and not {_SPELT_FIRST} and ("
    f"(mailbox_l <> mailbox_r and ({_few_slips('mailbox')})) "
    f"or (mailbox_l = mailbox_r and marks_l = marks_r and {_slips('user', 1)}) "
    "or replace(replace(user_l, '..', '.'), '__', '_') = replace(replace(user_r, '..', '.'), '__', '_'))"
)
_ELSEWHERE = "true"

# An equal e-mail or phone joins records by itself: what is left to compare here differs, so equal ones say nothing.
COMPARISONS: tuple[Compared, ...] = (
    Compared(
        "first name",
        _missing("first_name"),
        (
            Level("equal", "first_name_l = first_name_r", 0.76, 0.008),
            Level("swapped with the last name", _SWAPPED, 0.02, 0.00001),
            Level("one or two slips", _few_slips("first_name"), 0.10, 0.004),
            Level("one is short for the other", _SHORT, 0.04, 0.002),
            Level("alike", _alike("first_name_l", "first_name_r", 0.88), 0.02, 0.006),
            Level("different", _ELSEWHERE, 0.06, 0.98),
        ),
    ),
    Compared(
        "last name",
        # What is swapped is counted once, with the first name.
        f"{_missing('last_name')} or ({_SWAPPED})",
        (
            Level("equal", "last_name_l = last_name_r", 0.80, 0.001),
            Level("one or two slips", f"not {_SPELT_LAST} and ({_few_slips('last_name')})", 0.11, 0.0008),
            Level("alike", f"not {_SPELT_LAST} and {_alike('last_name_l', 'last_name_r', 0.9)}", 0.03, 0.004),
            Level("different", _ELSEWHERE, 0.06, 0.994),
        ),
    ),
    Compared(
        "date of birth",
        _missing("date_of_birth"),
        (
            Level("equal", "date_of_birth_l = date_of_birth_r", 0.91, 0.00005),
            Level("day and month swapped", _DAY_AND_MONTH, 0.01, 0.00003),
            Level("one slip", _slips("date_of_birth", 1), 0.04, 0.0005),
            Level("different", _ELSEWHERE, 0.04, 0.9994),
        ),
    ),
    Compared(
        "street",
        _missing("street"),
        (
            Level("equal", "street_l = street_r", 0.70, 0.00002),
            Level("one or two slips", f"{_slips('street', 2)} or {_slips('street_words', 2)}", 0.14, 0.0001),
            Level(
                "alike",
                f"{_alike('street_l', 'street_r', 0.85)} or {_alike('street_words_l', 'street_words_r', 0.85)}",
                0.06,
                0.003,
            ),
            Level("different", _ELSEWHERE, 0.10, 0.9969),
        ),
    ),
    Compared(
        "postcode",
        _missing("postcode"),
        (
            Level("equal", "postcode_l = postcode_r", 0.84, 0.0005),
            Level("one slip", _slips("postcode", 1), 0.08, 0.004),
            Level("different", _ELSEWHERE, 0.08, 0.9955),
        ),
    ),
    Compared(
        "city",
        _missing("city"),
        (
            Level("equal", "city_l = city_r", 0.84, 0.02),
            Level("one or two slips", _few_slips("city"), 0.07, 0.001),
            Level("different", _ELSEWHERE, 0.09, 0.979),
        ),
    ),
    Compared(
        "country",
        # Two cities say it already.
        f"{_missing('country_code')} or (city_l is not null and city_r is not null)",
        (
            Level("equal", "country_code_l = country_code_r", 0.97, 0.25),
            Level("different", _ELSEWHERE, 0.03, 0.75),
        ),
    ),
    Compared(
        "e-mail",
        f"{_missing('email')} or email_l = email_r",
        (
            Level("one or two slips before the @", _MAILBOX_SLIPS, 0.30, 0.000002),
            Level(
                "equal before the @, slips after it",
                f"user_l = user_r and {_slips('domain', 2)}",
                0.04,
                0.0000005,
            ),
            # As namesakes write it whose address was taken.
            Level(
                "other digits in the mailbox", "letters_l = letters_r and digits_l <> digits_r", 0.01, 0.12, fixed=True
            ),
            Level("different", _ELSEWHERE, 0.65, 0.8799975),
        ),
    ),
    Compared(
        "phone",
        f"{_missing('phone')} or phone_l = phone_r",
        (
            Level("one slip", _slips("phone", 1), 0.02, 0.00002, fixed=True),
            # Fewer people have two numbers than two mailboxes. The rest of m are equal ones, which joined already.
            Level("different", _ELSEWHERE, 0.10, 0.99998, fixed=True),
        ),
    ),
)

_MAILBOX = r"regexp_replace(regexp_replace(email, '@.*$', ''), '[^\p{L}\p{N}]', '', 'g')"
# What the conditions above read besides the columns of int_persons_prepared.
DERIVED = {
    "user": "regexp_replace(email, '@.*$', '')",
    "domain": "regexp_replace(email, '^.*@', '')",
    "mailbox": _MAILBOX,
    "spells_first_name": f"coalesce({_MAILBOX} like '%' || replace(first_name, ' ', '') || '%', false)",
    "spells_last_name": f"coalesce({_MAILBOX} like '%' || replace(last_name, ' ', '') || '%', false)",
    "street_words": "array_to_string(list_sort(string_split(street, ' ')), ' ')",
    "marks": r"regexp_replace(regexp_replace(email, '@.*$', ''), '[\p{L}\p{N}]', '', 'g')",
    "letters": r"regexp_replace(regexp_replace(email, '@.*$', ''), '[^\p{L}]', '', 'g')",
    "digits": r"regexp_replace(regexp_replace(email, '@.*$', ''), '[^\p{N}]', '', 'g')",
}
COLUMNS = (
    *("first_name", "last_name", "date_of_birth", "street", "postcode", "city", "country_code"),
    *("email", "phone"),
)


def column_of(name: str) -> str:
    """The comparison's name as a part of a column's."""
    return name.replace(" ", "_").replace("-", "")


def settings(parameters: dict[str, dict[str, tuple[float, float]]] | None = None) -> dict[str, Any]:
    """Splink's settings, with m and u of parameters by comparison and level, else what is assumed."""
    given = parameters or {}
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "person_id",
        "probability_two_random_records_match": PRIOR,
        "blocking_rules_to_generate_predictions": [],
        # Splink gives the levels of a pair only beside the columns that it compared.
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "comparisons": [
            {
                "output_column_name": column_of(compared.name),
                "comparison_description": compared.name,
                "comparison_levels": [
                    {"sql_condition": compared.unknown, "label_for_charts": "unknown", "is_null_level": True},
                    *(
                        {
                            "sql_condition": "ELSE" if level.condition == _ELSEWHERE else level.condition,
                            "label_for_charts": level.words,
                            "m_probability": given.get(compared.name, {}).get(level.words, (level.m, level.u))[0],
                            "u_probability": given.get(compared.name, {}).get(level.words, (level.m, level.u))[1],
                        }
                        for level in compared.levels
                    ),
                ],
            }
            for compared in COMPARISONS
        ],
    }
