-- Grain: one row a pair of segments that share a customer, the alphabetically first one as segment_a.
with sized as (
    select
        segment,
        count(*) as customers
    from {{ ref('segment_membership') }}
    group by segment
),

shared as (
    select
        one.segment as segment_a,
        other.segment as segment_b,
        count(*) as customers
    from {{ ref('segment_membership') }} as one
    inner join {{ ref('segment_membership') }} as other
        on one.customer_id = other.customer_id and one.segment < other.segment
    group by one.segment, other.segment
)

select
    shared.segment_a,
    shared.segment_b,
    shared.customers,
    cast(shared.customers as double) / (a.customers + b.customers - shared.customers) as jaccard
from shared
inner join sized as a on shared.segment_a = a.segment
inner join sized as b on shared.segment_b = b.segment
