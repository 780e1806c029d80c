-- Grain: one row a record that a request to be erased has reached.
-- A source of one's own need not stage a mark of its raw rows, so its records are known by their ids.
select
    source,
    record_type,
    record_id
from {{ source('ops', 'erased_records') }}
