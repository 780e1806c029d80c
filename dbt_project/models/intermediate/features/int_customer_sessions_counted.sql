-- Grain: one row a customer with a session.
-- A preference is what most sessions have, of equals the first in the order of bytes; it is no matter of a window.
with sessions as (
    select
        customer_id,
        channel,
        device_type,
        case
            when {{ reporting_hour('started_at') }} < 6 then 'night'
            when {{ reporting_hour('started_at') }} < 12 then 'morning'
            when {{ reporting_hour('started_at') }} < 18 then 'afternoon'
            else 'evening'
        end as daypart,
        is_engaged,
        {{ days_between(reporting_date('started_at'), as_of_date()) }} as days_ago
    from {{ ref('sessions') }}
    where customer_id is not null
),

habits as (
    select
        customer_id,
        channel,
        device_type,
        daypart,
        count(*) as sessions
    from sessions
    group by customer_id, channel, device_type, daypart
),

{%- for habit, column in [('channels', 'channel'), ('devices', 'device_type'), ('dayparts', 'daypart')] %}

{{ habit }} as (
    select
        customer_id,
        {{ value_of_least(column, ['-sessions', column]) }} as {{ column }}
    from (
        select
            customer_id,
            {{ column }},
            sum(sessions) as sessions
        from habits
        where {{ column }} is not null
        group by customer_id, {{ column }}
    ) as {{ habit }}_counted
    group by customer_id
),
{%- endfor %}

counted as (
    select
        customer_id,
        {%- for days in engagement_windows() %}
        sum(case when days_ago < {{ days }} then 1 else 0 end) as sessions_{{ days }}d,
        sum(case when days_ago < {{ days }} and is_engaged then 1 else 0 end) as engaged_sessions_{{ days }}d,
        {%- endfor %}
        sum(case when days_ago < 14 then 1 else 0 end) as sessions_14d,
        sum(case when days_ago between 14 and 69 then 1 else 0 end) as sessions_56d_before
    from sessions
    group by customer_id
)

select
    counted.customer_id,
    {%- for days in engagement_windows() %}
    cast(counted.sessions_{{ days }}d as bigint) as sessions_{{ days }}d,
    cast(counted.engaged_sessions_{{ days }}d as bigint) as engaged_sessions_{{ days }}d,
    {%- endfor %}
    cast(counted.sessions_14d as bigint) as sessions_14d,
    cast(counted.sessions_56d_before as bigint) as sessions_56d_before,
    {{ engagement_velocity('counted.sessions_14d', 'counted.sessions_56d_before') }} as engagement_velocity,
    channels.channel as preferred_channel,
    devices.device_type as preferred_device,
    dayparts.daypart as preferred_daypart
from counted
left join channels on counted.customer_id = channels.customer_id
left join devices on counted.customer_id = devices.customer_id
left join dayparts on counted.customer_id = dayparts.customer_id
