{#
  The rows of a raw table that a refresh for as_of_date sees, the newest version of each primary key
  (landing.md, Versions and dates). Visible: the file's export date is unknown or not after D, and the row
  happened before the cutoff; an unknown time is seen always. Newest: version column (null first), export date
  (unknown first), file path, line. Primary key and version come from the source's contract; a table without a
  primary key has no versions, and every visible row counts.
#}
{% macro newest_visible(source_name, table_name, happened_at=none, happened_on=none) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- set ns = namespace(primary_key=[], version=none) -%}
    {%- if execute -%}
        {%- for node in graph.sources.values()
            if node.source_name == source_name and node.name == table_name -%}
            {%- set ns.primary_key = node.config.meta.get('primary_key', []) -%}
            {%- set ns.version = node.config.meta.get('version') -%}
        {%- endfor -%}
    {%- endif -%}
    select *
    from (
        select
            raw.*{% if ns.primary_key %},
            row_number() over (
                partition by {{ ns.primary_key | join(', ') }}
                order by
                    {% if ns.version %}{{ ns.version }} desc nulls last,
                    {% endif %}_export_date desc nulls last, _file desc, _line desc
            ) as _version_rank{% endif %}
        from {{ relation }} as raw
        where
            (_export_date is null or _export_date <= {{ as_of_date() }})
            {%- if happened_at %}
            and ({{ happened_at }} is null or {{ happened_at }} < {{ cutoff_at() }})
            {%- endif %}
            {%- if happened_on %}
            and ({{ happened_on }} is null or {{ happened_on }} <= {{ as_of_date() }})
            {%- endif %}
    ) as ranked
    {%- if ns.primary_key %}
    where _version_rank = 1
    {%- endif %}
{%- endmacro %}
