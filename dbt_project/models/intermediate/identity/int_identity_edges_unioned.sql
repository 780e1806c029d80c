-- Grain: one row a pair of nodes and rule that joins them.
-- A record of k identifiers gives k - 1 edges from its earliest one: as good as all pairs for what is connected, and
-- linear for a record that lists thousands.
with record_nodes as (
    select
        identifiers.record_key,
        nodes.node_id,
        identifiers.record_count,
        identifiers.first_at,
        identifiers.last_at
    from {{ ref('int_identifiers_normalised') }} as identifiers
    inner join {{ ref('int_identity_nodes_numbered') }} as nodes
        on
            identifiers.identifier_type = nodes.identifier_type
            and identifiers.identifier_value = nodes.identifier_value
    where identifiers.validity = 'ok'
),

centres as (
    select
        record_key,
        min(node_id) as centre_id
    from record_nodes
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
from record_nodes
inner join centres on record_nodes.record_key = centres.record_key
where record_nodes.node_id <> centres.centre_id
group by centres.centre_id, record_nodes.node_id
