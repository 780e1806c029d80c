-- Grain: one row an as-of date and pair of primary segments between which customers went, or in which they stayed.
-- Customers are those of D, each once. What a customer held before it merged into another is the other's past only where
-- that one held nothing itself.
with published as (
    select max(as_of_date) as previous_date
    from {{ ref('refreshes') }}
    where status = 'published' and as_of_date < {{ as_of_date() }}
),

held as (
    select
        stays.customer_id,
        stays.segment
    from {{ ref('int_primary_segments_held') }} as stays
    cross join published
    where
        stays.valid_from <= published.previous_date
        and (stays.valid_to is null or stays.valid_to > published.previous_date)
),

held_by_former_ids as (
    select
        redirects.customer_id,
        {{ value_of_least('held.segment', ['held.customer_id']) }} as segment
    from held
    inner join {{ ref('customer_redirects') }} as redirects on held.customer_id = redirects.retired_customer_id
    group by redirects.customer_id
),

moved as (
    select
        coalesce(held.segment, held_by_former_ids.segment, 'none') as from_segment,
        coalesce(membership.segment, 'none') as to_segment
    from {{ ref('int_customers_described') }} as described
    left join held on described.customer_id = held.customer_id
    left join held_by_former_ids on described.customer_id = held_by_former_ids.customer_id
    left join {{ ref('segment_membership') }} as membership
        on described.customer_id = membership.customer_id and membership.is_primary
),

today as (
    select
        {{ as_of_date() }} as as_of_date,
        from_segment,
        to_segment,
        cast(count(*) as bigint) as customers
    from moved
    group by from_segment, to_segment
)

{{ with_history('today', ['as_of_date', 'from_segment', 'to_segment', 'customers']) }}
