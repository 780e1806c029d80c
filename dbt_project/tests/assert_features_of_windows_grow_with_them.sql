-- What happened on fewer days is part of what happened on more, and a share lies between 0 and 1.
select customer_id
from {{ ref('customer_features') }}
where
    orders_30d > orders_90d
    or orders_90d > orders_365d
    or orders_365d > orders_lifetime
    {%- for count in engagement_counts() %}
    or {{ count }}_7d > {{ count }}_30d
    or {{ count }}_30d > {{ count }}_90d
    {%- endfor %}
    or engaged_sessions_90d > sessions_90d
    or carts_abandoned_30d > cart_adds_30d
    or checkouts_abandoned_30d > checkouts_30d
    or bad_ratings_365d > tickets_365d
    {%- for share in [
        'repeat_rate', 'email_open_rate_90d', 'email_click_rate_90d', 'discount_share', 'price_sensitivity', 'returns_rate'
    ] %}
    or not coalesce({{ share }} between 0 and 1, true)
    {%- endfor %}
    or (intent_class = 'none') <> (intent_score = 0)
