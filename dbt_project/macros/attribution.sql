{# The eight models of attribution: six rules, then the two that learn from all paths. #}
{% macro attribution_models() -%}
    {{ return([
        'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay', 'markov', 'shapley'
    ]) }}
{%- endmacro %}

{# The models of attribution as rows, one a model: a subquery with the column model. #}
{% macro attribution_model_rows() -%}
    (
        {%- for model in attribution_models() %}
        select '{{ model }}' as model{{ ' union all' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# vars.attribution_lookback_days in microseconds: so many times 24 hours, whatever the clocks of a zone did meanwhile. #}
{% macro lookback_microseconds() -%}
    cast({{ whole_number_var('attribution_lookback_days') }} * 86400000000 as bigint)
{%- endmacro %}

{#
  The stretch of time, as long as the lookback, that a time falls in. A touch within the lookback of a moment is in the
  stretch of the moment or in the one before it, so that touches and moments meet by equal numbers: the cost is that of
  the paths, not of every touch of a customer with every conversion.
#}
{% macro lookback_stretch(time) -%}
    cast(floor(
        cast({{ days_between("cast('1970-01-01' as date)", 'cast(' ~ time ~ ' as date)') }} as double)
        / {{ whole_number_var('attribution_lookback_days') }}
    ) as bigint)
{%- endmacro %}

{# vars.attribution_half_life_days in seconds: a number above zero, or the build stops. #}
{% macro half_life_seconds() -%}
    {%- set days = var('attribution_half_life_days') -%}
    {%- if days is not number or days is boolean or days <= 0 -%}
        {{ exceptions.raise_compiler_error('vars.attribution_half_life_days must be a number above 0, not ' ~ days ~ '.') }}
    {%- endif -%}
    {{ days * 86400 }}
{%- endmacro %}

{#
  The vars of the step that learns the effects of channels, which reads them long after the build began: one that is no
  whole number of its range stops the build at once.
#}
{% macro check_effect_vars() -%}
    {%- for name, smallest, largest in [
        ('attribution_markov_order', 1, 3), ('attribution_bootstrap_rounds', 1, 10000), ('attribution_bootstrap_seed', 0, none)
    ] -%}
        {%- set value = var(name) -%}
        {%- if not is_whole_number(value, smallest) or (largest is not none and value > largest) -%}
            {{ exceptions.raise_compiler_error(
                'vars.' ~ name ~ ' must be a whole number from ' ~ smallest ~ ('' if largest is none else ' to ' ~ largest)
                ~ ', not ' ~ value ~ '.'
            ) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# A share of credit, or what adds up to shares, as an exact decimal: a sum of doubles would depend on the order of rows. #}
{% macro exact_credit(expression) -%}
    cast({{ expression }} as decimal(38, 18))
{%- endmacro %}

{# Credited money as an exact decimal, far finer than a cent. #}
{% macro exact_credited_revenue(expression) -%}
    cast({{ expression }} as decimal(38, 12))
{%- endmacro %}

{#
  What rows of credit and rows of spend say together, by some keys: conversions, first_purchases, revenue, spend and the
  ratios of them. Both are stacked, never joined, so that neither multiplies the other. Spend is 0 where nothing was spent
  and null where an amount has no rate; a ratio is null where its denominator is null or 0.

  credits: a CTE with the keys, conversion_type, conversions and revenue. spend: a CTE with the keys, spend (null where an
  amount of it is unknown). keys: their columns.
#}
{% macro attribution_figures(credits, spend, keys) -%}
, figures as (
    select
        {{ keys | join(',\n        ') }},
        cast(sum(conversions) as double) as conversions,
        cast(sum(case when conversion_type = 'first_purchase' then conversions else 0 end) as double) as first_purchases,
        cast(sum(revenue) as double) as revenue,
        {{ try_cast_to('case when max(has_unknown_spend) = 0 then sum(spend) end', 'decimal(18, 2)') }} as spend
    from (
        select
            {{ keys | join(',\n            ') }},
            conversion_type,
            conversions,
            revenue,
            cast(0 as decimal(18, 2)) as spend,
            0 as has_unknown_spend
        from {{ credits }}
        union all
        select
            {{ keys | join(',\n            ') }},
            cast(null as string) as conversion_type,
            cast(0 as decimal(38, 18)) as conversions,
            cast(0 as decimal(38, 12)) as revenue,
            coalesce(spend, 0) as spend,
            case when spend is null then 1 else 0 end as has_unknown_spend
        from {{ spend }}
    ) as stacked
    group by {{ keys | join(', ') }}
)

select
    {{ keys | join(',\n    ') }},
    conversions,
    first_purchases,
    revenue,
    spend,
    revenue / cast(nullif(spend, 0) as double) as roas,
    cast(spend as double) / nullif(conversions, 0) as cpa,
    cast(spend as double) / nullif(first_purchases, 0) as cac
from figures
{%- endmacro %}

{# A touch's part of what the touches of its path weigh; even parts where none weighs anything. #}
{% macro share_of_weight(weight, total, touches) -%}
    case
        when {{ total }} > 0 then cast({{ weight }} as double) / cast({{ total }} as double)
        else 1 / cast({{ touches }} as double)
    end
{%- endmacro %}

{# The part of an amount that falls to so many of all conversions, to the cent. Twenty-digit shares make all of them exact. #}
{% macro share_of_spend(spend, conversions, all_conversions) -%}
    round(
        {{ try_cast_to(spend, 'decimal(18, 2)') }} * cast(cast({{ conversions }} as double) / cast({{ all_conversions }} as double) as decimal(20, 18)), 2
    )
{%- endmacro %}
