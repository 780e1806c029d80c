-- Grain: one row an identifier that may once have named a customer, and is no node of the graph today.
-- A correction replaced it, or it has become a shared one. Of the identifiers of a record, which it gave at one time,
-- only the first in the order of types can have been the earliest of a customer. It leads to whom the record is today.
with versions as (
    {%- for source, record_type, account_type, account_id, first_at, country, relation in [
        ('shopify', 'customers', 'user_id', 'shopify_customer_id', 'created_at', 'country', 'stg_shopify__earlier_customers'),
        ('shopify', 'orders', 'user_id', 'source_customer_id', 'ordered_at', none, 'stg_shopify__earlier_orders'),
        ('hubspot', 'contacts', 'crm_id', 'crm_id', 'created_at', 'country', 'stg_hubspot__earlier_contacts'),
        ('klaviyo', 'people', 'klaviyo_id', 'klaviyo_id', 'created_at', 'country', 'stg_klaviyo__earlier_people'),
        ('loyalty', 'members', 'loyalty_id', 'loyalty_id', 'joined_at', none, 'stg_loyalty__earlier_members'),
        ('zendesk', 'users', 'zendesk_id', 'zendesk_id', none, none, 'stg_zendesk__earlier_users')
    ] %}
    select
        '{{ source }}' as source,
        '{{ record_type }}' as record_type,
        {{ 'order_id' if record_type == 'orders' else account_id }} as record_id,
        '{{ account_type }}' as account_type,
        {{ account_id }} as account_id,
        email,
        phone,
        {{ country or 'cast(null as string)' }} as country,
        {{ first_at or 'cast(null as timestamp)' }} as first_at
    from {{ ref(relation) }}
    {%- if source == 'zendesk' %}
    where lower(trim(role)) = 'end-user'
    {%- elif record_type == 'orders' %}
    where not coalesce(is_test, false) and coalesce(lower(trim(financial_status)), '') <> 'voided'
    {%- elif source == 'hubspot' %}
    where not coalesce(is_deleted, false)
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

phones as (
    {{ normalised_phones("(select distinct phone as raw_value, country from versions where phone is not null)") }}
),

firsts as (
    select
        versions.source,
        versions.record_type,
        versions.record_id,
        versions.first_at,
        case
            when versions.account_type = 'user_id' and {{ is_usable_id('versions.account_id') }} then 'user_id'
            when {{ is_email('versions.email') }} then 'email'
            when phones.validity = 'ok' then 'phone'
        end as identifier_type,
        case
            when versions.account_type = 'user_id' and {{ is_usable_id('versions.account_id') }} then versions.account_id
            when {{ is_email('versions.email') }} then versions.email
            when phones.validity = 'ok' then phones.value
        end as identifier_value
    from (
        select
            source,
            record_type,
            record_id,
            account_type,
            account_id,
            {{ lower_case(trim_white_space('email')) }} as email,
            phone,
            country,
            first_at
        from versions
    ) as versions
    left join phones on versions.phone = phones.raw_value and versions.country is not distinct from phones.country
),

{#- What has become shared stands in its records still. #}
shared as (
    select
        identifiers.source,
        identifiers.record_type,
        identifiers.record_id,
        identifiers.first_at,
        identifiers.identifier_type,
        identifiers.identifier_value
    from {{ ref('int_identifiers_normalised') }} as identifiers
    inner join {{ ref('int_identifiers_suppressed') }} as suppressed
        on
            identifiers.identifier_type = suppressed.identifier_type
            and identifiers.identifier_value = suppressed.identifier_value
    left join {{ ref('int_identifiers_normalised') }} as earlier
        on
            identifiers.record_key = earlier.record_key
            and earlier.validity = 'ok'
            and (
                earlier.identifier_type = 'user_id'
                or (earlier.identifier_type = 'email' and identifiers.identifier_type = 'phone')
            )
    where
        suppressed.reason = 'shared_contact'
        and identifiers.record_id is not null
        and earlier.record_key is null
),

vanished as (
    select
        candidates.*,
        records.customer_id,
        row_number() over (
            partition by candidates.identifier_type, candidates.identifier_value
            order by
                candidates.first_at asc nulls last,
                {{ source_order('candidates.source') }} asc,
                candidates.record_type asc,
                candidates.record_id asc
        ) as candidate_rank
    from (
        select * from firsts
        union all
        select * from shared
    ) as candidates
    inner join {{ ref('int_records_resolved') }} as records
        on
            candidates.source = records.source
            and candidates.record_type = records.record_type
            and candidates.record_id = records.record_id
    left join {{ ref('int_identity_nodes_numbered') }} as nodes
        on
            candidates.identifier_type = nodes.identifier_type
            and candidates.identifier_value = nodes.identifier_value
    where candidates.identifier_value is not null and nodes.node_id is null
)

select
    identifier_type,
    substr({{ keyed_hash("identifier_type || ':' || identifier_value") }}, 1, 32) as issuable_customer_id,
    customer_id
from vanished
where candidate_rank = 1
