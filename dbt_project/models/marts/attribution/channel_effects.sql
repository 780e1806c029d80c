-- Grain: one row a data-driven model and channel that occurs in a path.
-- Credits are shared by these effects, and their sums differ from the textbook columns by design: a conversion's credit
-- stays with the channels of its own path, while the textbook shares out all conversions alike.
select
    model,
    channel,
    effect,
    share,
    textbook_conversions,
    textbook_revenue,
    share_low,
    share_high
from {{ ref('stg_computed__channel_effects') }}
