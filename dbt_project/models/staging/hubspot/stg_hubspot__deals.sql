-- Grain: one row a deal, the newest visible version.
-- Deleted ones stay, so that later models say why a deal is no conversion.
with visible as (
    {{ newest_visible('hubspot', 'deal', happened_at='property_createdate') }}
)

select
    deal_id,
    property_dealname as deal_name,
    {{ to_money('property_amount') }} as amount,
    {{ currency_code('deal_currency') }} as currency,
    deal_pipeline_stage_id as pipeline_stage,
    property_createdate as created_at,
    property_closedate as closed_at,
    is_won,
    is_deleted,
    _file,
    _line
from visible
