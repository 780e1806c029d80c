-- Grain: one row a distinct e-mail, or phone and country, of any raw table.
{{ config(tags=['erasure']) }}
select
    identifier_type,
    raw_value,
    country
from {{ source('computed', 'contact_values') }}
