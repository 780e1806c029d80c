-- Grain: one row a record, or a group of segment events that name the same person, and account that it names.
-- A record names one account of its system, an e-mail, a phone and a device. The few that name more accounts have
-- a row more for each, under the same record_key: a hubspot contact for every id merged into it, an Order
-- Completed for its order's customer. A deleted contact names nobody itself, only what was merged into it.
-- Erased records stay, with what is left of them: limits count them, and nothing else does.
with events as (
    select
        record_type,
        anonymous_id,
        user_id,
        completed_order_id,
        {{ event_record_key('record_type', ['anonymous_id', 'user_id', 'completed_order_id']) }} as record_key,
        is_erased,
        sum(event_count) as record_count,
        min(first_at) as first_at,
        max(last_at) as last_at
    from {{ ref('int_event_identities_aggregated') }}
    group by record_type, anonymous_id, user_id, completed_order_id, is_erased
),

identifies as (
    select
        anonymous_id,
        user_id,
        email,
        phone,
        {{ event_record_key("'identifies'", ['anonymous_id', 'user_id', 'email', 'phone']) }} as record_key,
        is_erased,
        count(*) as record_count,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from {{ ref('stg_segment__identifies') }}
    group by anonymous_id, user_id, email, phone, is_erased
),

own_customers as (
    select
        'shopify' as source,
        shopify_customer_id as source_customer_id,
        country
    from {{ ref('stg_shopify__customers') }}
    {%- for own_source, entities in var('own_sources').items() if 'contacts' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        cast(source_customer_id as string) as source_customer_id,
        cast(country as string) as country
    from {{ ref('stg_' ~ own_source ~ '__contacts') }}
    {%- endfor %}
),

orders as (
    select
        orders.source,
        orders.order_id,
        case orders.source
            when 'shopify' then 'user_id'
            {%- for own_source in var('own_sources') %}
            when '{{ own_source }}' then '{{ own_identifier_type(own_source) }}'
            {%- endfor %}
        end as account_type,
        orders.source_customer_id as account_id,
        orders.email,
        orders.phone,
        coalesce(own_customers.country, orders.country) as country,
        orders.ordered_at,
        orders.updated_at,
        orders.is_erased
    from {{ ref('int_orders_unioned') }} as orders
    left join own_customers
        on orders.source = own_customers.source and orders.source_customer_id = own_customers.source_customer_id
),

contacts as (
    select
        *,
        coalesce(is_deleted, false) as is_gone
    from {{ ref('stg_hubspot__contacts') }}
),

merged_ids as (
    select distinct
        crm_id,
        {{ trim_white_space('merged_id') }} as merged_id
    from (
        select
            crm_id,
            {{ explode_split('merged_crm_ids', ';') }} as merged_id
        from contacts
        where merged_crm_ids is not null
    ) as split_ids
),

records as (
    select
        {{ record_key('shopify', 'customers', 'shopify_customer_id') }} as record_key,
        'shopify' as source,
        'customers' as record_type,
        shopify_customer_id as record_id,
        'user_id' as account_type,
        shopify_customer_id as account_id,
        email,
        coalesce(is_email_verified, false) as is_email_verified,
        phone,
        cast(null as string) as anonymous_id,
        country,
        1 as record_count,
        created_at as first_at,
        updated_at as version_at,
        is_erased
    from {{ ref('stg_shopify__customers') }}
    union all
    select
        source || ':orders:' || order_id as record_key,
        source,
        'orders' as record_type,
        order_id as record_id,
        account_type,
        account_id,
        email,
        false as is_email_verified,
        phone,
        cast(null as string) as anonymous_id,
        country,
        1 as record_count,
        ordered_at as first_at,
        updated_at as version_at,
        is_erased
    from orders
    {%- for own_source, entities in var('own_sources').items() if 'contacts' in entities %}
    union all
    select
        {{ record_key(own_source, 'contacts', 'source_customer_id') }} as record_key,
        '{{ own_source }}' as source,
        'contacts' as record_type,
        cast(source_customer_id as string) as record_id,
        '{{ own_identifier_type(own_source) }}' as account_type,
        cast(source_customer_id as string) as account_id,
        cast(email as string) as email,
        false as is_email_verified,
        cast(phone as string) as phone,
        cast(null as string) as anonymous_id,
        cast(country as string) as country,
        1 as record_count,
        cast(created_at as timestamp) as first_at,
        cast(updated_at as timestamp) as version_at,
        erased.record_id is not null as is_erased
    from {{ ref('stg_' ~ own_source ~ '__contacts') }} as own_contacts
    left join {{ ref('stg_computed__erased_records') }} as erased
        on
            erased.source = '{{ own_source }}' and erased.record_type = 'contacts'
            and cast(own_contacts.source_customer_id as string) = erased.record_id
    {%- endfor %}
    union all
    select
        record_key,
        'segment' as source,
        'identifies' as record_type,
        cast(null as string) as record_id,
        'user_id' as account_type,
        user_id as account_id,
        email,
        false as is_email_verified,
        phone,
        anonymous_id,
        cast(null as string) as country,
        record_count,
        first_at,
        last_at as version_at,
        is_erased
    from identifies
    union all
    select
        record_key,
        'segment' as source,
        record_type,
        cast(null as string) as record_id,
        'user_id' as account_type,
        user_id as account_id,
        cast(null as string) as email,
        false as is_email_verified,
        cast(null as string) as phone,
        anonymous_id,
        cast(null as string) as country,
        record_count,
        first_at,
        last_at as version_at,
        is_erased
    from events
    union all
    select
        events.record_key,
        'segment' as source,
        events.record_type,
        cast(null as string) as record_id,
        orders.account_type,
        case
            when orders.account_type = 'user_id' and orders.account_id = events.user_id then null
            else orders.account_id
        end as account_id,
        orders.email,
        false as is_email_verified,
        orders.phone,
        cast(null as string) as anonymous_id,
        orders.country,
        events.record_count,
        events.first_at,
        events.last_at as version_at,
        {#- An event that came later than the request says nothing of whom its erased order was. #}
        events.is_erased or orders.is_erased as is_erased
    from events
    inner join orders on events.completed_order_id = orders.order_id
    union all
    select
        {{ record_key('hubspot', 'contacts', 'crm_id') }} as record_key,
        'hubspot' as source,
        'contacts' as record_type,
        crm_id as record_id,
        'crm_id' as account_type,
        crm_id as account_id,
        email,
        false as is_email_verified,
        phone,
        cast(null as string) as anonymous_id,
        country,
        1 as record_count,
        created_at as first_at,
        updated_at as version_at,
        is_erased
    from contacts
    where not is_gone
    union all
    select
        {{ record_key('hubspot', 'contacts', 'contacts.crm_id') }} as record_key,
        'hubspot' as source,
        'contacts' as record_type,
        contacts.crm_id as record_id,
        'crm_id' as account_type,
        merged_ids.merged_id as account_id,
        cast(null as string) as email,
        false as is_email_verified,
        cast(null as string) as phone,
        cast(null as string) as anonymous_id,
        cast(null as string) as country,
        1 as record_count,
        contacts.created_at as first_at,
        contacts.updated_at as version_at,
        {#- Of a deleted contact an erased e-mail goes too, which makes no record: what was merged into it stays. #}
        case when contacts.is_gone then erased.record_id is not null else contacts.is_erased end as is_erased
    from contacts
    inner join merged_ids on contacts.crm_id = merged_ids.crm_id
    left join {{ ref('stg_computed__erased_records') }} as erased
        on erased.source = 'hubspot' and erased.record_type = 'contacts' and contacts.crm_id = erased.record_id
    where merged_ids.merged_id <> '' and (contacts.is_gone or merged_ids.merged_id <> contacts.crm_id)
    union all
    select
        {{ record_key('klaviyo', 'people', 'klaviyo_id') }} as record_key,
        'klaviyo' as source,
        'people' as record_type,
        klaviyo_id as record_id,
        'klaviyo_id' as account_type,
        klaviyo_id as account_id,
        email,
        false as is_email_verified,
        phone,
        cast(null as string) as anonymous_id,
        country,
        1 as record_count,
        created_at as first_at,
        updated_at as version_at,
        is_erased
    from {{ ref('stg_klaviyo__people') }}
    union all
    select
        {{ record_key('zendesk', 'users', 'zendesk_id') }} as record_key,
        'zendesk' as source,
        'users' as record_type,
        zendesk_id as record_id,
        'zendesk_id' as account_type,
        zendesk_id as account_id,
        email,
        false as is_email_verified,
        phone,
        cast(null as string) as anonymous_id,
        cast(null as string) as country,
        1 as record_count,
        cast(null as timestamp) as first_at,
        cast(null as timestamp) as version_at,
        is_erased
    from {{ ref('stg_zendesk__users') }}
    where lower(trim(role)) = 'end-user'
    union all
    select
        {{ record_key('loyalty', 'members', 'loyalty_id') }} as record_key,
        'loyalty' as source,
        'members' as record_type,
        loyalty_id as record_id,
        'loyalty_id' as account_type,
        loyalty_id as account_id,
        email,
        false as is_email_verified,
        phone,
        cast(null as string) as anonymous_id,
        cast(null as string) as country,
        1 as record_count,
        joined_at as first_at,
        updated_at as version_at,
        is_erased
    from {{ ref('stg_loyalty__members') }}
    union all
    select
        {{ record_key('survey', 'responses', 'response_id') }} as record_key,
        'survey' as source,
        'responses' as record_type,
        response_id as record_id,
        'user_id' as account_type,
        user_id as account_id,
        email,
        false as is_email_verified,
        cast(null as string) as phone,
        cast(null as string) as anonymous_id,
        cast(null as string) as country,
        1 as record_count,
        submitted_at as first_at,
        submitted_at as version_at,
        is_erased
    from {{ ref('stg_survey__responses') }}
    union all
    select
        {{ record_key('consent', 'events', 'event_id') }} as record_key,
        'consent' as source,
        'events' as record_type,
        event_id as record_id,
        'user_id' as account_type,
        user_id as account_id,
        email,
        false as is_email_verified,
        phone,
        anonymous_id,
        cast(null as string) as country,
        1 as record_count,
        occurred_at as first_at,
        occurred_at as version_at,
        is_erased
    from {{ ref('stg_consent__events') }}
    union all
    select
        {{ record_key('partner', 'placement_events', 'placement_event_id') }} as record_key,
        'partner' as source,
        'placement_events' as record_type,
        placement_event_id as record_id,
        cast(null as string) as account_type,
        cast(null as string) as account_id,
        email,
        false as is_email_verified,
        phone,
        anonymous_id,
        cast(null as string) as country,
        1 as record_count,
        occurred_at as first_at,
        occurred_at as version_at,
        is_erased
    from {{ ref('stg_partner__placement_events') }}
)

select
    record_key,
    source,
    record_type,
    record_id,
    account_type,
    account_id,
    email,
    is_email_verified,
    phone,
    anonymous_id,
    country,
    cast(record_count as bigint) as record_count,
    first_at,
    coalesce(version_at, first_at) as updated_at,
    case when version_at > first_at or first_at is null then version_at else first_at end as last_at,
    is_erased
from records
where account_id is not null or email is not null or phone is not null or anonymous_id is not null
