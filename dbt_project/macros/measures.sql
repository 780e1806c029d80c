{# What an answer of 0 to 10 adds to a net promoter score: 100 from a promoter, -100 from a detractor; null without any. #}
{% macro nps_points(answer) -%}
    case when {{ answer }} >= 9 then 100 when {{ answer }} <= 6 then -100 when {{ answer }} is not null then 0 end
{%- endmacro %}

{#
  What a metric of segment_performance is about in one customer, as an expression over int_customers_measured: its mean over
  members, or their sum, is the metric. Null where it does not apply to the customer; none for size, which is about nobody.
#}
{% macro customer_quantities() -%}
    {{ return({
        'reach_30d': 'case when is_reachable then 1 else 0 end',
        'activation_rate_30d': 'case when was_sent_30d then 1 else 0 end',
        'purchases_30d': 'purchases_30d',
        'conversion_rate_30d': 'case when purchases_30d > 0 then 1 else 0 end',
        'net_revenue_30d': 'net_revenue_30d',
        'average_order_value': 'net_revenue_30d / nullif(purchases_30d, 0)',
        'arpu_30d': 'net_revenue_30d',
        'contribution_margin_30d': 'contribution_margin_30d',
        'retention_rate_90d': 'case when bought_before_90d then case when bought_90d then 1 else 0 end end',
        'churn_rate_90d': 'case when bought_before_90d then case when bought_90d then 0 else 1 end end',
        'engagement_velocity': engagement_velocity('sessions_14d', 'sessions_56d_before'),
        'nps': nps_points('nps_last'),
        'csat': 'csat_last',
    }) }}
{%- endmacro %}

{# A figure of 0 or more as people read it: three decimals, the rest cut off, so that what is below a limit reads so. #}
{% macro told(expression) -%}
    cast(cast(floor(({{ expression }}) * 1000) / 1000 as decimal(18, 3)) as string)
{%- endmacro %}

{# vars.scorecard_limits, all of them numbers. One that is missing or none stops the build, by name. #}
{% macro scorecard_limits() -%}
    {%- set limits = var('scorecard_limits') -%}
    {%- for name in ['measurable', 'revenue_share', 'member_share', 'accessible', 'differentiable', 'stable'] -%}
        {%- if limits.get(name) is not number or limits.get(name) is boolean -%}
            {{ exceptions.raise_compiler_error(
                'vars.scorecard_limits.' ~ name ~ ' must be a number, not ' ~ limits.get(name) ~ '.'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(limits) }}
{%- endmacro %}
