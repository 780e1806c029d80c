-- Page views and tracked purchases of all sessions are those of all events that have a session.
with events as (
    select
        count(*) as page_views,
        (
            select count(*)
            from {{ ref('int_events_owned') }}
            where event_name = 'order_completed' and session_started_at is not null
        ) as purchases
    from {{ ref('int_events_owned') }}
    where event_kind = 'page' and session_started_at is not null
),

sessions as (
    select
        coalesce(sum(page_views), 0) as page_views,
        coalesce(sum(purchases), 0) as purchases
    from {{ ref('sessions') }}
)

select
    events.page_views,
    sessions.page_views as page_views_of_sessions,
    events.purchases,
    sessions.purchases as purchases_of_sessions
from events
cross join sessions
where events.page_views <> sessions.page_views or events.purchases <> sessions.purchases
