"""SQL relations over landed files: one row a record, its line, and one text a contract column.

Each function returns a select with columns file, line, malformed (a boolean), raw_text (null where the record
has no text of its own yet) and f0, f1, ... (the text of the file's fields that the contract knows). DuckDB
reads the files; no row passes through Python.
"""

from __future__ import annotations

from .casting import literal, quoted, valid_json

# Longer lines are read by the tolerant reader, which has no limit.
MAX_LINE_BYTES = 32 << 20
# Nothing in a file equals it: an empty field must arrive as an empty text, so that trimming decides about null.
_NO_NULL = "\\x01no null\\x01"
# Between the parts of a line that must not be split at all: raw control characters cannot occur in JSON.
_NO_DELIMITER = chr(31)
# The engine adds the file's name as a column of this name; exports have columns named filename.
_PARQUET_FILE = "_tributary_file"

_FIELD = r'"(?:[^"]|"")*"[^,\n]*|[^",\n][^,\n]*|'
_RECORD = rf"(?:{_FIELD})(?:,(?:{_FIELD}))*(?:\n|$)"


def _files(paths: list[str]) -> str:
    return "[" + ", ".join(literal(p) for p in paths) + "]"


def csv_records(paths: list[str], width: int, wanted: list[int], multiline: bool) -> str:
    """Records of CSV files of one header and `width` fields; `wanted` are the positions to give as f0, f1, ...

    `line` is null: the caller numbers the records as they come, unless `multiline`: then there is one file, and
    `line` to `last_line` are the physical lines of the record, from the line breaks inside its fields. The
    engine's strict mode raises on any malformed record, so what comes out is whole; blank lines it skips, so the
    caller checks the number of lines.
    """
    columns = "{" + ", ".join(f"'c{i}': 'varchar'" for i in range(width)) + "}"
    source = (
        f"read_csv({_files(paths)}, columns = {columns}, auto_detect = false, header = true, delim = ',', "
        f"quote = '\"', escape = '\"', nullstr = '{_NO_NULL}', strict_mode = true, filename = true, "
        f"hive_partitioning = false, max_line_size = {MAX_LINE_BYTES})"
    )
    line, last_line = "cast(null as bigint)", "cast(null as bigint)"
    if multiline:
        breaks = " + ".join(f"length(c{i}) - length(replace(c{i}, chr(10), ''))" for i in range(width))
        before = f"coalesce(sum(1 + {breaks}) over (rows between unbounded preceding and 1 preceding), 0)"
        line, last_line = f"cast(2 + {before} as bigint)", f"cast(2 + {before} + {breaks} as bigint)"
    fields = "".join(f", c{position} as f{i}" for i, position in enumerate(wanted))
    return (
        f"select filename as file, {line} as line, {last_line} as last_line, "
        f"false as malformed, cast(null as varchar) as raw_text{fields} from {source}"
    )


def csv_split(path: str, width: int, wanted: list[int]) -> str:
    """Records of one CSV file that the engine's reader refuses: split by a regular expression over its text.

    `path` is an uncompressed file. A record with another number of fields than the header is malformed; empty
    lines are no records. A quote that never closes leaves the text from there on unmatched: check with
    `csv_split_covers`.
    """
    fields = "".join(f", {_unquoted(f'fields[{p + 1}]')} as f{i}" for i, p in enumerate(wanted))
    return f"""
        select {literal(path)} as file, line, line as last_line, len(fields) <> {width} as malformed,
            record as raw_text{fields}
        from (
            select line, record, regexp_extract_all(',' || record, {literal(f",({_FIELD})")}, 1) as fields
            from (
                select line, record, row_number() over (order by line) as ordinal
                from (
                    select
                        rtrim(rtrim(text, chr(10)), chr(13)) as record,
                        cast(1 + coalesce(sum(length(text) - length(replace(text, chr(10), ''))) over (
                            order by position rows between unbounded preceding and 1 preceding
                        ), 0) as bigint) as line
                    from {_split_text(path)}
                )
                where record <> ''
            )
            where ordinal > 1
        )"""


def _unquoted(field: str) -> str:
    # Text after the closing quote belongs to the field, as it does for every CSV reader in wide use.
    quoted_part = '(?s)^"((?:[^"]|"")*)"'
    return (
        f"case when starts_with({field}, '\"') then "
        f"replace(regexp_extract({field}, '{quoted_part}', 1), '\"\"', '\"') "
        f"|| regexp_replace({field}, '{quoted_part}', '') else {field} end"
    )


