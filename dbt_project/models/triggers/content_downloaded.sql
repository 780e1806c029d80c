-- Grain: one row a download of content by a customer.
select
    customer_id,
    occurred_at as fired_at,
    {{ counted('downloads', 'download', 'downloads') }}
    || ' in the 30 days up to ' || cast({{ reporting_date('occurred_at') }} as string) as evidence
from (
    select
        customer_id,
        occurred_at,
        count(*) over (
            partition by customer_id order by occurred_at
            range between interval 30 days preceding and current row
        ) as downloads
    from {{ ref('int_events_owned') }}
    where event_name = 'content_downloaded' and customer_id is not null
) as counted
