-- Grain: one row a customer with a line in a purchase.
-- Prices are ranked once each, not once a line: a category has far fewer prices than lines. Lines are joined with their
-- orders anew for each question, because keeping all of them aside costs more than the join.
{%- set lines_of_purchases %}
    from {{ ref('order_lines') }} as lines
    inner join {{ ref('orders') }} as orders on lines.order_id = orders.order_id and orders.is_purchase
{%- endset %}
with prices as (
    select
        lines.category,
        {{ unit_price('lines.gross_revenue', 'lines.quantity') }} as unit_price,
        count(*) as lines
    {{- lines_of_purchases }}
    where lines.category is not null and lines.quantity > 0 and lines.gross_revenue is not null
    group by lines.category, {{ unit_price('lines.gross_revenue', 'lines.quantity') }}
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

category_lines as (
    select
        lines.customer_id,
        lines.category,
        lines.net_revenue,
        {#- Absurd quantities add up to more than a whole number holds. #}
        case
            when lines.quantity > 0 and lines.gross_revenue is not null then cast(lines.quantity as decimal(28, 0))
        end as units,
        case
            when lines.quantity > 0 then {{ unit_price('lines.gross_revenue', 'lines.quantity') }}
        end as unit_price
    {{- lines_of_purchases }}
    where lines.customer_id is not null and lines.category is not null
),

categories as (
    select
        lines.customer_id,
        lines.category,
        coalesce(sum(lines.net_revenue), 0) as net_revenue,
        sum(case when lines.unit_price >= bands.high_from then lines.units else 0 end) as high_units,
        sum(case when lines.unit_price >= bands.mid_from then lines.units else 0 end) as mid_or_high_units,
        coalesce(sum(lines.units), 0) as units
    from category_lines as lines
    left join bands on lines.category = bands.category
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
            lines.customer_id,
            orders.source,
            lines.product_id
        {{- lines_of_purchases | indent(4) }}
        where lines.customer_id is not null
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
