-- Grain: one row a customer with a page view or track on the last 90 dates.
-- Days are counted first, so that windows are sums over at most 90 rows a customer and no date is counted twice.
with events as (
    select
        customer_id,
        event_kind,
        event_name,
        {{ days_between(reporting_date('occurred_at'), as_of_date()) }} as days_ago
    from {{ ref('int_events_owned') }}
    where
        customer_id is not null
        and {{ is_on_last_days(reporting_date('occurred_at'), 90) }}
),

days as (
    select
        customer_id,
        days_ago,
        sum(case when event_kind = 'page' then 1 else 0 end) as page_views,
        sum(case when event_name = 'product_viewed' then 1 else 0 end) as product_views,
        sum(case when event_name = 'product_compared' then 1 else 0 end) as comparisons,
        sum(case when event_name = 'content_downloaded' then 1 else 0 end) as content_downloads,
        sum(case when event_name = 'video_playback_completed' then 1 else 0 end) as video_completions,
        sum(case when event_name = 'product_added' then 1 else 0 end) as cart_adds,
        sum(case when event_name = 'price_page_viewed' then 1 else 0 end) as price_page_views,
        sum(case when event_name = 'products_searched' then 1 else 0 end) as searches,
        sum(case when event_name = 'checkout_started' then 1 else 0 end) as checkouts
    from events
    group by customer_id, days_ago
)

select
    customer_id,
    {%- for count in engagement_counts() if count not in ['sessions', 'engaged_sessions'] %}
    {%- for days in engagement_windows() %}
    cast(sum(case when days_ago < {{ days }} then {{ count }} else 0 end) as bigint) as {{ count }}_{{ days }}d,
    {%- endfor %}
    {%- endfor %}
    {%- for count in ['price_page_views', 'searches', 'checkouts'] %}
    cast(sum(case when days_ago < 30 then {{ count }} else 0 end) as bigint) as {{ count }}_30d,
    {%- endfor %}
    cast(sum(case when days_ago < 30 then 1 else 0 end) as bigint) as active_days_30d
from days
group by customer_id
