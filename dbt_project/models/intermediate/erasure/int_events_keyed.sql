-- Grain: one row a segment event, its newest version, with the key of the group that identity counts it in.
-- Built by the landing step alone, to find the rows of the groups that requests to be erased reach. A view: all but a
-- few of its rows are passed over.
{{ config(materialized='view') }}
with pages as (
    select
        _file,
        _line,
        occurred_at,
        anonymous_id,
        user_id,
        cast(null as string) as completed_order_id,
        is_erased
    from {{ ref('stg_segment__pages') }}
),

tracks as (
    select
        _file,
        _line,
        occurred_at,
        anonymous_id,
        user_id,
        case when {{ event_name('event_name') }} = 'order_completed' then order_id end as completed_order_id,
        is_erased
    from {{ ref('stg_segment__tracks') }}
)

{%- set named_by = {
    'pages': ['anonymous_id', 'user_id', 'completed_order_id'],
    'tracks': ['anonymous_id', 'user_id', 'completed_order_id'],
    'identifies': ['anonymous_id', 'user_id', 'email', 'phone'],
} %}
{%- for record_type, columns in named_by.items() %}
{% if not loop.first %}union all{% endif %}
select
    'segment' as source,
    '{{ record_type }}' as record_type,
    {{ event_record_key("'" ~ record_type ~ "'", columns) }} as record_key,
    occurred_at,
    _file,
    _line
from {{ ref('stg_segment__identifies') if record_type == 'identifies' else record_type }}
{%- endfor %}
