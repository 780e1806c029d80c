-- Grain: one row a node of a component that stewards cut.
select
    node_id,
    part_id
from {{ source('computed', 'identity_parts') }}
