-- Grain: one row a customer, a connected component of the identity graph with more in it than devices.
-- The facts come from one step before: segments read them, and may not wait for this table.
select
    customers.customer_id,
    customers.first_seen_at,
    customers.last_seen_at,
    customers.acquisition_channel,
    customers.acquisition_source,
    customers.acquisition_campaign,
    customers.city,
    customers.region,
    customers.country_code,
    customers.language,
    customers.birth_year,
    customers.gender,
    customers.company_name,
    customers.job_title,
    customers.industry,
    customers.company_size_band,
    customers.loyalty_tier,
    customers.lifecycle_stage,
    membership.segment as primary_segment,
    customers.may_email,
    customers.may_sms,
    customers.may_profile,
    customers.may_personalise_ads,
    customers.first_order_at,
    customers.last_order_at,
    customers.lifetime_orders,
    customers.lifetime_net_revenue,
    customers.source_count,
    customers.identifier_count,
    customers.profile_completeness
from {{ ref('int_customers_described') }} as customers
left join {{ ref('segment_membership') }} as membership
    on customers.customer_id = membership.customer_id and membership.is_primary
