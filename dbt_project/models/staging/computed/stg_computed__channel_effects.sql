-- Grain: one row a data-driven model and channel that occurs in a path.
select
    model,
    channel,
    effect,
    share,
    textbook_conversions,
    textbook_revenue,
    share_low,
    share_high
from {{ source('computed', 'channel_effects') }}
