-- Grain: one row an order, cancelled ones too; test and voided orders are in no table.
-- net_revenue is the difference of the rounded amounts, so that it adds up to the cent in every row and every sum.
with converted as (
    select
        priced.source,
        priced.order_id,
        records.customer_id,
        priced.sales_channel,
        priced.ordered_at,
        priced.ordered_on,
        priced.is_cancelled,
        priced.payment_status,
        priced.coupon,
        priced.currency,
        priced.rate,
        priced.line_count,
        priced.cost_amount,
        {{ reporting_amount('priced.gross_amount', 'priced.rate') }} as gross_revenue,
        {{ reporting_amount('priced.discount_amount', 'priced.rate') }} as discount,
        {{ reporting_amount('priced.tax_amount', 'priced.rate') }} as tax,
        {{ reporting_amount('priced.shipping_amount', 'priced.rate') }} as shipping,
        {{ reporting_amount('priced.refunded_amount', 'priced.rate') }} as refunded
    from {{ ref('int_orders_priced') }} as priced
    left join {{ ref('int_records_resolved') }} as records
        on
            records.record_type = 'orders'
            and priced.source = records.source
            and priced.order_id = records.record_id
),

netted as (
    select
        *,
        {{ try_cast_to('gross_revenue - discount - refunded', 'decimal(18, 2)') }} as net_revenue
    from converted
),

judged as (
    select
        *,
        not is_cancelled and coalesce(net_revenue > 0, false) as is_purchase
    from netted
),

-- A guest's orders are parted by order: all guests together would be one huge sort for numbers that nobody gets.
numbered as (
    select
        *,
        row_number() over (
            partition by customer_id, case when customer_id is null then order_id end, is_purchase
            order by ordered_at, order_id
        ) as position
    from judged
)

select
    order_id,
    customer_id,
    source,
    {{ mask_identifiers('sales_channel') }} as sales_channel,
    ordered_at,
    ordered_on,
    case
        when is_cancelled then 'cancelled'
        when payment_status is null then 'placed'
        when payment_status in (
            'authorized', 'expired', 'paid', 'partially_paid', 'partially_refunded', 'pending', 'refunded'
        ) then payment_status
        else 'other'
    end as status,
    is_purchase,
    case when is_purchase and customer_id is not null then position end as order_number,
    is_purchase and customer_id is not null and position = 1 as is_first_purchase,
    currency,
    rate as exchange_rate,
    gross_revenue,
    discount,
    tax,
    shipping,
    refunded,
    net_revenue,
    {{ try_cast_to('round(net_revenue - cost_amount, 2)', 'decimal(18, 2)') }} as contribution_margin,
    line_count,
    {{ mask_identifiers('coupon') }} as coupon
from numbered
