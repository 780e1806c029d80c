-- Grain: one row a customer, segment and stay.
-- Stays tell who was in a segment on any published day at the cost of the changes, not of the days.
with today as (
    select
        customer_id,
        segment
    from {{ ref('segment_membership') }}
)

{{ stays('today', ['customer_id', 'segment']) }}
