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
    "'"
    + "".join(map(chr, (32, *range(9, 14), *range(28, 32), 133, 160, 5760, *range(8192, 8203))))
    + ("".join(map(chr, (8232, 8233, 8239, 8287, 12288))) + "'")
)
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_WHOLE = r"[+-]?[0-9]+(\.0*)?"
_EXPONENT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"
# 0001 to 9999: the calendar that every reader of the marts can hold.
_YEAR = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_TIMESTAMP = (
    rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
    r"([ Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?([Zz]|[Uu][Tt][Cc]|[+-](0[0-9]|1[0-8])(:?[0-5][0-9])?))?)?"
)
_PLAIN_TIMESTAMP = _YEAR + r"-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z?"
_DATE = _YEAR + "-[0-9]{2}-[0-9]{2}"
_EPOCH_MS = "[0-9]{11,14}"


def quoted(name: str) -> str:
    """An identifier, quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, quoted for SQL: for table functions, which take no bound values."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(text: str) -> str:
    """The text without surrounding white space; null where nothing is left: the one spelling of null."""
    # Most values begin and end with a visible ASCII character; looking at both costs a tenth of a trim.
    visible = f"unicode({text}) between 33 and 126 and unicode(right({text}, 1)) between 33 and 126"
    return f"case when {visible} then {text} else nullif(trim({text}, {_WHITE}), '') end"


def typed(column: Column, text: str) -> str:
    """The value of `text` in the column's type; null where it is empty or does not cast.

    `text` is an expression over the untrimmed field. Strings are kept to the letter, ids trimmed.
    """
    value = trimmed(text)
    if column.data_type == "string":
        blank = f"nullif(trim({text}, {_WHITE}), '') is null"
        kept = f"case when unicode({text}) between 33 and 126 then {text} when {blank} then null else {text} end"
        return value if column.id else kept
    return {
        "json": f"case when {valid_json(value)} then {text} end",
        "integer": _integer(value),
        "number": _number(value),
        "boolean": (
            f"case lower({value}) when 'true' then true when 'false' then false "
            f"when 't' then true when 'yes' then true when 'y' then true when '1' then true "
            f"when 'f' then false when 'no' then false when 'n' then false when '0' then false end"
        ),
        "timestamp": _timestamp(value),
        "date": _date(value),
    }[column.data_type]


def valid_json(text: str) -> str:
    """Whether a text is JSON. The engine also takes NaN and Infinity, which JSON does not have."""
    outside_strings = f"regexp_replace({text}, '\"(?:[^\"\\\\]|\\\\.)*\"', '', 'g')"
    suspicious = f"regexp_matches({text}, '(?i)nan|inf')"
    return f"(try(json_valid({text})) and not ({suspicious} and regexp_matches({outside_strings}, '(?i)nan|inf')))"


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
        f"when regexp_full_match({value}, '{_EXPONENT}') and {number} = trunc({number}) "
        f"then try_cast({number} as bigint) end"
    )


def _timestamp(value: str) -> str:
    # The engine's cast to timestamp drops an offset, the one to timestamptz heeds it but is slower and wants
    # upper case, a dot and no blank before the offset. What exports mostly hold has none of these.
    iso = f"regexp_replace(replace(upper({value}), ',', '.'), ' ([+-])', '\\1')"
    moment = f"cast(try_cast({iso} as timestamptz) as timestamp)"
    return (
        f"case when regexp_full_match({value}, '{_PLAIN_TIMESTAMP}') then try_cast({value} as timestamp) "
        f"when regexp_full_match({value}, '{_TIMESTAMP}') then "
        f"case when year({moment}) between 1 and 9999 then {moment} end "
        f"when regexp_full_match({value}, '{_EPOCH_MS}') then epoch_ms(cast({value} as bigint)) end"
    )


def _date(value: str) -> str:
    timestamp = _timestamp(value)
    return (
        f"case when regexp_full_match({value}, '{_DATE}') then try_cast({value} as date) "
        f"when regexp_full_match({value}, '{_EPOCH_MS}') then cast({timestamp} as date) "
        f"when {timestamp} is not null then try_cast(left({value}, 10) as date) end"
    )


def fault(contract: TableContract, texts: dict[str, str], values: dict[str, str]) -> str:
    """'<column>:<reason>' of the row's first fault in contract order, or null for a row that keeps its contract.

    texts: the field's text by column name, absent where the file has no such column; values: its typed value.
    """
    faults = []
    for column in contract.columns:
        text, reason = texts.get(column.name), REASONS.get(column.data_type)
        if text is None or not (column.required or reason):
            continue
        cases = []
        if column.required:
            cases.append(f"when {trimmed(text)} is null then {literal(column.name + ':required_null')}")
        if reason:
            cases.append(f"when {trimmed(text)} is not null then {literal(f'{column.name}:{reason}')}")
        # Nested, so that the text is looked at again only where there is no value.
        faults.append(f"case when {values[column.name]} is null then case {' '.join(cases)} end end")
    return f"coalesce({', '.join(faults)}, cast(null as varchar))" if faults else "cast(null as varchar)"
