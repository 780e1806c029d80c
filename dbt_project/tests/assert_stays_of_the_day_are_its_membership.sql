-- A member of D without a stay that holds on D, or a stay that holds on D of somebody who is no member.
with stays as (
    select customer_id, segment
    from {{ ref('segment_membership_history') }}
    where valid_from <= {{ as_of_date() }} and (valid_to is null or valid_to > {{ as_of_date() }})
)

select
    coalesce(stays.customer_id, membership.customer_id) as customer_id,
    coalesce(stays.segment, membership.segment) as segment
from stays
full outer join {{ ref('segment_membership') }} as membership
    on stays.customer_id = membership.customer_id and stays.segment = membership.segment
where stays.customer_id is null or membership.customer_id is null
