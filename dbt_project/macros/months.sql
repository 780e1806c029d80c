{# The number of a date's month, counted from year 0, so that months can be subtracted. #}
{% macro month_index(day) -%}
    (extract(year from {{ day }}) * 12 + extract(month from {{ day }}) - 1)
{%- endmacro %}
