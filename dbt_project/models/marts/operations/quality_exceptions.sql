-- Grain: one row a failing row of a run, a sample of them for each rule.
-- A view, since the gate checks after the models are built.
{{ config(materialized='view') }}
select
    run_id,
    rule,
    table_name,
    row_key,
    observed_value,
    first_seen_on
from {{ source('ops', 'quality_exceptions') }}
