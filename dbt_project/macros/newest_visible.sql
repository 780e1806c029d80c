{#
  The rows of a raw table that a refresh for as_of_date sees, the newest version of each primary key
  (landing.md, Versions and dates), with the columns of the raw table.

  Visible: the file's export date is unknown or not after D, and the row happened before the cutoff; an unknown
  time is seen always. Newest among what is visible: version column (null first), export date (unknown first),
  file path, line. Primary key and version come from the source's contract; null parts of a key equal each other.
  A table without a primary key has no versions, and every visible row counts.

  happened_at      the time of the row, a column or an expression over the raw columns; before the cutoff
  happened_on      the same for a calendar date; not after D
  any_export_date  true: the date of the file does not matter
  keys             expressions to use in place of the primary key, where staging normalises a part of it

  A dbt unit test has no graph, hence no contract: every visible row of its fixture counts, unless keys are given.
  tests/unit/test_newest_visible.py covers the picking.

  Most rows of an export are the only version of their key, so a window over the whole table would sort
  millions of wide rows to drop a few. Only keys that occur twice are ranked, on the columns that decide, and
  what is older is then left out by its place: file and line are unique in a raw table.
#}
{% macro newest_visible(
    source_name, table_name, happened_at=none, happened_on=none, any_export_date=false, keys=none
) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- set contract = namespace(found=false, keys=keys or [], version=none) -%}
    {%- if execute -%}
        {%- for node in graph.get('sources', {}).values()
            if node.source_name == source_name and node.name == table_name -%}
            {%- set contract.found = true -%}
            {%- set contract.keys = keys or node.config.meta.get('primary_key', []) -%}
            {%- set contract.version = node.config.meta.get('version') -%}
        {%- endfor -%}
        {%- if graph and not contract.found -%}
            {{ exceptions.raise_compiler_error("No contract of " ~ source_name ~ "." ~ table_name ~ " in the project.") }}
        {%- endif -%}
    {%- endif -%}
    {%- set conditions = [] -%}
    {%- if not any_export_date -%}
        {%- do conditions.append('(_export_date is null or _export_date <= ' ~ as_of_date() ~ ')') -%}
    {%- endif -%}
    {%- if happened_at -%}
        {%- do conditions.append('(' ~ happened_at ~ ' is null or ' ~ happened_at ~ ' < ' ~ cutoff_at() ~ ')') -%}
    {%- endif -%}
    {%- if happened_on -%}
        {%- do conditions.append('(' ~ happened_on ~ ' is null or ' ~ happened_on ~ ' <= ' ~ as_of_date() ~ ')') -%}
    {%- endif -%}
    {%- set visible = conditions | join(' and ') or 'true' -%}
    {%- if not contract.keys -%}
    select raw.*
    from {{ relation }} as raw
    where {{ visible }}
    {%- else -%}
    {%- set key_columns = [] -%}
    {%- set key_names = [] -%}
    {%- set key_equalities = [] -%}
    {%- for key in contract.keys -%}
        {%- set name = 'key_' ~ loop.index -%}
        {%- do key_columns.append(key ~ ' as ' ~ name) -%}
        {%- do key_names.append('versions.' ~ name) -%}
        {%- do key_equalities.append('versions.' ~ name ~ ' is not distinct from repeated.' ~ name) -%}
    {%- endfor -%}
    select raw.*
    from {{ relation }} as raw
    left join (
        select
            older_file,
            older_line
        from (
            select
                versions.version_file as older_file,
                versions.version_line as older_line,
                row_number() over (
                    partition by {{ key_names | join(', ') }}
                    order by
                        {% if contract.version %}versions.version desc nulls last,
                        {% endif %}versions.version_export_date desc nulls last,
                        versions.version_file desc,
                        versions.version_line desc
                ) as version_rank
            from (
                select
                    {{ key_columns | join(', ') }},
                    {% if contract.version %}{{ contract.version }} as version,
                    {% endif %}_export_date as version_export_date,
                    _file as version_file,
                    _line as version_line
                from {{ relation }}
                where {{ visible }}
            ) as versions
            inner join (
                select {{ key_columns | join(', ') }}
                from {{ relation }}
                where {{ visible }}
                group by {{ contract.keys | join(', ') }}
                having count(*) > 1
            ) as repeated
                on {{ key_equalities | join(' and ') }}
        ) as ranked
        where version_rank > 1
    ) as older
        on raw._file = older.older_file and raw._line = older.older_line
    where older.older_line is null and {{ visible }}
    {%- endif -%}
{%- endmacro %}
