-- Grain: one row a link between two parts that is applied.
select
    left_part_id,
    right_part_id,
    match_type,
    match_probability,
    left_record_key,
    right_record_key,
    evidence
from {{ source('computed', 'identity_links') }}
