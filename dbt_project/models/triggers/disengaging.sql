-- Grain: one row a customer and silence that followed an active time.
-- Silence is no session and no order, cancelled ones too: a customer who cancels is heard. It counts from the end of the last
-- session, which is known for certain by the time it fires.
{%- set silent_days = whole_number_var('trigger_disengaging', 'silent_days') %}
{%- set active_days = whole_number_var('trigger_disengaging', 'active_days') %}
{%- set sessions = whole_number_var('trigger_disengaging', 'sessions') %}
with activity as (
    select customer_id, started_at, ended_at, session_id as activity_id, 1 as is_session
    from {{ ref('sessions') }}
    where customer_id is not null
    union all
    select customer_id, ordered_at as started_at, ordered_at as ended_at, order_id as activity_id, 0 as is_session
    from {{ ref('int_orders_lasted') }}
),

followed as (
    select
        customer_id,
        lead(started_at) over (partition by customer_id order by started_at, is_session, activity_id) as next_started_at,
        max(ended_at) over (
            partition by customer_id order by started_at, is_session, activity_id
            rows between unbounded preceding and current row
        ) as last_active_at,
        sum(is_session) over (
            partition by customer_id order by started_at
            range between interval {{ active_days }} days preceding and current row
        ) as sessions
    from activity
)

select
    customer_id,
    last_active_at + interval {{ silent_days }} days as fired_at,
    'no visit or order in the {{ silent_days }} days after ' || cast({{ reporting_date('last_active_at') }} as string)
    || ', ' || {{ counted('sessions', 'visit', 'visits') }} || ' in the {{ active_days }} days before' as evidence
from followed
where
    sessions >= {{ sessions }}
    and coalesce(next_started_at >= last_active_at + interval {{ silent_days }} days, true)
