-- Grain: one row a price page view of a customer.
select
    customer_id,
    occurred_at as fired_at,
    {{ counted('views', 'price page view', 'price page views') }}
    || ' in the 7 days up to ' || cast({{ reporting_date('occurred_at') }} as string) as evidence
from (
    select
        customer_id,
        occurred_at,
        count(*) over (
            partition by customer_id order by occurred_at
            range between interval 7 days preceding and current row
        ) as views
    from {{ ref('int_events_owned') }}
    where event_name = 'price_page_viewed' and customer_id is not null
) as counted
