{# The number of a date's month, counted from year 0, so that months can be subtracted. #}
{% macro month_index(day) -%}
    (extract(year from {{ day }}) * 12 + extract(month from {{ day }}) - 1)
{%- endmacro %}

{# The first of a date's month, as a date. #}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}
