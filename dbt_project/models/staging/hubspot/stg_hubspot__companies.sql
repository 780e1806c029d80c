-- Grain: one row a company, the newest version.
-- No time hides a company: it describes people who are seen.
with visible as (
    {{ newest_visible('hubspot', 'company') }}
)

select
    id as company_id,
    property_name as company_name,
    property_industry as industry,
    property_numberofemployees as employee_count,
    {{ to_money('property_annualrevenue') }} as annual_revenue,
    property_city as city,
    property_country as country,
    property_createdate as created_at,
    is_deleted,
    _file,
    _line
from visible
