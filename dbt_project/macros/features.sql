{# Whether a date is one of the last so many that end with D. #}
{% macro is_on_last_days(day, days) -%}
    {{ days_between(day, as_of_date()) }} between 0 and {{ days }} - 1
{%- endmacro %}

{# An exact quotient of two amounts, to twelve places: unlike one of doubles it sums to the same in any order. #}
{% macro exact_ratio(numerator, denominator) -%}
    {{ try_cast_to(
        'cast(' ~ numerator ~ ' as double) / cast(' ~ denominator ~ ' as double)', 'decimal(38, 12)'
    ) }}
{%- endmacro %}

{#
  The mean of so many amounts by their sum, an amount above 0 to the cent, rounded half up; null without any. Counted in
  whole half cents, because a quotient has no exact decimal.
#}
{% macro mean_amount(total, number) -%}
    case
        when {{ number }} > 0 then {{ try_cast_to(
            '(' ~ doubled_cents(total) ~ ' + ' ~ number ~ ' - (' ~ doubled_cents(total) ~ ' + ' ~ number ~ ') % (2 * '
            ~ number ~ ')) / (2 * ' ~ number ~ ') / 100',
            'decimal(18, 2)'
        ) }}
    end
{%- endmacro %}

{# Twice an amount, as a whole number of cents. #}
{% macro doubled_cents(amount) -%}
    cast({{ amount }} * 200 as decimal(22, 0))
{%- endmacro %}

{#
  The price of a unit in cents. Both numbers are whole, so that equal prices are equal however many units were bought.
#}
{% macro unit_price(gross_revenue, quantity) -%}
    cast(cast({{ gross_revenue }} * 100 as decimal(20, 0)) as double) / {{ quantity }}
{%- endmacro %}

{# A row's third by its minimum rank among so many, from 1: 1 + (3 x (rank - 1)) div n. #}
{% macro rank_third(rank, size) -%}
    {#- The remainder goes first, so the division is exact on every engine, whatever type it divides in. -#}
    cast(1 + (3 * ({{ rank }} - 1) - (3 * ({{ rank }} - 1)) % {{ size }}) / {{ size }} as integer)
{%- endmacro %}

{# Counts of engagement, and the days over which each is counted. #}
{% macro engagement_counts() -%}
    {{ return([
        'sessions', 'engaged_sessions', 'page_views', 'product_views', 'comparisons', 'content_downloads',
        'video_completions', 'cart_adds'
    ]) }}
{%- endmacro %}

{# The windows of engagement counts, in days. #}
{% macro engagement_windows() -%}
    {{ return([7, 30, 90]) }}
{%- endmacro %}

{# The features that vars.intent_weights may weigh: counts of the last days, never null. #}
{% macro intent_signals() -%}
    {%- set signals = [
        'active_days_30d', 'price_page_views_30d', 'searches_30d', 'checkouts_30d', 'carts_abandoned_30d',
        'checkouts_abandoned_30d', 'leads_90d'
    ] -%}
    {%- for count in engagement_counts() -%}
        {%- for days in engagement_windows() -%}
            {%- do signals.append(count ~ '_' ~ days ~ 'd') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(signals) }}
{%- endmacro %}

{# The sum of weighted signals (vars.intent_weights). A weight without its feature, or no number, stops the build, by name. #}
{% macro intent_score() -%}
    {%- set weights = var('intent_weights') -%}
    {%- if weights is not mapping or not weights -%}
        {{ exceptions.raise_compiler_error("vars.intent_weights must give features their weights, not " ~ weights ~ ".") }}
    {%- endif -%}
    {%- set terms = [] -%}
    {%- for name in weights | sort -%}
        {%- set weight = weights[name] -%}
        {%- if name not in intent_signals() -%}
            {{ exceptions.raise_compiler_error(
                "vars.intent_weights." ~ name ~ " is no count of the last days in customer_features; there are "
                ~ intent_signals() | sort | join(', ') ~ "."
            ) }}
        {%- endif -%}
        {%- if weight is not number or weight is boolean or weight < 0 -%}
            {{ exceptions.raise_compiler_error(
                "vars.intent_weights." ~ name ~ " must be a number of 0 or more, not " ~ weight ~ "."
            ) }}
        {%- endif -%}
        {%- do terms.append('cast(' ~ weight ~ ' as double) * ' ~ name) -%}
    {%- endfor -%}
    {{ terms | join('\n        + ') }}
{%- endmacro %}

{# The class of an intent score (vars.intent_thresholds). Thresholds that are no rising numbers above 0 stop the build. #}
{% macro intent_class(score) -%}
    {%- set thresholds = var('intent_thresholds') -%}
    {%- for name in ['considering', 'ready_to_buy'] -%}
        {%- set threshold = thresholds.get(name) -%}
        {%- if threshold is not number or threshold is boolean or threshold <= 0 -%}
            {{ exceptions.raise_compiler_error(
                "vars.intent_thresholds." ~ name ~ " must be a number above 0, not " ~ threshold ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- if thresholds.ready_to_buy < thresholds.considering -%}
        {{ exceptions.raise_compiler_error(
            "vars.intent_thresholds.ready_to_buy must be at least considering, " ~ thresholds.considering ~ "."
        ) }}
    {%- endif -%}
    case
        when {{ score }} >= {{ thresholds.ready_to_buy }} then 'ready_to_buy'
        when {{ score }} >= {{ thresholds.considering }} then 'considering'
        when {{ score }} > 0 then 'exploring'
        else 'none'
    end
{%- endmacro %}

{# Sessions of the last 14 dates over a quarter of those of the 56 before; null without any of those. #}
{% macro engagement_velocity(recent, before) -%}
    cast(4 * {{ recent }} as double) / nullif({{ before }}, 0)
{%- endmacro %}
