-- Grain: one row a month, conversion type and model.
-- What was booked, from the conversions; what was credited, from the credits; what was not, and why, from the
-- conversions again. The difference is 0 in every row, or something was lost. What was credited is rounded a conversion
-- at a time, as what was booked is: the noise of doubles would reach a cent in the sum of a month.
with booked as (
    select
        {{ month_of('converted_on') }} as month,
        conversion_type,
        count(*) as booked_conversions,
        sum(case when unattributed_reason is not null then 1 else 0 end) as unattributed_conversions,
        sum(case when unattributed_reason = 'no_customer' then 1 else 0 end) as conversions_without_customer,
        sum(revenue) as booked_revenue,
        sum(case when unattributed_reason is not null then revenue else 0 end) as unattributed_revenue,
        sum(case when unattributed_reason = 'no_customer' then revenue else 0 end) as revenue_without_customer
    from {{ ref('conversions') }}
    group by {{ month_of('converted_on') }}, conversion_type
),

credited as (
    select
        {{ month_of('converted_on') }} as month,
        conversion_type,
        model,
        sum(credits) as conversions,
        sum(revenue) as revenue
    from (
        select
            conversion_id,
            conversion_type,
            converted_on,
            model,
            round(sum({{ exact_credit('credit') }}), 6) as credits,
            round(sum({{ exact_credited_revenue('credited_revenue') }}), 2) as revenue
        from {{ ref('attribution_credits') }}
        group by conversion_id, conversion_type, converted_on, model
    ) as conversions
    group by {{ month_of('converted_on') }}, conversion_type, model
),

figures as (
    select
        booked.month,
        booked.conversion_type,
        models.model,
        booked.booked_conversions,
        coalesce(credited.conversions, 0) as attributed_conversions,
        booked.unattributed_conversions,
        booked.conversions_without_customer,
        booked.booked_revenue,
        coalesce(credited.revenue, 0) as attributed_revenue,
        booked.unattributed_revenue,
        booked.revenue_without_customer
    from booked
    cross join {{ attribution_model_rows() }} as models
    left join credited
        on
            booked.month = credited.month
            and booked.conversion_type = credited.conversion_type
            and models.model = credited.model
)

select
    month,
    conversion_type,
    model,
    cast(booked_conversions as bigint) as booked_conversions,
    cast(round(attributed_conversions, 0) as bigint) as attributed_conversions,
    cast(unattributed_conversions as bigint) as unattributed_conversions,
    cast(conversions_without_customer as bigint) as conversions_without_customer,
    {{ try_cast_to('booked_revenue', 'decimal(18, 2)') }} as booked_revenue,
    {{ try_cast_to('attributed_revenue', 'decimal(18, 2)') }} as attributed_revenue,
    {{ try_cast_to('unattributed_revenue', 'decimal(18, 2)') }} as unattributed_revenue,
    {{ try_cast_to('revenue_without_customer', 'decimal(18, 2)') }} as revenue_without_customer,
    {{ try_cast_to('booked_revenue - attributed_revenue - unattributed_revenue', 'decimal(18, 2)') }} as difference,
    {{ try_cast_to('booked_conversions - attributed_conversions - unattributed_conversions', 'decimal(18, 6)') }}
        as conversions_difference
from figures
