{# A customer's fifth, from 1 (worst) to 5, by rank and the number of customers scored: 1 + (5 x (rank - 1)) div n. #}
{% macro rfm_fifth(rank, customers) -%}
    {#- The remainder goes first, so the division is exact on every engine, whatever type it divides in. -#}
    cast(1 + (5 * ({{ rank }} - 1) - (5 * ({{ rank }} - 1)) % {{ customers }}) / {{ customers }} as integer)
{%- endmacro %}

{# The weighted mean of the three scores (vars.rfm_weights). Weights that have no mean stop the build, by name. #}
{% macro rfm_weighted_mean(recency, frequency, monetary) -%}
    {%- set weights = var('rfm_weights') -%}
    {%- set ns = namespace(total=0) -%}
    {%- for name in ['recency', 'frequency', 'monetary'] -%}
        {%- set weight = weights.get(name) -%}
        {%- if weight is not number or weight < 0 -%}
            {{ exceptions.raise_compiler_error(
                "vars.rfm_weights." ~ name ~ " must be a number of 0 or more, not " ~ weight ~ "."
            ) }}
        {%- endif -%}
        {%- set ns.total = ns.total + weight -%}
    {%- endfor -%}
    {%- if ns.total == 0 -%}
        {{ exceptions.raise_compiler_error("vars.rfm_weights are all 0: at least one must be above 0.") }}
    {%- endif -%}
    (
        cast({{ weights.recency }} as double) * {{ recency }}
        + cast({{ weights.frequency }} as double) * {{ frequency }}
        + cast({{ weights.monetary }} as double) * {{ monetary }}
    ) / {{ ns.total }}
{%- endmacro %}
