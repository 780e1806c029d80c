-- Grain: one row a pair of records of different parts that may be one person.
select
    left_record_key,
    right_record_key,
    match_probability,
    evidence,
    outcome
from {{ source('computed', 'identity_pairs') }}
