-- Grain: one row a pair of nodes that records join.
-- A record of k identifiers gives k - 1 edges from its earliest one: as good as all pairs for what is connected, and
-- linear for a record that lists thousands.
with centres as (
    select
        record_key,
        min(node_id) as centre_id
    from {{ ref('int_identity_records_noded') }}
    group by record_key
    having count(*) > 1
)

select
    centres.centre_id as left_node_id,
    record_nodes.node_id as right_node_id,
    'deterministic' as rule,
    cast(sum(record_nodes.record_count) as bigint) as record_count,
    min(record_nodes.first_at) as first_at,
    max(record_nodes.last_at) as last_at
from {{ ref('int_identity_records_noded') }} as record_nodes
inner join centres on record_nodes.record_key = centres.record_key
where record_nodes.node_id <> centres.centre_id
group by centres.centre_id, record_nodes.node_id
