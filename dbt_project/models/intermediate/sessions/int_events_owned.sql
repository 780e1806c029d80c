-- Grain: one row a page view or track, its newest visible version.
-- What was erased keeps its place in its session and its owner's changes, but is nobody's: neither are the later events of
-- whoever's sign-in was erased. No link, title or property passes the windows: at tens of millions of events the width of a row decides the cost.
-- A link of a device that never signed in is a guess: it counts only where vars.use_device_links says so.
-- depends_on: {{ ref('int_devices_linked') }}
{%- set uses_device_links = var('use_device_links') | string | lower == 'true' %}
with shared_rows as (
    select
        rows_of_devices.anonymous_id,
        rows_of_devices.occurred_at,
        rows_of_devices.kind_order,
        rows_of_devices.event_id,
        rows_of_devices.is_sign_out,
        rows_of_devices.is_erased,
        case
            when not {{ is_placeholder('lower(' ~ trim_white_space('rows_of_devices.user_id') ~ ')') }} then rows_of_devices.user_id
        end as user_id
    from (
        select anonymous_id, occurred_at, 1 as kind_order, event_id, user_id, 0 as is_sign_out, is_erased
        from {{ ref('stg_segment__pages') }}
        union all
        select
            anonymous_id,
            occurred_at,
            2 as kind_order,
            event_id,
            user_id,
            case when {{ event_name('event_name') }} = 'signed_out' then 1 else 0 end as is_sign_out,
            is_erased
        from {{ ref('stg_segment__tracks') }}
        union all
        select anonymous_id, occurred_at, 3 as kind_order, event_id, user_id, 0 as is_sign_out, is_erased
        from {{ ref('stg_segment__identifies') }}
        where user_id is not null
    ) as rows_of_devices
    inner join {{ ref('int_devices_resolved') }} as devices
        on rows_of_devices.anonymous_id = devices.anonymous_id
    where devices.status = 'shared'
),

-- Of several users at one instant the last row's is the one signed in, a sign-out's only where there is no other.
arrivals as (
    select
        anonymous_id,
        occurred_at,
        user_id,
        case when is_erased then 1 else 0 end as is_erased,
        row_number() over (
            partition by anonymous_id, occurred_at
            order by is_sign_out, kind_order desc, event_id desc
        ) as position
    from shared_rows
    where user_id is not null
),

instants as (
    select
        shared_rows.anonymous_id,
        shared_rows.occurred_at,
        max(arrivals.user_id) as arriving_user_id,
        max(arrivals.is_erased) as is_arrival_erased,
        max(shared_rows.is_sign_out) as has_sign_out,
        max(case when shared_rows.user_id is null then shared_rows.is_sign_out else 0 end) as has_unnamed_sign_out,
        max(case when shared_rows.user_id = arrivals.user_id then shared_rows.is_sign_out else 0 end) as arrival_signs_out
    from shared_rows
    left join arrivals
        on
            shared_rows.anonymous_id = arrivals.anonymous_id
            and shared_rows.occurred_at = arrivals.occurred_at
            and arrivals.position = 1
    group by shared_rows.anonymous_id, shared_rows.occurred_at
),

-- Who is signed in after an instant that changes it, the empty text for nobody. A sign-out that names no user is that of
-- the last one before it, so that a sign-in at the very same instant stands.
changes as (
    select
        anonymous_id,
        occurred_at,
        arriving_user_id,
        is_arrival_erased,
        case
            when arrival_signs_out = 1 then ''
            when has_unnamed_sign_out = 1 and arriving_user_id = last_user_id then ''
            when arriving_user_id is not null then arriving_user_id
            when has_sign_out = 1 then ''
        end as next_user_id
    from (
        select
            instants.*,
            {{ last_known(
                'arriving_user_id',
                'partition by anonymous_id order by occurred_at rows between unbounded preceding and 1 preceding'
            ) }} as last_user_id
        from instants
    ) as with_last_user
),

ownership as (
    select
        anonymous_id,
        occurred_at,
        coalesce(
            arriving_user_id,
            nullif({{ last_known(
                'next_user_id',
                'partition by anonymous_id order by occurred_at rows between unbounded preceding and 1 preceding'
            ) }}, '')
        ) as owner_user_id,
        coalesce(
            is_arrival_erased,
            {{ last_known(
                'case when next_user_id is not null then coalesce(is_arrival_erased, 0) end',
                'partition by anonymous_id order by occurred_at rows between unbounded preceding and 1 preceding'
            ) }}
        ) as is_owner_erased
    from changes
),

placeholders as (
    select anonymous_id
    from {{ ref('int_devices_resolved') }}
    where status = 'placeholder'
),

events as (
    select
        'page' as event_kind,
        event_id,
        cast(null as string) as event_name,
        anonymous_id,
        user_id,
        occurred_at,
        is_erased
    from {{ ref('stg_segment__pages') }}
    union all
    select
        'track' as event_kind,
        event_id,
        {{ event_name('event_name') }} as event_name,
        anonymous_id,
        user_id,
        occurred_at,
        is_erased
    from {{ ref('stg_segment__tracks') }}
),

owned as (
    select
        events.event_kind,
        events.event_id,
        events.event_name,
        events.anonymous_id,
        events.occurred_at,
        placeholders.anonymous_id is not null as is_placeholder,
        case
            when placeholders.anonymous_id is not null then events.user_id
            else ownership.owner_user_id
        end as owner_user_id,
        coalesce(events.is_erased, false) or coalesce(ownership.is_owner_erased, 0) = 1 as is_nobodys
    from events
    left join ownership
        on events.anonymous_id = ownership.anonymous_id and events.occurred_at = ownership.occurred_at
    left join placeholders
        on events.anonymous_id = placeholders.anonymous_id
),

-- Rows of one instant have one owner and no gap between them, so that their order among each other does not matter here.
marked as (
    select
        owned.*,
        case
            when
                {{ microseconds_between('previous_at', 'occurred_at') }}
                < {{ var('session_timeout_minutes') }} * cast(60000000 as bigint)
                and coalesce(owner_user_id, '') = coalesce(previous_owner_user_id, '')
                then null
            else occurred_at
        end as opened_at
    from (
        select
            owned.*,
            lag(occurred_at) over (partition by anonymous_id order by occurred_at) as previous_at,
            lag(owner_user_id) over (partition by anonymous_id order by occurred_at) as previous_owner_user_id
        from owned
    ) as owned
),

sessionised as (
    select
        event_kind,
        event_id,
        event_name,
        anonymous_id,
        occurred_at,
        is_placeholder,
        owner_user_id,
        is_nobodys,
        max(opened_at) over (
            partition by anonymous_id
            order by occurred_at
            range between unbounded preceding and current row
        ) as session_started_at
    from marked
)

select
    sessionised.event_kind,
    sessionised.event_id,
    sessionised.event_name,
    sessionised.anonymous_id,
    sessionised.occurred_at,
    case when not sessionised.is_placeholder then sessionised.session_started_at end as session_started_at,
    case
        when not sessionised.is_nobodys
            then coalesce(devices.customer_id, users.customer_id{{ ', links.customer_id' if uses_device_links }})
    end as customer_id
from sessionised
left join {{ ref('int_devices_resolved') }} as devices
    on sessionised.anonymous_id = devices.anonymous_id and devices.status = 'resolved'
left join {{ ref('int_identifiers_resolved') }} as users
    on sessionised.owner_user_id = users.identifier_value and users.identifier_type = 'user_id'
{%- if uses_device_links %}
left join {{ ref('int_devices_linked') }} as links
    on sessionised.anonymous_id = links.anonymous_id
{%- endif %}
