{# A folder's +schema is the schema's whole name: the home folder has one environment, so no prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
