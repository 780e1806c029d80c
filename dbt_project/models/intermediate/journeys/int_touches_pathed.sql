-- Grain: one row a conversion and touchpoint of its path.
-- The path of a conversion: the touchpoints of its customer from exactly the lookback before it until just before it.
with moments as (
    select
        conversion_id,
        conversion_type,
        customer_id,
        converted_at,
        revenue,
        {{ lookback_stretch('converted_at') }} as stretch
    from {{ ref('int_conversions_unioned') }}
    where customer_id is not null
),

reached as (
    select
        conversion_id,
        conversion_type,
        customer_id,
        converted_at,
        revenue,
        stretch
    from moments
    union all
    select
        conversion_id,
        conversion_type,
        customer_id,
        converted_at,
        revenue,
        stretch - 1 as stretch
    from moments
),

touches as (
    select
        touchpoint_id,
        customer_id,
        touched_at,
        channel,
        source,
        medium,
        campaign,
        {{ lookback_stretch('touched_at') }} as stretch
    from {{ ref('touchpoints') }}
)

select
    reached.conversion_id,
    reached.conversion_type,
    touches.touchpoint_id,
    reached.customer_id,
    reached.converted_at,
    touches.touched_at,
    reached.revenue,
    touches.channel,
    touches.source,
    touches.medium,
    touches.campaign,
    row_number() over (
        partition by reached.conversion_id order by touches.touched_at, touches.touchpoint_id
    ) as position,
    count(*) over (partition by reached.conversion_id) as path_length
from reached
inner join touches
    on reached.customer_id = touches.customer_id and reached.stretch = touches.stretch
where
    {{ microseconds_between('touches.touched_at', 'reached.converted_at') }} > 0
    and {{ microseconds_between('touches.touched_at', 'reached.converted_at') }} <= {{ lookback_microseconds() }}
