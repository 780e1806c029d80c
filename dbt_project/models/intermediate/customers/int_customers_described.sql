-- Grain: one row a customer, a connected component of the identity graph with more in it than devices.
-- Segments read this, and the mart adds the primary segment that they give.
-- City, region and country survive one by one and may come from different records: each is the newest known.
with seen as (
    select
        customer_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        count(*) as identifier_count
    from {{ ref('int_identifiers_resolved') }}
    group by customer_id
),

sourced as (
    select
        resolved.customer_id,
        count(distinct sources.source) as source_count
    from {{ ref('int_identifiers_sourced') }} as sources
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on
            sources.identifier_type = resolved.identifier_type
            and sources.identifier_value = resolved.identifier_value
    group by resolved.customer_id
),

known as (
    select
        customer_id,
        {%- for attribute in [
            'city', 'region', 'country_code', 'language', 'date_of_birth', 'gender', 'job_title', 'company_id',
            'loyalty_tier'
        ] %}
        max(case when attribute = '{{ attribute }}' then attribute_value end) as {{ attribute }},
        {%- endfor %}
        sum(
            case
                when attribute in (
                    'email', 'phone', 'first_name', 'last_name', 'postcode', 'city', 'country_code', 'language',
                    'date_of_birth', 'gender'
                ) then 1
                else 0
            end
        ) as known_count
    from {{ ref('int_customer_attributes_survived') }}
    group by customer_id
),

allowed as (
    select
        customer_id,
        {%- for purpose in ['email_marketing', 'sms_marketing', 'profiling', 'ads_personalisation'] %}
        max(case when purpose = '{{ purpose }}' and is_allowed then 1 else 0 end) = 1 as {{ purpose }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_consents_decided') }}
    group by customer_id
),

acquired as (
    select
        customer_id,
        {{ value_of_least('channel', ['touched_at', 'touchpoint_id']) }} as channel,
        {{ value_of_least("coalesce(source, '')", ['touched_at', 'touchpoint_id']) }} as source,
        {{ value_of_least("coalesce(campaign, '')", ['touched_at', 'touchpoint_id']) }} as campaign
    from {{ ref('touchpoints') }}
    group by customer_id
),

{#- Who asks or looks around as buyers do is considering a purchase. #}
considering as (
    select distinct customer_id
    from (
        {{ signs_of_interest() }}
    ) as signals
    where
        customer_id is not null
        and {{ is_within_consideration('occurred_at', as_of_date()) }}
),

purchases as (
    select
        customer_id,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        count(*) as lifetime_orders,
        sum(net_revenue) as lifetime_net_revenue,
        {{ days_between(reporting_date('max(ordered_at)'), as_of_date()) }} as days_ago
    from {{ ref('orders') }}
    where customer_id is not null and status <> 'cancelled' and net_revenue > 0
    group by customer_id
)

select
    seen.customer_id,
    seen.first_seen_at,
    seen.last_seen_at,
    acquired.channel as acquisition_channel,
    nullif(acquired.source, '') as acquisition_source,
    nullif(acquired.campaign, '') as acquisition_campaign,
    {{ mask_identifiers('known.city') }} as city,
    {{ mask_identifiers('known.region') }} as region,
    known.country_code,
    known.language,
    cast(substr(known.date_of_birth, 1, 4) as bigint) as birth_year,
    {{ mask_identifiers('known.gender') }} as gender,
    {{ mask_identifiers('companies.company_name') }} as company_name,
    {{ mask_identifiers('known.job_title') }} as job_title,
    {{ mask_identifiers('companies.industry') }} as industry,
    case
        when companies.employee_count between 1 and 10 then '1-10'
        when companies.employee_count between 11 and 50 then '11-50'
        when companies.employee_count between 51 and 200 then '51-200'
        when companies.employee_count between 201 and 1000 then '201-1000'
        when companies.employee_count between 1001 and 5000 then '1001-5000'
        when companies.employee_count > 5000 then '5001+'
    end as company_size_band,
    {{ mask_identifiers('known.loyalty_tier') }} as loyalty_tier,
    {{ lifecycle_stage(
        'purchases.lifetime_orders', 'purchases.days_ago', 'considering.customer_id is not null'
    ) }} as lifecycle_stage,
    coalesce(allowed.email_marketing, false) as may_email,
    coalesce(allowed.sms_marketing, false) as may_sms,
    coalesce(allowed.profiling, false) as may_profile,
    coalesce(allowed.ads_personalisation, false) as may_personalise_ads,
    purchases.first_order_at,
    purchases.last_order_at,
    cast(coalesce(purchases.lifetime_orders, 0) as bigint) as lifetime_orders,
    {{ try_cast_to('coalesce(purchases.lifetime_net_revenue, 0)', 'decimal(18, 2)') }} as lifetime_net_revenue,
    cast(sourced.source_count as bigint) as source_count,
    cast(seen.identifier_count as bigint) as identifier_count,
    cast(coalesce(known.known_count, 0) as double) / 10 as profile_completeness
from seen
inner join sourced on seen.customer_id = sourced.customer_id
left join known on seen.customer_id = known.customer_id
left join {{ ref('stg_hubspot__companies') }} as companies on known.company_id = companies.company_id
left join allowed on seen.customer_id = allowed.customer_id
left join acquired on seen.customer_id = acquired.customer_id
left join considering on seen.customer_id = considering.customer_id
left join purchases on seen.customer_id = purchases.customer_id
