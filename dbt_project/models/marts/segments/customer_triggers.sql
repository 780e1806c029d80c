-- Grain: one row a customer, trigger and moment at which it fired.
-- A moment is kept where no other of that customer and trigger lies in the quiet days before it, fired or not: who comes
-- every day is asked once. Whether a moment fires never depends on D, so that a later D drops the oldest and changes none.
{%- for input in trigger_inputs() %}
-- depends_on: {{ ref(input) }}
{%- endfor %}
{%- set definitions = trigger_definitions() | selectattr('status', 'equalto', 'active') | list %}
{%- set window_days = whole_number_var('trigger_window_days') %}
{%- set longest_quiet = definitions | map(attribute='quiet_days') | max | default(0, true) %}
with moments as (
    {%- for one in definitions %}
    -- {{ one.file }}
    select
        customer_id,
        {{ text_literal(one.name) }} as trigger,
        cast(fired_at as timestamp) as fired_at,
        cast(evidence as string) as evidence
    from (
        {{ render(one.raw_code) | trim | indent(8) }}
    ) as moments_of_trigger
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as string) as customer_id,
        cast(null as string) as trigger,
        cast(null as timestamp) as fired_at,
        cast(null as string) as evidence
    from {{ ref('orders') }}
    where false
    {%- endfor %}
),

definitions as (
    {%- for one in definitions %}
    select
        {{ text_literal(one.name) }} as trigger,
        {{ text_literal(one.segment) }} as segment,
        {{ text_literal(one.offer) }} as offer,
        {{ one.quiet_days }} as quiet_days,
        {{ one.expires_after_days }} as expires_after_days
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as string) as trigger,
        cast(null as string) as segment,
        cast(null as string) as offer,
        0 as quiet_days,
        0 as expires_after_days
    {%- endfor %}
),

-- What is needed to judge the oldest moment of the window: anything before it is not looked at.
recent as (
    select
        *,
        lag(fired_at) over (partition by customer_id, trigger order by fired_at, evidence) as previous_at
    from moments
    where
        customer_id is not null
        and fired_at < {{ cutoff_at() }}
        and {{ days_between(reporting_date('fired_at'), as_of_date()) }} <= {{ window_days + longest_quiet + 1 }}
)

select
    recent.customer_id,
    recent.trigger,
    recent.fired_at,
    definitions.segment,
    definitions.offer,
    {{ mask_identifiers('recent.evidence') }} as evidence,
    {{ seconds_after('recent.fired_at', 'cast(86400 as bigint) * definitions.expires_after_days') }} as expires_at
from recent
inner join definitions
    on recent.trigger = definitions.trigger
where
    {{ days_between(reporting_date('recent.fired_at'), as_of_date()) }} between 0 and {{ window_days - 1 }}
    and (
        recent.previous_at is null
        or (
            recent.previous_at < recent.fired_at
            and {{ microseconds_between('recent.previous_at', 'recent.fired_at') }}
            >= definitions.quiet_days * cast(86400000000 as bigint)
        )
    )
