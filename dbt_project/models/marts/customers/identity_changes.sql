-- Grain: one row an as-of date, customer and former customer that it differs from, or a new customer.
-- A day is told against the newest release of an earlier day that is still kept. Where none is kept any more, what was
-- told of the day before stands.
with today as (
    select
        {{ as_of_date() }} as as_of_date,
        changes.customer_id,
        changes.change,
        changes.effect,
        changes.from_customer_id,
        changes.to_customer_id,
        changes.cause,
        changes.records_moved,
        changes.orders_moved
    from {{ ref('int_identity_changes_found') }} as changes
    inner join {{ ref('stg_computed__identity_baselines') }} as baselines
        on changes.release = baselines.release
    where baselines.baseline = 'day_before'
)

{{ with_history(
    'today',
    ['as_of_date', 'customer_id', 'change', 'effect', 'from_customer_id', 'to_customer_id', 'cause', 'records_moved',
     'orders_moved'],
    keeps_today_where="not exists (select 1 from " ~ ref('stg_computed__identity_baselines')
        ~ " where baseline = 'day_before')"
) }}
