-- Grain: one row a conversion: a purchase, a lead or a sign-up.
-- One that no touch led to stays, and says why, so that what is credited and what is not add up to what was booked.
with paths as (
    select
        conversion_id,
        path_length
    from {{ ref('int_touches_pathed') }}
    where position = 1
)

select
    conversions.conversion_id,
    conversions.conversion_type,
    conversions.customer_id,
    conversions.converted_at,
    {{ reporting_date('conversions.converted_at') }} as converted_on,
    conversions.revenue,
    conversions.order_id,
    coalesce(paths.path_length, 0) as path_length,
    case
        when conversions.customer_id is null then 'no_customer'
        when paths.path_length is null then 'no_touch_in_lookback'
    end as unattributed_reason
from {{ ref('int_conversions_unioned') }} as conversions
left join paths on conversions.conversion_id = paths.conversion_id
