"""SQL that turns a field's text into its contract type, and says why a field cannot be.

The rules are those of landing.md, Reading. Every expression is total: no text makes it raise.
"""

from __future__ import annotations

from .contracts import Column, TableContract

RAW_TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
    "json": "varchar",
}
REASONS = {
    "integer": "not_an_integer",
    "number": "not_a_number",
    "boolean": "not_a_boolean",
    "timestamp": "not_a_timestamp",
    "date": "not_a_date",
    "json": "not_json",
}

# Python's str.isspace set: what a spreadsheet or a web form leaves around a value.
_WHITE = (
    "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(28) || chr(29) || chr(30) || chr(31) "
    "|| chr(133) || chr(160) || chr(5760) || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) "
    "|| chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || chr(8232) || chr(8233) "
    "|| chr(8239) || chr(8287) || chr(12288)"
)
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_WHOLE = r"[+-]?[0-9]+(\.0*)?"
_TIMESTAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([ Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?([Zz]|[Uu][Tt][Cc]|[+-][0-9]{2}(:?[0-9]{2})?))?)?"
)
_EPOCH_MS = "[0-9]{11,14}"


def quoted(name: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, quoted for SQL: for table functions, which take no bound values."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(text: str) -> str:
    """The text without surrounding white space; null where nothing is left: the one spelling of null."""
    return f"nullif(trim({text}, {_WHITE}), '')"


def typed(column: Column, text: str) -> str:
    """The value of `text` in the column's type; null where it is empty or does not cast.

    `text` is an expression over the untrimmed field. Strings are kept to the letter, ids trimmed.
    """
    value = trimmed(text)
    if column.data_type == "string":
        return value if column.id else f"case when {value} is not null then {text} end"
    return {
        "json": f"case when try(json_valid({value})) then {text} end",
        "integer": _integer(value),
        "number": _number(value),
        "boolean": (
            f"case when lower({value}) in ('true', 't', 'yes', 'y', '1') then true "
            f"when lower({value}) in ('false', 'f', 'no', 'n', '0') then false end"
        ),
        "timestamp": _timestamp(value),
        "date": (
            f"case when {_timestamp(value)} is null then null "
            f"when regexp_full_match({value}, '{_EPOCH_MS}') then cast({_timestamp(value)} as date) "
            f"else try_cast(left({value}, 10) as date) end"
        ),
    }[column.data_type]


def _number(value: str) -> str:
    return (
        f"case when regexp_full_match({value}, '{_NUMBER}') and isfinite(try_cast({value} as double)) "
        f"then try_cast({value} as double) end"
    )


def _integer(value: str) -> str:
    # A whole number in exponent form goes through double; digits are cast as they stand, to keep all of them.
    number = _number(value)
    return (
        f"case when regexp_full_match({value}, '{_WHOLE}') "
        f"then try_cast(regexp_replace({value}, '\\.0*$', '') as bigint) "
        f"when {number} = trunc({number}) then try_cast({number} as bigint) end"
    )


def _timestamp(value: str) -> str:
    iso = f"replace(upper({value}), ',', '.')"
    # A blank before an offset is common in exports, but the engine's cast wants none.
    joined = f"regexp_replace({iso}, ' ([+-])', '\\1')"
    return (
        f"case when regexp_full_match({value}, '{_TIMESTAMP}') "
        f"then cast(try_cast({joined} as timestamptz) as timestamp) "
        f"when regexp_full_match({value}, '{_EPOCH_MS}') "
        f"then epoch_ms(cast({value} as bigint)) end"
    )


def fault(contract: TableContract, texts: dict[str, str], values: dict[str, str]) -> str:
    """'<column>:<reason>' of the row's first fault in contract order, or null for a row that keeps its contract.

    texts: the field's text by column name, absent where the file has no such column; values: its typed value.
    """
    cases = []
    for column in contract.columns:
        text = texts.get(column.name)
        if text is None:
            continue
        if column.required:
            cases.append(f"when {trimmed(text)} is null then {literal(column.name + ':required_null')}")
        if column.data_type in REASONS:
            reason = literal(f"{column.name}:{REASONS[column.data_type]}")
            cases.append(f"when {values[column.name]} is null and {trimmed(text)} is not null then {reason}")
    return f"case {' '.join(cases)} end" if cases else "cast(null as varchar)"
