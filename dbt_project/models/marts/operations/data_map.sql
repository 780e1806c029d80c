-- Grain: one row a published column.
-- Python reads it from the manifest: SQL cannot see the descriptions of models.
{{ config(materialized='view') }}
select
    table_name,
    column_name,
    data_type,
    description,
    owner,
    pii,
    upstream_sources
from {{ source('ops', 'data_map') }}
