-- Grain: one row a purchase that still is one when it is followed up.
{%- set days = whole_number_var('trigger_post_purchase_days') %}
select
    customer_id,
    ordered_at + interval {{ days }} days as fired_at,
    '{{ days }} days after a purchase of ' || cast(booked_revenue as string) || ' {{ var("reporting_currency") }} on '
    || cast({{ reporting_date('ordered_at') }} as string) as evidence
from {{ ref('int_orders_lasted') }}
where was_purchase and coalesce(ceased_at >= ordered_at + interval {{ days }} days, true)
