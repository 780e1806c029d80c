{#
  The query of a history table: what a CTE says of this as-of date, and what earlier refreshes published for other days.
  Those rows are kept in schema history, which only a published release changes. It has no table before the first
  release, and lacks columns that a model gained since: those are null for the days before.

  today: the CTE with the rows of this as-of date. columns: what both are selected by; as_of_date is one of them.
  keeps_today_where: a condition under which the kept rows of this day stand as well, because `today` has none to say.
#}
{% macro with_history(today, columns, keeps_today_where=none) -%}
    select
        {{ columns | join(',\n        ') }}
    from {{ today }}
    {%- set kept = kept_history() %}
    {%- if kept %}
    union all
    select
        {%- for column in columns %}
        {{ kept.columns[column] or 'null as ' ~ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ kept.relation }}
    where as_of_date <> {{ as_of_date() }}
        {%- if keeps_today_where %} or {{ keeps_today_where }}{% endif %}
    {%- endif %}
{%- endmacro %}

{# The table of schema history that belongs to this model, and its columns cast to the contract; none before the first. #}
{% macro kept_history() -%}
    {%- if not execute -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(database=this.database, schema='history', identifier=this.identifier) -%}
    {%- if relation is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- set data_type = model.columns.get(column.name, {}).get('data_type') -%}
        {%- do columns.update({
            column.name: 'cast(' ~ column.name ~ ' as ' ~ data_type ~ ') as ' ~ column.name if data_type else column.name
        }) -%}
    {%- endfor -%}
    {{ return({'relation': relation, 'columns': columns}) }}
{%- endmacro %}
