-- Grain: one row a customer.
-- What segments are measured by, once a customer: a segment's figures are sums over its members, whatever their number.
-- Windows are dates ending with D. A send is its address's, if that is anybody's, else the customer's that it names.
with sends as (
    select coalesce(addressed.customer_id, named.customer_id, led.customer_id) as customer_id
    from {{ ref('stg_campaigns__sends') }} as sends
    left join {{ ref('int_identifiers_resolved') }} as addressed
        on
            addressed.identifier_type = 'email'
            and {{ lower_case(trim_white_space('sends.email')) }} = addressed.identifier_value
    left join {{ ref('int_customers_described') }} as named on sends.sent_customer_id = named.customer_id
    left join {{ ref('customer_redirects') }} as led on sends.sent_customer_id = led.retired_customer_id
    where
        {{ is_on_last_days(reporting_date('sends.sent_at'), 30) }}
        and not sends.is_erased
        and coalesce(lower({{ trim_white_space('sends.variation_id') }}), '') <> 'holdout'
),

received as (
    select records.customer_id
    from {{ ref('stg_klaviyo__events') }} as events
    inner join {{ ref('stg_klaviyo__metrics') }} as metrics on events.metric_id = metrics.metric_id
    inner join {{ ref('int_records_resolved') }} as records
        on records.source = 'klaviyo' and records.record_type = 'people' and events.klaviyo_id = records.record_id
    where
        {{ is_on_last_days(reporting_date('events.occurred_at'), 30) }}
        and lower({{ trim_white_space('metrics.metric_name') }}) in ('received email', 'received sms')
),

sent as (
    select customer_id
    from sends
    where customer_id is not null
    union
    select customer_id
    from received
),

bought as (
    select
        customer_id,
        sum(case when days_ago < 30 then 1 else 0 end) as purchases_30d,
        sum(case when days_ago < 30 then net_revenue else 0 end) as net_revenue_30d,
        sum(case when days_ago < 30 then contribution_margin else 0 end) as contribution_margin_30d,
        sum(case when days_ago < 30 and contribution_margin is null then 1 else 0 end) as purchases_without_cost,
        sum(net_revenue) as net_revenue_365d,
        max(case when days_ago < 90 then 1 else 0 end) as bought_90d,
        max(case when days_ago between 90 and 179 then 1 else 0 end) as bought_before_90d
    from (
        select
            customer_id,
            net_revenue,
            contribution_margin,
            {{ days_between('ordered_on', as_of_date()) }} as days_ago
        from {{ ref('orders') }}
        where is_purchase and customer_id is not null
    ) as purchases
    where days_ago < 365
    group by customer_id
)

select
    described.customer_id,
    coalesce(contacts.email is not null and described.may_email, false)
    or coalesce(contacts.phone is not null and described.may_sms, false) as is_reachable,
    sent.customer_id is not null as was_sent_30d,
    cast(coalesce(bought.purchases_30d, 0) as bigint) as purchases_30d,
    {{ try_cast_to('coalesce(bought.net_revenue_30d, 0)', 'decimal(18, 2)') }} as net_revenue_30d,
    case
        when coalesce(bought.purchases_without_cost, 0) = 0
            then {{ try_cast_to('coalesce(bought.contribution_margin_30d, 0)', 'decimal(18, 2)') }}
    end as contribution_margin_30d,
    {{ try_cast_to('coalesce(bought.net_revenue_365d, 0)', 'decimal(18, 2)') }} as net_revenue_365d,
    coalesce(bought.bought_90d, 0) = 1 as bought_90d,
    coalesce(bought.bought_before_90d, 0) = 1 as bought_before_90d,
    cast(coalesce(visited.sessions_14d, 0) as bigint) as sessions_14d,
    cast(coalesce(visited.sessions_56d_before, 0) as bigint) as sessions_56d_before,
    features.nps_last,
    features.csat_last
from {{ ref('int_customers_described') }} as described
left join {{ ref('customer_features') }} as features on described.customer_id = features.customer_id
left join {{ ref('customer_contacts') }} as contacts on described.customer_id = contacts.customer_id
left join sent on described.customer_id = sent.customer_id
left join bought on described.customer_id = bought.customer_id
left join {{ ref('int_customer_sessions_counted') }} as visited on described.customer_id = visited.customer_id
