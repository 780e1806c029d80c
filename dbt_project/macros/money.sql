{# An exported amount as an exact decimal: six places hold every currency's unit price; what does not fit is null. #}
{% macro to_money(expression) -%}
    {{ try_cast_to(expression, 'decimal(18, 6)') }}
{%- endmacro %}

{# A currency code, trimmed and upper-cased; null where empty. #}
{% macro currency_code(column) -%}
    nullif(upper(trim({{ column }})), '')
{%- endmacro %}

{# An amount in the reporting currency: DECIMAL(18,2), rounded half away from zero. Null where amount or rate is. #}
{% macro reporting_amount(amount, rate) -%}
    {{ try_cast_to('round((' ~ amount ~ ') * (' ~ rate ~ '), 2)', 'decimal(18, 2)') }}
{%- endmacro %}
