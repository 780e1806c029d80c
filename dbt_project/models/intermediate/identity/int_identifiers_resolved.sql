-- Grain: one row an identifier of a customer.
-- Records join identifiers to components; stewards cut components into parts; stewards and probabilities join parts to
-- customers. A customer of nothing but devices is none and has no row.
with parts as (
    select
        nodes.*,
        coalesce(connected.component_id, nodes.node_id) as component_id,
        coalesce(cut.part_id, connected.component_id, nodes.node_id) as part_id
    from {{ ref('int_identity_nodes_numbered') }} as nodes
    left join {{ ref('int_identity_nodes_connected') }} as connected on nodes.node_id = connected.node_id
    left join {{ ref('stg_computed__identity_parts') }} as cut on nodes.node_id = cut.node_id
),

merged as (
    select
        parts.*,
        coalesce(merges.survivor_part_id, parts.part_id) as anchor_id,
        coalesce(merges.match_type, 'deterministic') as match_type,
        coalesce(merges.match_probability, 1) as match_probability
    from parts
    left join {{ ref('stg_computed__identity_merges') }} as merges on parts.part_id = merges.part_id
),

known as (
    select distinct anchor_id
    from merged
    where identifier_type <> 'anonymous_id'
)

select
    merged.identifier_type,
    merged.identifier_value,
    merged.identifier_hash,
    merged.issuable_customer_id,
    anchors.issuable_customer_id as customer_id,
    merged.source,
    merged.first_seen_at,
    merged.last_seen_at,
    merged.match_type,
    cast(merged.match_probability as double) as match_probability,
    merged.node_id,
    merged.component_id,
    merged.part_id
from merged
inner join known on merged.anchor_id = known.anchor_id
inner join {{ ref('int_identity_nodes_numbered') }} as anchors on merged.anchor_id = anchors.node_id
