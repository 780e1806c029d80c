-- Grain: one row a decision of a steward, and what became of it.
select
    rule_number,
    rule,
    left_node_id,
    right_node_id,
    author,
    reason,
    decided_at,
    status
from {{ source('computed', 'steward_rules') }}
