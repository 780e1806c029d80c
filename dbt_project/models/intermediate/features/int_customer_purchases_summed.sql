-- Grain: one row a customer with an order that is not cancelled.
-- Ratios of single orders are summed as decimals: sums of doubles depend on the order of rows.
with orders as (
    select
        customer_id,
        is_purchase,
        order_number,
        ordered_on,
        {{ days_between('ordered_on', as_of_date()) }} as days_ago,
        gross_revenue,
        discount,
        refunded,
        net_revenue,
        contribution_margin
    from {{ ref('orders') }}
    where customer_id is not null and status <> 'cancelled'
),

summed as (
    select
        customer_id,
        count(*) as placed_orders,
        sum(case when refunded > 0 then 1 else 0 end) as refunded_orders,
        {%- for days in [30, 90, 365] %}
        sum(case when is_purchase and days_ago < {{ days }} then 1 else 0 end) as orders_{{ days }}d,
        sum(case when is_purchase and days_ago < {{ days }} then net_revenue else 0 end) as net_revenue_{{ days }}d,
        {%- endfor %}
        sum(case when is_purchase then 1 else 0 end) as orders_lifetime,
        sum(case when is_purchase then net_revenue else 0 end) as net_revenue_lifetime,
        sum(case when is_purchase and days_ago < 365 then contribution_margin end) as contribution_margin_365d,
        sum(case when is_purchase and days_ago < 365 and contribution_margin is null then 1 else 0 end) as unknown_margins,
        min(case when is_purchase then ordered_on end) as first_purchase_on,
        max(case when is_purchase then ordered_on end) as last_purchase_on,
        max(case when order_number = 2 then ordered_on end) as second_purchase_on,
        sum(case when is_purchase and discount > 0 then 1 else 0 end) as discounted_orders,
        sum(
            case when is_purchase and gross_revenue > 0 then {{ exact_ratio('discount', 'gross_revenue') }} end
        ) as discount_rates,
        sum(case when is_purchase and gross_revenue > 0 then 1 else 0 end) as rated_orders
    from orders
    group by customer_id
)

select
    customer_id,
    {%- for window in ['30d', '90d', '365d', 'lifetime'] %}
    cast(orders_{{ window }} as bigint) as orders_{{ window }},
    {{ try_cast_to('net_revenue_' ~ window, 'decimal(18, 2)') }} as net_revenue_{{ window }},
    {%- endfor %}
    case
        when unknown_margins = 0 then {{ try_cast_to('coalesce(contribution_margin_365d, 0)', 'decimal(18, 2)') }}
    end as contribution_margin_365d,
    first_purchase_on,
    second_purchase_on,
    case
        when orders_lifetime > 1
            then cast({{ days_between('first_purchase_on', 'last_purchase_on') }} as double) / (orders_lifetime - 1)
    end as days_between_orders,
    case when orders_lifetime > 0 then cast(discounted_orders as double) / orders_lifetime end as discount_share,
    case when rated_orders > 0 then cast(discount_rates as double) / rated_orders end as average_discount_rate,
    cast(refunded_orders as double) / placed_orders as returns_rate
from summed
