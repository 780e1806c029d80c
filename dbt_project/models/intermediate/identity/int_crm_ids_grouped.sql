-- Grain: one row a crm_id that takes part in a merge, with the smallest crm_id of its group.
-- Ids that the CRM merged are one contact: they count once towards the limit of a shared phone.
{{ config(materialized='connected_components') }}
select
    first_ids.crm_id as left_node_id,
    identifiers.identifier_value as right_node_id
from {{ ref('int_identifiers_carried') }} as identifiers
inner join (
    select
        record_key,
        min(identifier_value) as crm_id
    from {{ ref('int_identifiers_carried') }}
    where identifier_type = 'crm_id' and validity = 'ok'
    group by record_key
    having count(*) > 1
) as first_ids
    on identifiers.record_key = first_ids.record_key
where identifiers.identifier_type = 'crm_id' and identifiers.validity = 'ok'
