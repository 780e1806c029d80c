-- Grain: one row a customer of a segment that is active.
-- All rules are judged in one pass over the profiles, whatever their number; an unknown value keeps a customer out.
{%- set active = segment_definitions() | selectattr('active') | list if execute else [] %}
with judged as (
    select
        customer_id,
        {{ explode_split(judged_segments(active), ',') }} as segment
    from {{ ref('int_customers_profiled') }}
),

ranked as (
    select
        customer_id,
        segment,
        {{ priority_of('segment', active) }} as priority
    from judged
    where segment <> ''
)

select
    customer_id,
    segment,
    priority = min(priority) over (partition by customer_id) as is_primary
from ranked
