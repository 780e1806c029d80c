-- Grain: one row a rule of the quality gate and run.
-- A view, since the gate checks after the models are built.
{{ config(materialized='view') }}
select
    run_id,
    checked_at,
    as_of_date,
    suite,
    rule,
    table_name,
    column_name,
    expectation,
    description,
    fix,
    severity,
    owner,
    success,
    observed_value,
    unexpected_count,
    unexpected_percent,
    waived_by,
    waived_until
from {{ source('ops', 'quality_results') }}
