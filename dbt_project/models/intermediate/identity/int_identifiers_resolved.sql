-- Grain: one row an identifier of a customer.
-- A component of nothing but devices is no customer and has no row.
with components as (
    select
        nodes.*,
        coalesce(connected.component_id, nodes.node_id) as component_id
    from {{ ref('int_identity_nodes_numbered') }} as nodes
    left join {{ ref('int_identity_nodes_connected') }} as connected on nodes.node_id = connected.node_id
),

known as (
    select distinct component_id
    from components
    where identifier_type <> 'anonymous_id'
)

select
    components.identifier_type,
    components.identifier_value,
    components.identifier_hash,
    components.issuable_customer_id,
    anchors.issuable_customer_id as customer_id,
    components.source,
    components.first_seen_at,
    components.last_seen_at,
    'deterministic' as match_type,
    cast(1 as double) as match_probability
from components
inner join known on components.component_id = known.component_id
inner join {{ ref('int_identity_nodes_numbered') }} as anchors on components.component_id = anchors.node_id
