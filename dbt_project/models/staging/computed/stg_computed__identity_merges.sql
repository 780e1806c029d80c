-- Grain: one row a part that became one customer with an earlier one.
select
    part_id,
    survivor_part_id,
    match_type,
    match_probability
from {{ source('computed', 'identity_merges') }}
