{#
  The weighted mean of some expressions. weights: a var's value, name -> weight; var_name: that var; expressions: name ->
  expression, of every name that must have a weight. Weights that have no mean stop the build, by name.
#}
{% macro weighted_mean(weights, var_name, expressions) -%}
    {%- set ns = namespace(total=0) -%}
    {%- for name in expressions -%}
        {%- set weight = weights.get(name) -%}
        {%- if weight is not number or weight is boolean or weight < 0 -%}
            {{ exceptions.raise_compiler_error(
                "vars." ~ var_name ~ "." ~ name ~ " must be a number of 0 or more, not " ~ weight ~ "."
            ) }}
        {%- endif -%}
        {%- set ns.total = ns.total + weight -%}
    {%- endfor -%}
    {%- if ns.total == 0 -%}
        {{ exceptions.raise_compiler_error("vars." ~ var_name ~ " are all 0: at least one must be above 0.") }}
    {%- endif -%}
    (
        {%- for name, expression in expressions.items() %}
        {{ '+ ' if not loop.first }}cast({{ weights[name] }} as double) * {{ expression }}
        {%- endfor %}
    ) / {{ ns.total }}
{%- endmacro %}
