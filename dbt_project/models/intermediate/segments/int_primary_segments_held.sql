-- Grain: one row a customer and stay in a primary segment.
-- Kept apart from membership: which segment of several is primary depends on the priorities of the day.
with today as (
    select
        customer_id,
        segment
    from {{ ref('segment_membership') }}
    where is_primary
)

{{ stays('today', ['customer_id', 'segment']) }}
