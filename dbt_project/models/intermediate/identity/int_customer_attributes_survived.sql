-- Grain: one row a customer and attribute of which any of its records knows a value: the value that survives.
-- All attributes go through one rule in long form: a verified e-mail before others, then the newest value, then the
-- more trusted source, then the smaller value by bytes. Suppressed and malformed e-mails and phones belong to no
-- customer, so they are no candidates. An order's contact details count as of the order. Whose language an event of a
-- shared device tells is a matter of who was signed in: only there is every event looked up.
{%- set locale_language = '^([A-Za-z]{2,3})(?:[-_.@]|$)' %}
with companies as (
    select company_id
    from {{ ref('stg_hubspot__companies') }}
    where not coalesce(is_deleted, false)
),

profiles as (
    select
        'shopify' as source,
        'customers' as record_type,
        shopify_customer_id as record_id,
        coalesce(updated_at, created_at) as updated_at,
        first_name,
        last_name,
        postcode,
        cast(null as date) as date_of_birth,
        cast(null as string) as gender,
        city,
        region,
        country,
        cast(null as string) as job_title,
        cast(null as string) as company_id,
        cast(null as string) as loyalty_tier
    from {{ ref('stg_shopify__customers') }}
    union all
    select
        'hubspot' as source,
        'contacts' as record_type,
        contacts.crm_id as record_id,
        coalesce(contacts.updated_at, contacts.created_at) as updated_at,
        contacts.first_name,
        contacts.last_name,
        cast(null as string) as postcode,
        contacts.date_of_birth,
        contacts.gender,
        contacts.city,
        cast(null as string) as region,
        contacts.country,
        contacts.job_title,
        companies.company_id,
        cast(null as string) as loyalty_tier
    from {{ ref('stg_hubspot__contacts') }} as contacts
    left join companies on contacts.company_id = companies.company_id
    where not coalesce(contacts.is_deleted, false)
    union all
    select
        'klaviyo' as source,
        'people' as record_type,
        klaviyo_id as record_id,
        coalesce(updated_at, created_at) as updated_at,
        first_name,
        last_name,
        cast(null as string) as postcode,
        cast(null as date) as date_of_birth,
        cast(null as string) as gender,
        city,
        cast(null as string) as region,
        country,
        cast(null as string) as job_title,
        cast(null as string) as company_id,
        cast(null as string) as loyalty_tier
    from {{ ref('stg_klaviyo__people') }}
    union all
    select
        'loyalty' as source,
        'members' as record_type,
        loyalty_id as record_id,
        coalesce(updated_at, joined_at) as updated_at,
        first_name,
        last_name,
        postcode,
        date_of_birth,
        cast(null as string) as gender,
        cast(null as string) as city,
        cast(null as string) as region,
        cast(null as string) as country,
        cast(null as string) as job_title,
        cast(null as string) as company_id,
        tier as loyalty_tier
    from {{ ref('stg_loyalty__members') }}
    {%- for own_source, entities in var('own_sources').items() if 'contacts' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        'contacts' as record_type,
        cast(source_customer_id as string) as record_id,
        cast(coalesce(updated_at, created_at) as timestamp) as updated_at,
        cast(first_name as string) as first_name,
        cast(last_name as string) as last_name,
        cast(postcode as string) as postcode,
        cast(date_of_birth as date) as date_of_birth,
        cast(null as string) as gender,
        cast(city as string) as city,
        cast(region as string) as region,
        cast(country as string) as country,
        cast(null as string) as job_title,
        cast(null as string) as company_id,
        cast(null as string) as loyalty_tier
    from {{ ref('stg_' ~ own_source ~ '__contacts') }}
    {%- endfor %}
),

located_profiles as (
    select
        records.customer_id,
        profiles.*,
        coalesce(coded.country_code, named.country_code) as country_code
    from profiles
    inner join {{ ref('int_records_resolved') }} as records
        on
            profiles.source = records.source
            and profiles.record_type = records.record_type
            and profiles.record_id = records.record_id
    left join {{ ref('countries') }} as coded
        on {{ trim_white_space('lower(profiles.country)') }} = lower(coded.country_code)
    left join {{ ref('country_names') }} as named
        on {{ trim_white_space('lower(profiles.country)') }} = lower(named.country_name)
),

candidates as (
    select
        resolved.customer_id,
        identifiers.identifier_type as attribute,
        identifiers.identifier_value as attribute_value,
        case when identifiers.is_email_verified then 1 else 0 end as is_verified,
        identifiers.source,
        identifiers.updated_at
    from {{ ref('int_identifiers_normalised') }} as identifiers
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on
            identifiers.identifier_type = resolved.identifier_type
            and identifiers.identifier_value = resolved.identifier_value
    {#- An Order Completed names the contact details of its order, which speaks for itself. #}
    where identifiers.identifier_type in ('email', 'phone') and identifiers.validity = 'ok'
        and identifiers.record_type <> 'tracks'
    {%- for attribute, expression in {
        'first_name': 'first_name', 'last_name': 'last_name', 'postcode': 'postcode',
        'date_of_birth': 'cast(date_of_birth as string)', 'gender': 'gender', 'city': 'city', 'region': 'region',
        'country_code': 'country_code', 'job_title': 'job_title', 'company_id': 'company_id',
        'loyalty_tier': 'loyalty_tier'
    }.items() %}
    union all
    select
        customer_id,
        '{{ attribute }}' as attribute,
        {{ expression }} as attribute_value,
        0 as is_verified,
        source,
        updated_at
    from located_profiles
    where {{ expression }} is not null
    {%- endfor %}
    union all
    select
        customer_id,
        'language' as attribute,
        lower({{ regex_extract('locale', locale_language, 1) }}) as attribute_value,
        0 as is_verified,
        'segment' as source,
        updated_at
    from (
        select
            coalesce(devices.customer_id, accounts.customer_id) as customer_id,
            events.locale,
            events.last_at as updated_at
        from {{ ref('int_event_identities_aggregated') }} as events
        left join {{ ref('int_devices_resolved') }} as devices on events.anonymous_id = devices.anonymous_id
        left join {{ ref('int_identifiers_resolved') }} as accounts
            on accounts.identifier_type = 'user_id' and events.user_id = accounts.identifier_value
        where coalesce(devices.status, '') <> 'shared' and events.is_erased is not true
        union all
        select
            owned.customer_id,
            located.locale,
            owned.occurred_at as updated_at
        from {{ ref('int_events_owned') }} as owned
        inner join {{ ref('int_devices_resolved') }} as devices
            on owned.anonymous_id = devices.anonymous_id and devices.status = 'shared'
        inner join (
            select 'page' as event_kind, event_id, locale
            from {{ ref('stg_segment__pages') }}
            union all
            select 'track' as event_kind, event_id, locale
            from {{ ref('stg_segment__tracks') }}
        ) as located
            on owned.event_kind = located.event_kind and owned.event_id = located.event_id
    ) as spoken
    where customer_id is not null and locale is not null and {{ regex_extract('locale', locale_language, 1) }} <> ''
),

{#- The same value in many records of a source is one candidate, as of its newest record. #}
distinct_candidates as (
    select
        customer_id,
        attribute,
        attribute_value,
        is_verified,
        source,
        max(updated_at) as updated_at
    from candidates
    group by customer_id, attribute, attribute_value, is_verified, source
),

ranked as (
    select
        customer_id,
        attribute,
        attribute_value,
        source,
        updated_at,
        row_number() over (
            partition by customer_id, attribute
            order by
                is_verified desc,
                updated_at desc nulls last,
                {{ survivorship_order('source') }} asc,
                attribute_value asc
        ) as candidate_rank
    from distinct_candidates
),

counted as (
    select
        customer_id,
        attribute,
        count(distinct attribute_value) as candidate_count
    from distinct_candidates
    group by customer_id, attribute
)

select
    ranked.customer_id,
    ranked.attribute,
    ranked.attribute_value,
    ranked.source,
    ranked.updated_at,
    counted.candidate_count
from ranked
inner join counted on ranked.customer_id = counted.customer_id and ranked.attribute = counted.attribute
where ranked.candidate_rank = 1
