-- Grain: one row a pair of nodes that records join and that a steward's do_not_link parted.
select
    left_node_id,
    right_node_id,
    record_count,
    rule_number
from {{ source('computed', 'identity_cuts') }}
