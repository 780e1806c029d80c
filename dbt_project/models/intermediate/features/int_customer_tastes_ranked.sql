-- Grain: one row a customer with a line in a purchase.
-- Prices are ranked once each, not once a line: a category has far fewer prices than lines.
with lines as (
    select
        orders.customer_id,
        orders.source,
        lines.product_id,
        lines.category,
        lines.quantity,
        lines.net_revenue,
        case
            when lines.quantity > 0 then {{ unit_price('lines.gross_revenue', 'lines.quantity') }}
        end as unit_price
    from {{ ref('order_lines') }} as lines
    inner join {{ ref('orders') }} as orders on lines.order_id = orders.order_id
    where orders.is_purchase
),

prices as (
    select
        category,
        unit_price,
        count(*) as lines
    from lines
    where category is not null and unit_price is not null
    group by category, unit_price
),

ranked_prices as (
    select
        category,
        unit_price,
        1 + sum(lines) over (partition by category order by unit_price) - lines as price_rank,
        sum(lines) over (partition by category) as category_lines
    from prices
),

bands as (
    select
        category,
        min(case when {{ rank_third('price_rank', 'category_lines') }} >= 2 then unit_price end) as mid_from,
        min(case when {{ rank_third('price_rank', 'category_lines') }} >= 3 then unit_price end) as high_from
    from ranked_prices
    group by category
),

categories as (
    select
        lines.customer_id,
        lines.category,
        coalesce(sum(lines.net_revenue), 0) as net_revenue,
        sum(case when lines.unit_price >= bands.high_from then lines.quantity else 0 end) as high_units,
        sum(case when lines.unit_price >= bands.mid_from then lines.quantity else 0 end) as mid_or_high_units,
        sum(case when lines.unit_price is not null then lines.quantity else 0 end) as units
    from lines
    left join bands on lines.category = bands.category
    where lines.customer_id is not null and lines.category is not null
    group by lines.customer_id, lines.category
),

tastes as (
    select
        customer_id,
        count(*) as category_count,
        {{ value_of_least('category', ['-net_revenue', 'category']) }} as top_category,
        max(net_revenue) as top_net_revenue,
        sum(net_revenue) as net_revenue,
        sum(units - mid_or_high_units) as low_units,
        sum(mid_or_high_units - high_units) as mid_units,
        sum(high_units) as high_units
    from categories
    group by customer_id
),

products as (
    select
        customer_id,
        count(product_id) as products_bought
    from (
        select distinct
            customer_id,
            source,
            product_id
        from lines
        where customer_id is not null
    ) as bought
    group by customer_id
)

select
    products.customer_id,
    cast(products.products_bought as bigint) as products_bought,
    tastes.top_category,
    case
        when tastes.net_revenue > 0
            then cast(tastes.top_net_revenue as double) / cast(tastes.net_revenue as double)
    end as top_category_share,
    cast(coalesce(tastes.category_count, 0) as bigint) as category_count,
    case
        when tastes.low_units + tastes.mid_units + tastes.high_units > 0 then
            case
                when tastes.low_units >= tastes.mid_units and tastes.low_units >= tastes.high_units then 'low'
                when tastes.mid_units >= tastes.high_units then 'mid'
                else 'high'
            end
    end as price_band
from products
left join tastes on products.customer_id = tastes.customer_id
