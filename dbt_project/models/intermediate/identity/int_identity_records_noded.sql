-- Grain: one row a record and node of the identity graph that it carries.
select
    identifiers.record_key,
    nodes.node_id,
    max(identifiers.record_count) as record_count,
    min(identifiers.first_at) as first_at,
    max(identifiers.last_at) as last_at
from {{ ref('int_identifiers_normalised') }} as identifiers
inner join {{ ref('int_identity_nodes_numbered') }} as nodes
    on
        identifiers.identifier_type = nodes.identifier_type
        and identifiers.identifier_value = nodes.identifier_value
where identifiers.validity = 'ok'
group by identifiers.record_key, nodes.node_id
