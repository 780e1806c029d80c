-- Grain: one row a deal and a person who takes part.
-- A pair has no time of its own: it is seen with its deal, to which later models join it.
with visible as (
    {{ newest_visible('hubspot', 'deal_contact') }}
)

select
    deal_id,
    contact_id as crm_id,
    _file,
    _line
from visible