def _split_text(path: str) -> str:
    content = f"(select ltrim(content, chr(65279)) as content from read_text({literal(path)}))"
    return (
        f"(select unnest(records) as text, generate_subscripts(records, 1) as position from "
        f"(select regexp_extract_all(content, {literal(_RECORD)}) as records from {content}))"
    )


def csv_split_covers(path: str) -> str:
    """A query giving true where the records of `csv_split` are the whole text."""
    return f"""
        select coalesce(sum(length(text)), 0) = (
            select length(ltrim(content, chr(65279))) from read_text({literal(path)})
        )
        from {_split_text(path)}"""


def json_lines(paths: list[str], keys: list[list[str]]) -> str:
    """Lines of JSON-lines files; keys[i] are the spellings under which column i occurs, tried in order.

    `line` is null: the caller numbers the lines as they come; the engine's reader skips blank ones."""
    source = (
        f"read_csv({_files(paths)}, columns = {{'l': 'varchar'}}, auto_detect = false, header = false, "
        f"delim = '{_NO_DELIMITER}', quote = '', escape = '', nullstr = '{_NO_NULL}', strict_mode = true, "
        f"filename = true, hive_partitioning = false, max_line_size = {MAX_LINE_BYTES})"
    )
    lines = f"select filename as file, cast(null as bigint) as line, l from {source}"
    return _json_fields(lines, keys)


def json_split(path: str, keys: list[list[str]]) -> str:
    """The same for one uncompressed file that the line reader refuses or that has blank lines."""
    lines = f"""
        select {literal(path)} as file, cast(line as bigint) as line, rtrim(l, chr(13)) as l
        from (
            select unnest(parts) as l, generate_subscripts(parts, 1) as line
            from (select string_split(ltrim(content, chr(65279)), chr(10)) as parts
                  from read_text({literal(path)}))
        )
        where trim(l, ' ' || chr(9) || chr(13)) <> ''"""
    return _json_fields(lines, keys)


def _json_fields(lines: str, keys: list[list[str]]) -> str:
    is_object = f"{valid_json('l')} and try(json_type(l)) = 'OBJECT'"
    flat = [key for spellings in keys for key in spellings]
    paths = ", ".join(literal("$." + _json_key(key)) for key in flat)
    values = f", case when {is_object} then json_extract_string(l, [{paths}]) end as vs" if flat else ""
    fields, position = [], 1
    for i, spellings in enumerate(keys):
        parts = ", ".join(f"vs[{position + j}]" for j in range(len(spellings)))
        fields.append(f"coalesce({parts}) as f{i}")
        position += len(spellings)
    return (
        f"select file, line, line as last_line, malformed, raw_text{''.join(', ' + f for f in fields)} from ("
        f"select file, line, not coalesce({is_object}, false) as malformed, l as raw_text{values} "
        f"from ({lines}))"
    )


def _json_key(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def json_key_spellings(lines: str) -> str:
    """Over a relation of lines: (file, key as spelled, whether some one object holds two keys of its name).

    An object without any key gives a null key: the file has an object, if only an empty one."""
    return f"""
        select file, key, bool_or(twice) as twice
        from (
            select file, unnest(case when len(keys) = 0 then [null] else keys end) as key,
                len(keys) <> len(list_distinct(list_transform(keys, lambda k: lower(trim(k))))) as twice
            from (select distinct file, json_keys(raw_text) as keys from ({lines}) where not malformed)
        )
        group by file, key
        order by file, key"""


def parquet_records(paths: list[str], texts: list[str]) -> str:
    """Rows of Parquet files of one schema; texts[i] is the SQL that gives column i as text."""
    fields = "".join(f", {text} as f{i}" for i, text in enumerate(texts))
    return (
        f"select {_PARQUET_FILE} as file, file_row_number + 1 as line, file_row_number + 1 as last_line, "
        f"false as malformed, cast(null as varchar) as raw_text{fields} from read_parquet({_files(paths)}, "
        f"filename = '{_PARQUET_FILE}', file_row_number = true, hive_partitioning = false, binary_as_string = true)"
    )


def parquet_rows(path: str, columns: list[str]) -> str:
    """Each row of a Parquet file as JSON text, with its line."""
    fields = ", ".join(f"{quoted(c)} := {quoted(c)}" for c in columns)
    return (
        f"select file_row_number + 1 as line, cast(to_json(struct_pack({fields})) as varchar) as raw_text "
        f"from read_parquet({literal(path)}, file_row_number = true, hive_partitioning = false, "
        f"binary_as_string = true)"
    )
