-- Grain: one row a run and request to be erased for which it took something, or which it saw first.
-- History of what was done: a person who comes again in a later export is erased again, and has a row again.
select
    run_id,
    request_id,
    requested_at,
    erased_at,
    record_count,
    raw_row_count,
    quarantine_row_count,
    release_count,
    searched_value_count,
    found_count
from {{ source('ops', 'erasures') }}
