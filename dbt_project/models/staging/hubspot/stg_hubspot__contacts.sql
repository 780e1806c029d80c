-- Grain: one row a person in the CRM, the newest visible version.
-- Deleted ones stay: the ids merged into them still identify.
with visible as (
    {{ newest_visible('hubspot', 'contact', happened_at='property_createdate') }}
)

select
    id as crm_id,
    property_email as email,
    property_phone as phone,
    property_firstname as first_name,
    property_lastname as last_name,
    property_jobtitle as job_title,
    property_associatedcompanyid as company_id,
    property_lifecyclestage as crm_lifecycle_stage,
    property_city as city,
    property_country as country,
    property_date_of_birth as date_of_birth,
    property_gender as gender,
    property_createdate as created_at,
    property_lastmodifieddate as updated_at,
    property_hs_merged_object_ids as merged_crm_ids,
    _fivetran_deleted as is_deleted,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
