-- Grain: one row a session of a customer who has come often lately and not bought.
-- It fires as the session starts: its end moves while it lasts. A purchase stands against it for so many days, or until
-- it is cancelled or refunded in full.
{%- set sessions = whole_number_var('trigger_repeat_visit', 'sessions') %}
{%- set days = whole_number_var('trigger_repeat_visit', 'days') %}
with visits as (
    select
        customer_id,
        started_at,
        count(*) over (
            partition by customer_id order by started_at
            range between interval {{ days }} days preceding and current row
        ) as sessions
    from {{ ref('sessions') }}
    where customer_id is not null
),

beside_purchases as (
    select
        *,
        max(stands_until) over (
            partition by customer_id order by started_at, is_visit
            rows between unbounded preceding and current row
        ) as bought_until
    from (
        select customer_id, started_at, sessions, cast(null as timestamp) as stands_until, 1 as is_visit
        from visits
        union all
        select
            customer_id,
            ordered_at as started_at,
            null as sessions,
            least(ordered_at + interval {{ days }} days, ceased_at) as stands_until,
            0 as is_visit
        from {{ ref('int_orders_lasted') }}
        where was_purchase
    ) as in_time
)

select
    customer_id,
    started_at as fired_at,
    cast(sessions as string) || ' visits and no purchase in the {{ days }} days up to '
    || cast({{ reporting_date('started_at') }} as string) as evidence
from beside_purchases
where is_visit = 1 and sessions >= {{ sessions }} and coalesce(bought_until < started_at, true)
