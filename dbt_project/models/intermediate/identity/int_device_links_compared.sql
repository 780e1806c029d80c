-- Grain: one row a device that never signed in and customer who was seen at one of its IP addresses.
-- Only an address brings the two together, and only one that few share: an office or a mobile network would pair
-- everybody with everybody. So the number of pairs grows with the number of devices, whatever the addresses.
{%- set context_limit = var('device_link_context_limit') | int %}
{#- What the outcomes mean; the weights of device_link_weights were estimated for these. #}
{%- set near_days = 30 %}
{%- set agreeing_contexts = ['user_agent', 'locale', 'timezone'] %}
with unknown_contexts as (
    select contexts.*
    from {{ ref('int_device_contexts_aggregated') }} as contexts
    inner join {{ ref('int_devices_resolved') }} as devices
        on contexts.anonymous_id = devices.anonymous_id and devices.status = 'anonymous'
),

{#- On a device without a customer of its own (a shared one) an event is its user's. #}
known_contexts as (
    select
        contexts.*,
        coalesce(devices.customer_id, users.customer_id) as customer_id
    from {{ ref('int_device_contexts_aggregated') }} as contexts
    left join {{ ref('int_devices_resolved') }} as devices
        on contexts.anonymous_id = devices.anonymous_id and devices.status = 'resolved'
    left join {{ ref('int_identifiers_resolved') }} as users
        on users.identifier_type = 'user_id' and contexts.user_id = users.identifier_value
    where coalesce(devices.customer_id, users.customer_id) is not null
),

unknown_stays as (
    select
        ip_address,
        anonymous_id,
        min(first_at) as first_at,
        max(last_at) as last_at
    from unknown_contexts
    where ip_address is not null and not {{ is_placeholder('lower(trim(ip_address))') }}
    group by ip_address, anonymous_id
),

known_stays as (
    select
        ip_address,
        customer_id,
        min(first_at) as first_at,
        max(last_at) as last_at
    from known_contexts
    where ip_address is not null
    group by ip_address, customer_id
),

few_devices as (
    select ip_address
    from unknown_stays
    group by ip_address
    having count(*) <= {{ context_limit }}
),

few_customers as (
    select ip_address
    from known_stays
    group by ip_address
    having count(*) <= {{ context_limit }}
),

pairs as (
    select
        unknown_stays.anonymous_id,
        known_stays.customer_id,
        max(
            case
                when
                    {{ microseconds_between('known_stays.last_at', 'unknown_stays.first_at') }}
                    <= {{ near_days }} * cast(86400000000 as bigint)
                    and {{ microseconds_between('unknown_stays.last_at', 'known_stays.first_at') }}
                    <= {{ near_days }} * cast(86400000000 as bigint)
                    then 1
                else 0
            end
        ) as is_near
    from unknown_stays
    inner join known_stays on unknown_stays.ip_address = known_stays.ip_address
    inner join few_devices on unknown_stays.ip_address = few_devices.ip_address
    inner join few_customers on unknown_stays.ip_address = few_customers.ip_address
    group by unknown_stays.anonymous_id, known_stays.customer_id
),

paired_devices as (
    select distinct anonymous_id
    from pairs
),

paired_customers as (
    select distinct customer_id
    from pairs
),

unknown_values as (
    {%- for context in agreeing_contexts %}
    {{ 'union all' if not loop.first }}
    select distinct
        contexts.anonymous_id,
        '{{ context }}' as context,
        contexts.{{ context }} as context_value
    from unknown_contexts as contexts
    inner join paired_devices on contexts.anonymous_id = paired_devices.anonymous_id
    where contexts.{{ context }} is not null
    {%- endfor %}
),

known_values as (
    {%- for context in agreeing_contexts %}
    {{ 'union all' if not loop.first }}
    select distinct
        contexts.customer_id,
        '{{ context }}' as context,
        contexts.{{ context }} as context_value
    from known_contexts as contexts
    inner join paired_customers on contexts.customer_id = paired_customers.customer_id
    where contexts.{{ context }} is not null
    {%- endfor %}
),

agreements as (
    select
        pairs.anonymous_id,
        pairs.customer_id,
        unknown_values.context,
        max(case when unknown_values.context_value = known_values.context_value then 1 else 0 end) as agrees
    from pairs
    inner join unknown_values on pairs.anonymous_id = unknown_values.anonymous_id
    inner join known_values
        on pairs.customer_id = known_values.customer_id and unknown_values.context = known_values.context
    group by pairs.anonymous_id, pairs.customer_id, unknown_values.context
),

{#- Whose interests a device's views tell, of the devices and customers that are compared. #}
viewers as (
    select
        anonymous_id,
        cast(null as string) as user_id,
        'device' as viewer_type,
        anonymous_id as viewer_id
    from paired_devices
    union all
    select distinct
        known_contexts.anonymous_id,
        known_contexts.user_id,
        'customer' as viewer_type,
        known_contexts.customer_id as viewer_id
    from known_contexts
    inner join paired_customers on known_contexts.customer_id = paired_customers.customer_id
),

views as (
    select
        viewers.viewer_type,
        viewers.viewer_id,
        products.category,
        count(*) as view_count
    from {{ ref('stg_segment__tracks') }} as tracks
    inner join viewers
        on
            tracks.anonymous_id = viewers.anonymous_id
            and (viewers.viewer_type = 'device' or tracks.user_id is not distinct from viewers.user_id)
    inner join {{ ref('int_products_unioned') }} as products
        on products.source = 'shopify' and tracks.product_id = products.product_id
    where
        products.category is not null
        and {{ event_name('tracks.event_name') }} = 'product_viewed'
        and not tracks.is_erased
    group by viewers.viewer_type, viewers.viewer_id, products.category
),

view_counts as (
    select
        viewer_type,
        viewer_id,
        sum(view_count) as view_count
    from views
    group by viewer_type, viewer_id
),

interests as (
    select
        pairs.anonymous_id,
        pairs.customer_id,
        sum(device_views.view_count * customer_views.view_count) as common_views
    from pairs
    inner join views as device_views
        on device_views.viewer_type = 'device' and pairs.anonymous_id = device_views.viewer_id
    inner join views as customer_views
        on
            customer_views.viewer_type = 'customer'
            and pairs.customer_id = customer_views.viewer_id
            and device_views.category = customer_views.category
    group by pairs.anonymous_id, pairs.customer_id
)

select
    pairs.anonymous_id,
    pairs.customer_id,
    'same' as ip_address,
    {%- for context in agreeing_contexts %}
    case {{ context }}s.agrees when 1 then 'same' when 0 then 'other' else 'unknown' end as {{ context }},
    {%- endfor %}
    {#- How likely a view of each is of one category. In whole numbers, so that no rounding decides. #}
    case
        when device_counts.view_count is null or customer_counts.view_count is null then 'unknown'
        when 10 * interests.common_views >= 3 * device_counts.view_count * customer_counts.view_count then 'same'
        when 10 * interests.common_views >= device_counts.view_count * customer_counts.view_count then 'some'
        else 'other'
    end as product_interest,
    case pairs.is_near when 1 then 'near' else 'far' end as time_proximity
from pairs
{%- for context in agreeing_contexts %}
left join agreements as {{ context }}s
    on
        pairs.anonymous_id = {{ context }}s.anonymous_id
        and pairs.customer_id = {{ context }}s.customer_id
        and {{ context }}s.context = '{{ context }}'
{%- endfor %}
left join view_counts as device_counts
    on device_counts.viewer_type = 'device' and pairs.anonymous_id = device_counts.viewer_id
left join view_counts as customer_counts
    on customer_counts.viewer_type = 'customer' and pairs.customer_id = customer_counts.viewer_id
left join interests
    on pairs.anonymous_id = interests.anonymous_id and pairs.customer_id = interests.customer_id
