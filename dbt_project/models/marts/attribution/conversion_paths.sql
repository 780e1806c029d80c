-- Grain: one row a path, a list of channels, and transform.
-- A list, never a text of names with a separator between them: a channel may hold any character.
with converted_customers as (
    select distinct customer_id
    from {{ ref('int_conversions_unioned') }}
    where customer_id is not null
),

-- Of a customer who never converted: the touches of the lookback up to the last one.
other_touches as (
    select
        touchpoints.customer_id,
        touchpoints.touchpoint_id,
        touchpoints.touched_at,
        touchpoints.channel,
        max(touchpoints.touched_at) over (partition by touchpoints.customer_id) as last_touched_at
    from {{ ref('touchpoints') }} as touchpoints
    left join converted_customers on touchpoints.customer_id = converted_customers.customer_id
    where converted_customers.customer_id is null
),

steps as (
    select
        conversion_id as journey_id,
        1 as is_conversion,
        revenue,
        position,
        channel
    from {{ ref('int_touches_pathed') }}
    union all
    select
        customer_id as journey_id,
        0 as is_conversion,
        cast(0 as decimal(18, 2)) as revenue,
        row_number() over (partition by customer_id order by touched_at, touchpoint_id) as position,
        channel
    from other_touches
    where {{ microseconds_between('touched_at', 'last_touched_at') }} <= {{ lookback_microseconds() }}
),

followed as (
    select
        *,
        lag(channel) over (partition by is_conversion, journey_id order by position) as previous_channel
    from steps
),

journeys as (
    select
        is_conversion,
        max(revenue) as revenue,
        {{ texts_in_order('channel', 'position') }} as full_path,
        {{ texts_in_order('channel', 'position', where='previous_channel is null or channel <> previous_channel') }}
            as collapsed_path
    from followed
    group by is_conversion, journey_id
),

transformed as (
    select
        full_path as path,
        'full' as path_transform,
        is_conversion,
        revenue
    from journeys
    union all
    select
        collapsed_path as path,
        'collapsed' as path_transform,
        is_conversion,
        revenue
    from journeys
)

select
    path,
    path_transform,
    {{ list_length('path') }} as path_length,
    cast(sum(is_conversion) as bigint) as conversions,
    cast(sum(1 - is_conversion) as bigint) as non_conversions,
    {{ try_cast_to('sum(revenue)', 'decimal(18, 2)') }} as revenue
from transformed
group by path, path_transform
