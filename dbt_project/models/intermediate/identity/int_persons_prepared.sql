-- Grain: one row a person record that knows a name or a date of birth, as it is compared with others.
-- Two records are compared where they share a blocking key. A key that more than vars.linking_block_limit records share
-- is null, so that the number of pairs grows with the records, not with their square; every key stands beside one that
-- is finer or made of other columns. person_key is of what is compared and of the keys alone: records that say the same
-- have one, and two keys that were compared once need not be compared again.
{%- set compared =
    ['first_name', 'last_name', 'date_of_birth', 'street', 'postcode', 'city', 'country_code', 'email', 'phone'] %}
{%- set emptied = 'cast(null as string)' %}
with persons as (
    select
        {{ record_key('shopify', 'customers', 'shopify_customer_id') }} as record_key,
        'shopify' as source,
        first_name,
        last_name,
        cast(null as date) as date_of_birth,
        street,
        postcode,
        city,
        country,
        shopify_customer_id as user_id
    from {{ ref('stg_shopify__customers') }}
    union all
    select
        {{ record_key('hubspot', 'contacts', 'crm_id') }} as record_key,
        'hubspot' as source,
        first_name,
        last_name,
        date_of_birth,
        {{ emptied }} as street,
        {{ emptied }} as postcode,
        city,
        country,
        {{ emptied }} as user_id
    from {{ ref('stg_hubspot__contacts') }}
    where not coalesce(is_deleted, false)
    union all
    select
        {{ record_key('klaviyo', 'people', 'klaviyo_id') }} as record_key,
        'klaviyo' as source,
        first_name,
        last_name,
        cast(null as date) as date_of_birth,
        {{ emptied }} as street,
        {{ emptied }} as postcode,
        city,
        country,
        {{ emptied }} as user_id
    from {{ ref('stg_klaviyo__people') }}
    union all
    {#- Which part of a full name is which differs by culture: it is split to be compared, swapped too, and only here. #}
    select
        {{ record_key('zendesk', 'users', 'zendesk_id') }} as record_key,
        'zendesk' as source,
        {{ regex_extract('full_name', '^[' ~ white_space() ~ ']*([^' ~ white_space() ~ ']+)', 1) }} as first_name,
        {{ regex_extract(
            'full_name', '[' ~ white_space() ~ ']([^' ~ white_space() ~ ']+)[' ~ white_space() ~ ']*$', 1
        ) }} as last_name,
        cast(null as date) as date_of_birth,
        {{ emptied }} as street,
        {{ emptied }} as postcode,
        {{ emptied }} as city,
        {{ emptied }} as country,
        {{ emptied }} as user_id
    from {{ ref('stg_zendesk__users') }}
    where lower(trim(role)) = 'end-user'
    union all
    select
        {{ record_key('loyalty', 'members', 'loyalty_id') }} as record_key,
        'loyalty' as source,
        first_name,
        last_name,
        date_of_birth,
        {{ emptied }} as street,
        postcode,
        {{ emptied }} as city,
        {{ emptied }} as country,
        {{ emptied }} as user_id
    from {{ ref('stg_loyalty__members') }}
    {%- for own_source, entities in var('own_sources').items() if 'contacts' in entities %}
    union all
    select
        {{ record_key(own_source, 'contacts', 'source_customer_id') }} as record_key,
        '{{ own_source }}' as source,
        cast(first_name as string) as first_name,
        cast(last_name as string) as last_name,
        cast(date_of_birth as date) as date_of_birth,
        cast(street as string) as street,
        cast(postcode as string) as postcode,
        cast(city as string) as city,
        cast(country as string) as country,
        {{ emptied }} as user_id
    from {{ ref('stg_' ~ own_source ~ '__contacts') }}
    {%- endfor %}
),

cleaned as (
    select
        record_key,
        source,
        {{ comparable_name('first_name') }} as first_name,
        {{ comparable_name('last_name') }} as last_name,
        cast(date_of_birth as string) as date_of_birth,
        {{ comparable_text('street', '\\p{L}\\p{N} ') }} as street,
        replace({{ comparable_text('postcode', '\\p{L}\\p{N} ') }}, ' ', '') as postcode,
        {{ comparable_text('city', '\\p{L} ') }} as city,
        {{ trim_white_space('lower(country)') }} as country_text,
        user_id
    from persons
    where first_name is not null or last_name is not null or date_of_birth is not null
),

{#-
  What a record is reached by, as the graph knows it: placeholders and what several people share are nobody's. A record
  that the graph does not know, such as an erased one, is not in it and is not compared.
#}
reached as (
    select
        identifiers.record_key,
        max(case when identifiers.identifier_type = 'email' then nodes.identifier_value end) as email,
        max(case when identifiers.identifier_type = 'phone' then nodes.identifier_value end) as phone,
        {{ value_of_least('nodes.node_id', [identifier_type_order('nodes.identifier_type'), 'nodes.node_id']) }}
            as node_id
    from {{ ref('int_identifiers_normalised') }} as identifiers
    inner join {{ ref('int_identity_nodes_numbered') }} as nodes
        on
            identifiers.identifier_type = nodes.identifier_type
            and identifiers.identifier_value = nodes.identifier_value
    where
        identifiers.validity = 'ok'
        and identifiers.record_type in ('customers', 'contacts', 'people', 'users', 'members')
    group by identifiers.record_key
),

described as (
    select
        cleaned.record_key,
        cleaned.source,
        cleaned.first_name,
        cleaned.last_name,
        cleaned.date_of_birth,
        cleaned.street,
        cleaned.postcode,
        cleaned.city,
        coalesce(coded.country_code, named.country_code) as country_code,
        reached.email,
        reached.phone,
        reached.node_id,
        case when reached.email is not null then cleaned.user_id end as user_id,
        {#- What stands before the @, its letters and digits; and both names in an order that swapping leaves alone. #}
        {{ regex_replace_all(regex_replace_all('reached.email', '@.*$', ''), '[^\\p{L}\\p{N}]', '') }} as mailbox,
        case
            when cleaned.first_name <= cleaned.last_name then cleaned.first_name || ' ' || cleaned.last_name
            else cleaned.last_name || ' ' || cleaned.first_name
        end as full_name
    from cleaned
    inner join reached on cleaned.record_key = reached.record_key
    left join {{ ref('countries') }} as coded on cleaned.country_text = lower(coded.country_code)
    left join {{ ref('country_names') }} as named on cleaned.country_text = lower(named.country_name)
    where cleaned.first_name is not null or cleaned.last_name is not null or cleaned.date_of_birth is not null
),

{%- set keys = [
    ['date_of_birth'],
    ['date_of_birth', letters_of('full_name', 2)],
    ['full_name'],
    ['full_name', 'country_code'],
    ['full_name', 'city'],
    ['full_name', 'postcode'],
    ['postcode', letters_of('last_name', 2)],
    ['postcode', letters_of('first_name', 2)],
    ['city', letters_of('last_name', 3), letters_of('first_name', 2)],
    ['city', letters_of('first_name', 4), letters_of('last_name', 1)],
    [letters_of('street', 10)],
    ['street', 'postcode'],
    [letters_of('mailbox', 8)],
    [letters_of('mailbox', 5), letters_of('mailbox', 3, true)],
    [letters_of('mailbox', 3), letters_of('mailbox', 5, true)],
    [distinct_letters('mailbox')],
    ['last_name', letters_of('mailbox', 2)],
    ['first_name', letters_of('mailbox', 4)],
    [letters_of('phone', 7, true)],
    [letters_of('phone', 9), letters_of('first_name', 2)],
] %}
{%- set fingerprint = [] %}
{%- for column in compared %}
    {%- do fingerprint.append(delimited(column)) %}
{%- endfor %}
{%- for parts in keys %}
    {%- do fingerprint.append("case when bk_" ~ loop.index ~ " is null then '0' else '1' end") %}
{%- endfor %}

keyed as (
    select
        *
        {%- for parts in keys %},
        {{ blocking_key(parts) }} as key_{{ loop.index }}
        {%- endfor %}
    from described
),

limited as (
    select
        record_key,
        source,
        first_name,
        last_name,
        date_of_birth,
        street,
        postcode,
        city,
        country_code,
        email,
        phone,
        node_id,
        user_id
        {%- for parts in keys %},
        case when count(*) over (partition by key_{{ loop.index }}) <= {{ var('linking_block_limit') }}
            then key_{{ loop.index }} end as bk_{{ loop.index }}
        {%- endfor %}
    from keyed
)

select
    record_key,
    source,
    first_name,
    last_name,
    date_of_birth,
    street,
    postcode,
    city,
    country_code,
    email,
    phone,
    node_id,
    user_id
    {%- for parts in keys %},
    bk_{{ loop.index }}
    {%- endfor %},
    {{ keyed_hash(fingerprint | join(' || ')) }} as person_key
from limited
