{# A customer's fifth, from 1 (worst) to 5, by rank and the number of customers scored: 1 + (5 x (rank - 1)) div n. #}
{% macro rfm_fifth(rank, customers) -%}
    {#- The remainder goes first, so the division is exact on every engine, whatever type it divides in. -#}
    cast(1 + (5 * ({{ rank }} - 1) - (5 * ({{ rank }} - 1)) % {{ customers }}) / {{ customers }} as integer)
{%- endmacro %}
