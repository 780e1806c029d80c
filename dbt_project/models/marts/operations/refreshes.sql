-- Grain: one row a refresh of this home folder.
-- A view, since the run writes its own row after the models are built.
{{ config(materialized='view') }}
select
    run_id,
    as_of_date,
    started_at,
    finished_at,
    status,
    release,
    reason,
    rows_loaded,
    rows_quarantined,
    code_version
from {{ source('ops', 'refreshes') }}
