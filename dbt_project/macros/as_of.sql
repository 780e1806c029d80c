{# The as-of date D of this refresh, as a date literal. #}
{% macro as_of_date() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}

{# The first instant after D in the reporting timezone, as a UTC timestamp literal. #}
{% macro cutoff_at() -%}
    cast('{{ var("cutoff_at") }}' as timestamp)
{%- endmacro %}

{# A time, or null while it lies after D: a cancellation after D has not happened yet. #}
{% macro if_happened(column) -%}
    case when {{ column }} < {{ cutoff_at() }} then {{ column }} end
{%- endmacro %}
