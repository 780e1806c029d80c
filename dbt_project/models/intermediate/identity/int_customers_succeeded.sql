-- Grain: one row a customer_id that was given out and that no identifier of today gives, with who succeeded it.
-- A correction can take the identifier that named a customer out of the graph, and so can a limit that it reaches. What
-- else the customer was known by tells who it is today: the one that holds most of it.
with followed as (
    select
        before.release,
        before.customer_id,
        resolved.customer_id as successor_id,
        count(*) as identifier_count
    from {{ ref('stg_computed__identity_before') }} as before
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on before.identifier_type = resolved.identifier_type and before.identifier_hash = resolved.identifier_hash
    group by before.release, before.customer_id, resolved.customer_id
),

ranked as (
    select
        known.former_customer_id,
        followed.successor_id,
        row_number() over (
            partition by known.former_customer_id
            order by known.release desc, followed.identifier_count desc, followed.successor_id asc
        ) as successor_rank
    from {{ ref('stg_computed__customer_ids_before') }} as known
    inner join (
        select distinct release
        from {{ ref('stg_computed__identity_baselines') }}
        where as_of_date <= {{ as_of_date() }}
    ) as earlier
        on known.release = earlier.release
    inner join followed on known.release = followed.release and known.customer_id = followed.customer_id
    left join {{ ref('int_identifiers_resolved') }} as issuable
        on known.former_customer_id = issuable.issuable_customer_id
    where issuable.node_id is null
)

select
    former_customer_id,
    successor_id as customer_id
from ranked
where successor_rank = 1
