-- Grain: one row a hubspot deal contact, its newest visible version.
with visible as (
    {{ newest_visible('hubspot', 'deal_contact') }}
)

select
    deal_id,
    contact_id as crm_id,
    _file,
    _line
from visible
