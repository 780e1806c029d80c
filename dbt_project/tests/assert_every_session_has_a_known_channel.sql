-- A session's channel is one of the default channel group or one that somebody told by name.
select
    session_id,
    channel
from {{ ref('sessions') }}
where
    coalesce(channel, '') not in ('{{ channel_names() | join("', '") }}')
    and coalesce(channel, '') not in (
        select channel
        from ({{ channel_override_lines() }}) as told
    )
