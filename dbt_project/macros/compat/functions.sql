{#
  The only place that knows an engine by name. Each macro gives one function whose name or meaning differs
  between engines; models call these and otherwise use SQL that DuckDB and Spark both read.
#}

{# A cast that gives null where the value does not fit the type. #}
{% macro try_cast_to(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}

{# SHA-256 of a UTF-8 text, lower-case hex. #}
{% macro sha256_hex(expression) -%}
    {{ return(adapter.dispatch('sha256_hex', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__sha256_hex(expression) -%}
    sha256({{ expression }})
{%- endmacro %}

{# Whether a text contains a match of a regular expression (RE2 and Java share the syntax that we use). #}
{% macro regex_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('regex_matches', 'tributary')(expression, pattern)) }}
{%- endmacro %}
{% macro duckdb__regex_matches(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern | replace("'", "''") }}')
{%- endmacro %}

{# The text with every match of a regular expression replaced. #}
{% macro regex_replace_all(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('regex_replace_all', 'tributary')(expression, pattern, replacement)) }}
{%- endmacro %}
{% macro duckdb__regex_replace_all(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern | replace("'", "''") }}', '{{ replacement }}', 'g')
{%- endmacro %}

{# The given group of the first match, or the empty text where nothing matches. #}
{% macro regex_extract(expression, pattern, group=0) -%}
    {{ return(adapter.dispatch('regex_extract', 'tributary')(expression, pattern, group)) }}
{%- endmacro %}
{% macro duckdb__regex_extract(expression, pattern, group=0) -%}
    regexp_extract({{ expression }}, '{{ pattern | replace("'", "''") }}', {{ group }})
{%- endmacro %}

{# The calendar date of a UTC timestamp in the reporting timezone. #}
{% macro reporting_date(expression) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
        cast({{ expression }} as date)
    {%- else -%}
        {{ return(adapter.dispatch('reporting_date', 'tributary')(expression)) }}
    {%- endif -%}
{%- endmacro %}
{% macro duckdb__reporting_date(expression) -%}
    cast(timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ expression }})) as date)
{%- endmacro %}

{# A local time of a timezone as a UTC timestamp. #}
{% macro local_to_utc(expression, timezone) -%}
    {{ return(adapter.dispatch('local_to_utc', 'tributary')(expression, timezone)) }}
{%- endmacro %}
{% macro duckdb__local_to_utc(expression, timezone) -%}
    timezone('UTC', timezone('{{ timezone }}', {{ expression }}))
{%- endmacro %}

{# Whole days from one date to a later one. #}
{% macro days_between(start, end) -%}
    {{ return(adapter.dispatch('days_between', 'tributary')(start, end)) }}
{%- endmacro %}
{% macro duckdb__days_between(start, end) -%}
    datediff('day', {{ start }}, {{ end }})
{%- endmacro %}

{# Microseconds from one timestamp to a later one. #}
{% macro microseconds_between(start, end) -%}
    {{ return(adapter.dispatch('microseconds_between', 'tributary')(start, end)) }}
{%- endmacro %}
{% macro duckdb__microseconds_between(start, end) -%}
    (epoch_us({{ end }}) - epoch_us({{ start }}))
{%- endmacro %}

{# Parts of a text between separators, as rows: use in the select list. #}
{% macro explode_split(expression, separator) -%}
    {{ return(adapter.dispatch('explode_split', 'tributary')(expression, separator)) }}
{%- endmacro %}
{% macro duckdb__explode_split(expression, separator) -%}
    unnest(string_split({{ expression }}, '{{ separator }}'))
{%- endmacro %}

{# The hash key of this connection, the empty text where none is set. #}
{% macro hash_key() -%}
    {{ return(adapter.dispatch('hash_key', 'tributary')()) }}
{%- endmacro %}
{% macro duckdb__hash_key() -%}
    coalesce(getvariable('tributary_hash_key'), '')
{%- endmacro %}

{# Creates a table that lives for one model's build, and gives its name; the model drops it. #}
{% macro create_scratch_table(name, sql) -%}
    {{ return(adapter.dispatch('create_scratch_table', 'tributary')(name, sql)) }}
{%- endmacro %}
{% macro default__create_scratch_table(name, sql) -%}
    {%- set relation = api.Relation.create(database=this.database, schema=this.schema, identifier=name, type='table') -%}
    {%- do run_query('drop table if exists ' ~ relation) -%}
    {%- do run_query('create table ' ~ relation ~ ' as ' ~ sql) -%}
    {{ return(relation | string) }}
{%- endmacro %}
{#- A temporary table of the model's connection leaves no pages behind in the database file. -#}
{% macro duckdb__create_scratch_table(name, sql) -%}
    {%- do run_query('create or replace temporary table ' ~ name ~ ' as ' ~ sql) -%}
    {{ return(name) }}
{%- endmacro %}

{# Drops a table of create_scratch_table. #}
{% macro drop_scratch_table(name) -%}
    {%- do run_query('drop table if exists ' ~ name) -%}
{%- endmacro %}

{# How the replacement of regex_replace_all names a group of its pattern. #}
{% macro regex_group(number) -%}
    {{ return(adapter.dispatch('regex_group', 'tributary')(number)) }}
{%- endmacro %}
{% macro duckdb__regex_group(number) -%}
    {{ return('\\' ~ number) }}
{%- endmacro %}

{# A percent-encoded text decoded as UTF-8; null where the bytes are none. #}
{% macro percent_decoded(expression) -%}
    {{ return(adapter.dispatch('percent_decoded', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__percent_decoded(expression) -%}
    try(url_decode({{ expression }}))
{%- endmacro %}

{# The last value of an expression that is not null, over a window. #}
{% macro last_known(expression, window) -%}
    {{ return(adapter.dispatch('last_known', 'tributary')(expression, window)) }}
{%- endmacro %}
{% macro duckdb__last_known(expression, window) -%}
    last_value({{ expression }} ignore nulls) over ({{ window }})
{%- endmacro %}

{# Of the rows of a group, the value of the one that comes first by some keys. #}
{% macro value_of_least(value, keys) -%}
    {{ return(adapter.dispatch('value_of_least', 'tributary')(value, keys)) }}
{%- endmacro %}
{% macro duckdb__value_of_least(value, keys) -%}
    min_by({{ value }}, row({{ keys | join(', ') }}))
{%- endmacro %}

{# The text with its letters' accents taken off. #}
{% macro without_accents(expression) -%}
    {{ return(adapter.dispatch('without_accents', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__without_accents(expression) -%}
    strip_accents({{ expression }})
{%- endmacro %}

{# A text as a UTC time: ISO 8601 with or without an offset, none meaning UTC; null where it is no time. #}
{% macro utc_time(expression) -%}
    {{ return(adapter.dispatch('utc_time', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__utc_time(expression) -%}
    timezone('UTC', try_cast({{ expression }} as timestamptz))
{%- endmacro %}

{# The characters of a text, each once and in order. #}
{% macro distinct_letters(expression) -%}
    {{ return(adapter.dispatch('distinct_letters', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__distinct_letters(expression) -%}
    array_to_string(list_sort(list_distinct(string_split({{ expression }}, ''))), '')
{%- endmacro %}

{# The texts of a group, in their order, with a comma between them; null where there is none. #}
{% macro text_list(expression) -%}
    {{ return(adapter.dispatch('text_list', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__text_list(expression) -%}
    string_agg({{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}

{# The hour of the day, 0 to 23, of a UTC timestamp in the reporting timezone. #}
{% macro reporting_hour(expression) -%}
    {%- if var('reporting_timezone') == 'UTC' -%}
        extract(hour from {{ expression }})
    {%- else -%}
        {{ return(adapter.dispatch('reporting_hour', 'tributary')(expression)) }}
    {%- endif -%}
{%- endmacro %}
{% macro duckdb__reporting_hour(expression) -%}
    extract(hour from timezone('{{ var("reporting_timezone") }}', timezone('UTC', {{ expression }})))
{%- endmacro %}

{# What is wrong with the grammar of a query, one line; none where it is right or where the engine cannot tell. #}
{% macro syntax_fault(sql) -%}
    {{ return(adapter.dispatch('syntax_fault', 'tributary')(sql)) }}
{%- endmacro %}
{% macro default__syntax_fault(sql) -%}
    {{ return(none) }}
{%- endmacro %}
{% macro duckdb__syntax_fault(sql) -%}
    {%- set answer = fromjson(run_query("select json_serialize_sql('" ~ sql | replace("'", "''") ~ "')").rows[0][0]) -%}
    {{ return((answer.error_message | replace('\n', ' ') | trim) if answer.error else none) }}
{%- endmacro %}

{# The time so many seconds after another: the number may be a column, its fraction is dropped. #}
{% macro seconds_after(timestamp, seconds) -%}
    {{ return(adapter.dispatch('seconds_after', 'tributary')(timestamp, seconds)) }}
{%- endmacro %}
{% macro duckdb__seconds_after(timestamp, seconds) -%}
    ({{ timestamp }} + to_seconds(cast(floor({{ seconds }}) as bigint)))
{%- endmacro %}

{# The texts of a group as a list, by a number that orders them; only of the rows that a condition holds for, if given. #}
{% macro texts_in_order(expression, position, where=none) -%}
    {{ return(adapter.dispatch('texts_in_order', 'tributary')(expression, position, where)) }}
{%- endmacro %}
{% macro duckdb__texts_in_order(expression, position, where=none) -%}
    list({{ expression }} order by {{ position }}){% if where %} filter (where {{ where }}){% endif %}
{%- endmacro %}

{# How many entries a list has. #}
{% macro list_length(expression) -%}
    {{ return(adapter.dispatch('list_length', 'tributary')(expression)) }}
{%- endmacro %}
{% macro duckdb__list_length(expression) -%}
    len({{ expression }})
{%- endmacro %}
