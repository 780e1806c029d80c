-- Grain: one row a pair of customers that may be one person and that nobody has decided on.
-- Several records of the two may resemble each other: the pair with the best probability tells why. Pairs that a
-- steward keeps apart are decided, and pairs that are applied are one customer.
with pairs as (
    select
        least(l.customer_id, r.customer_id) as left_customer_id,
        greatest(l.customer_id, r.customer_id) as right_customer_id,
        pairs.match_probability,
        pairs.evidence,
        pairs.outcome,
        least(left_persons.source, right_persons.source) as one_source,
        greatest(left_persons.source, right_persons.source) as other_source,
        pairs.left_record_key,
        pairs.right_record_key
    from {{ ref('stg_computed__identity_pairs') }} as pairs
    inner join {{ ref('int_persons_prepared') }} as left_persons on pairs.left_record_key = left_persons.record_key
    inner join {{ ref('int_persons_prepared') }} as right_persons on pairs.right_record_key = right_persons.record_key
    inner join {{ ref('int_identifiers_resolved') }} as l on left_persons.node_id = l.node_id
    inner join {{ ref('int_identifiers_resolved') }} as r on right_persons.node_id = r.node_id
    where pairs.outcome in ('review', 'held_back') and l.customer_id <> r.customer_id
),

ranked as (
    select
        pairs.*,
        count(*) over (partition by left_customer_id, right_customer_id) as pair_count,
        row_number() over (
            partition by left_customer_id, right_customer_id
            order by match_probability desc, outcome asc, left_record_key asc, right_record_key asc
        ) as pair_rank
    from pairs
)

select
    left_customer_id,
    right_customer_id,
    match_probability,
    evidence,
    outcome,
    one_source || ' and ' || other_source as sources,
    cast(pair_count as bigint) as pair_count
from ranked
where pair_rank = 1
