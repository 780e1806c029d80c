-- Grain: one row an identifier and half of a customer that it alone holds on to the rest, by few records.
select
    part_id,
    node_id,
    side_node_id,
    record_count,
    side_size,
    rest_size
from {{ source('computed', 'identity_bridges') }}
