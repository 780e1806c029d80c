-- Grain: one row a customer and purpose of which anything is known: whether it may be done.
-- Where a steward or a probability made one customer of several parts, the newest word of each part counts, and one
-- refusal outranks any number of grants: a link that proves wrong then has allowed nothing.
with parted as (
    {#- The part of the identifier that gives a record its customer (int_records_resolved). #}
    select
        identifiers.source,
        identifiers.record_id,
        {{ value_of_least(
            'resolved.part_id',
            [identifier_type_order('resolved.identifier_type'), 'resolved.node_id']
        ) }} as part_id
    from {{ ref('int_identifiers_normalised') }} as identifiers
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on
            identifiers.identifier_type = resolved.identifier_type
            and identifiers.identifier_value = resolved.identifier_value
    where
        identifiers.validity = 'ok'
        and (
            (identifiers.source = 'consent' and identifiers.record_type = 'events')
            or (identifiers.source = 'klaviyo' and identifiers.record_type = 'people')
        )
    group by identifiers.source, identifiers.record_id
),

spoken as (
    select
        records.customer_id,
        parted.part_id,
        lower({{ trim_white_space('events.purpose') }}) as purpose,
        events.occurred_at,
        {#- A word that nobody agreed on, such as `expired`, is no grant. #}
        lower({{ trim_white_space('events.status') }}) = 'granted' as is_granted
    from {{ ref('stg_consent__events') }} as events
    inner join {{ ref('int_records_resolved') }} as records
        on records.source = 'consent' and records.record_type = 'events' and events.event_id = records.record_id
    inner join parted on parted.source = 'consent' and events.event_id = parted.record_id
    union all
    select
        records.customer_id,
        parted.part_id,
        'email_marketing' as purpose,
        events.occurred_at,
        false as is_granted
    from {{ ref('stg_klaviyo__events') }} as events
    inner join {{ ref('stg_klaviyo__metrics') }} as metrics on events.metric_id = metrics.metric_id
    inner join {{ ref('int_records_resolved') }} as records
        on records.source = 'klaviyo' and records.record_type = 'people' and events.klaviyo_id = records.record_id
    inner join parted on parted.source = 'klaviyo' and events.klaviyo_id = parted.record_id
    where lower({{ trim_white_space('metrics.metric_name') }}) in ('unsubscribed', 'marked email as spam')
),

words as (
    select
        customer_id,
        part_id,
        purpose,
        max(occurred_at) as decided_at,
        max(case when is_granted then occurred_at end) as granted_at,
        max(case when not is_granted then occurred_at end) as withdrawn_at
    from spoken
    group by customer_id, part_id, purpose
),

decided as (
    select
        customer_id,
        purpose,
        {#- Granted and withdrawn at one instant is withdrawn. #}
        min(
            case when granted_at is not null and (withdrawn_at is null or granted_at > withdrawn_at) then 1 else 0 end
        ) = 1 as is_allowed,
        max(decided_at) as decided_at
    from words
    group by customer_id, purpose
),

subscribed as (
    select
        records.customer_id,
        min(case when shop_customers.accepts_marketing then 1 else 0 end) = 1 as is_allowed
    from {{ ref('stg_shopify__customers') }} as shop_customers
    inner join {{ ref('int_records_resolved') }} as records
        on
            records.source = 'shopify'
            and records.record_type = 'customers'
            and shop_customers.shopify_customer_id = records.record_id
    where shop_customers.accepts_marketing is not null
    group by records.customer_id
)

select
    customer_id,
    purpose,
    is_allowed,
    'event' as basis,
    decided_at
from decided
union all
select
    subscribed.customer_id,
    'email_marketing' as purpose,
    subscribed.is_allowed,
    'accepts_marketing' as basis,
    cast(null as timestamp) as decided_at
from subscribed
left join decided on subscribed.customer_id = decided.customer_id and decided.purpose = 'email_marketing'
where decided.customer_id is null
