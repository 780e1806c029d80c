-- Grain: one row a device, user, IP address, user agent, locale and timezone that its page views and tracks came with.
-- Events repeat their surroundings by the million: who compares devices reads this instead. What was erased is compared
-- with nobody.
with events as (
    select
        anonymous_id,
        user_id,
        ip_address,
        user_agent,
        locale,
        timezone,
        occurred_at
    from {{ ref('stg_segment__pages') }}
    where not is_erased
    union all
    select
        anonymous_id,
        user_id,
        ip_address,
        user_agent,
        locale,
        timezone,
        occurred_at
    from {{ ref('stg_segment__tracks') }}
    where not is_erased
)

select
    anonymous_id,
    user_id,
    ip_address,
    user_agent,
    locale,
    timezone,
    count(*) as event_count,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at
from events
group by anonymous_id, user_id, ip_address, user_agent, locale, timezone
