-- Grain: one row a person in the CRM and visible version of it that a newer one replaced.
-- What it said then may have named a customer; see customer_redirects. Of an erased person nothing is left to say.
with replaced as (
    {{ older_visible('hubspot', 'contact', happened_at='property_createdate') }}
)

select
    id as crm_id,
    property_email as email,
    property_phone as phone,
    property_country as country,
    property_createdate as created_at,
    _fivetran_deleted as is_deleted
from replaced
where not coalesce(_erased, false)
