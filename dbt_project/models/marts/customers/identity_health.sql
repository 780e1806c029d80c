-- Grain: one row an as-of date.
-- The 99th percentile is discrete: the smallest number of identifiers that 99 % of the customers do not exceed.
with clusters as (
    select
        customer_id,
        count(*) as identifier_count
    from {{ ref('customer_identifiers') }}
    group by customer_id
),

sizes as (
    select
        identifier_count,
        count(*) as customer_count,
        sum(count(*)) over (order by identifier_count) as customers_up_to,
        sum(count(*)) over () as customers_in_all
    from clusters
    group by identifier_count
),

sized as (
    select
        coalesce(sum(customer_count), 0) as customers,
        coalesce(sum(customer_count * identifier_count), 0) as identifiers,
        coalesce(max(identifier_count), 0) as largest_cluster,
        coalesce(min(case when 100 * customers_up_to >= 99 * customers_in_all then identifier_count end), 0)
            as p99_cluster,
        coalesce(sum(case when identifier_count > {{ var('identity_cluster_limit') }} then customer_count end), 0)
            as clusters_over_limit
    from sizes
),

suppressed as (
    select count(*) as suppressed
    from {{ ref('identity_suppressed') }}
),

changed as (
    select
        coalesce(sum(case when effect = 'merged' then 1 end), 0) as merges_since_last,
        coalesce(sum(case when effect = 'split' then 1 end), 0) as splits_since_last
    from {{ ref('identity_changes') }}
    where as_of_date = {{ as_of_date() }}
),

today as (
    select
        {{ as_of_date() }} as as_of_date,
        cast(sized.customers as bigint) as customers,
        cast(sized.identifiers as bigint) as identifiers,
        cast(sized.largest_cluster as bigint) as largest_cluster,
        cast(sized.p99_cluster as bigint) as p99_cluster,
        cast(sized.clusters_over_limit as bigint) as clusters_over_limit,
        cast(suppressed.suppressed as bigint) as suppressed,
        cast(changed.merges_since_last as bigint) as merges_since_last,
        cast(changed.splits_since_last as bigint) as splits_since_last
    from sized
    cross join suppressed
    cross join changed
)

{{ with_history(
    'today',
    ['as_of_date', 'customers', 'identifiers', 'largest_cluster', 'p99_cluster', 'clusters_over_limit', 'suppressed',
     'merges_since_last', 'splits_since_last']
) }}
