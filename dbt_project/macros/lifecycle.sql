{#
  The stage of a customer's life on some day (vars.lifecycle_days), by the number of purchases until then (0 or null
  without any), the days from the last of them to the day, and whether there is a sign of interest on the last days.
#}
{% macro lifecycle_stage(purchases, days_ago, is_considering) -%}
    {%- set days = var('lifecycle_days') -%}
    case
        when coalesce({{ purchases }}, 0) = 0 then
            case when {{ is_considering }} then 'consideration' else 'awareness' end
        when {{ days_ago }} > {{ days['at_risk'] }} then 'lapsed'
        when {{ purchases }} = 1 then
            case when {{ days_ago }} <= {{ days['purchase'] }} then 'purchase' else 'at_risk' end
        when {{ days_ago }} <= {{ days['retention'] }} then 'retention'
        else 'at_risk'
    end
{%- endmacro %}

{# Whether a time of interest lies near enough before a day for a customer without a purchase to be considering one. #}
{% macro is_within_consideration(occurred_at, day) -%}
    {{ days_between(reporting_date(occurred_at), day) }} between 0 and {{ var('lifecycle_days')['considering'] }} - 1
{%- endmacro %}

{# Every sign of interest of a customer, with its time: an event that tells of an intent to buy, or an enquiry. #}
{% macro signs_of_interest() -%}
        select
            customer_id,
            occurred_at
        from {{ ref('int_events_owned') }}
        where {{ is_intent_event('event_name') }}
        union all
        select
            customer_id,
            created_at as occurred_at
        from {{ ref('int_leads_resolved') }}
{%- endmacro %}
