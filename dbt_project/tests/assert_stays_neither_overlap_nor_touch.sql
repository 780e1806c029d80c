-- A stay of a customer in a segment that begins while another lasts, or on the day on which it ends, or that is empty.
with stays as (
    select 'segment_membership_history' as held_in, customer_id, segment, valid_from, valid_to
    from {{ ref('segment_membership_history') }}
    union all
    {#- A customer has one primary segment at a time: another one may follow on the very day. #}
    select 'int_primary_segments_held' as held_in, customer_id, 'any' as segment, valid_from, valid_to
    from {{ ref('int_primary_segments_held') }}
),

followed as (
    select
        *,
        lead(valid_from) over (partition by held_in, customer_id, segment order by valid_from) as next_from
    from stays
)

select *
from followed
where
    valid_from >= valid_to
    or (next_from is not null and valid_to is null)
    or next_from < valid_to
    or (next_from = valid_to and held_in = 'segment_membership_history')
