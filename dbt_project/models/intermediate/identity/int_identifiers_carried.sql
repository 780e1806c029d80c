-- Grain: one row a record and identifier that it carries, whatever the identifier is worth.
-- Each distinct value is normalised once and joined back: values repeat in many records. An id is compared to the
-- letter, so its value stays as exported; a phone that is no number stands as its digits, for want of a better form.
-- Of an e-mail or phone that was erased only the hash is left, in a token: it has no value, but counts as before.
with addresses as (
    {{ normalised_emails("(
        select distinct email as raw_value
        from " ~ ref('int_identity_records_unioned') ~ "
        where email is not null and not " ~ is_erased_token('email') ~ "
    )") }}
),

emails as (
    select
        raw_value,
        value,
        {{ keyed_hash('value') }} as hash,
        validity
    from addresses
),

numbers as (
    {{ normalised_phones("(
        select distinct
            phone as raw_value,
            country
        from " ~ ref('int_identity_records_unioned') ~ "
        where phone is not null and not " ~ is_erased_token('phone') ~ "
    )") }}
),

phones as (
    select
        raw_value,
        country,
        value,
        {{ keyed_hash('value') }} as hash,
        validity
    from numbers
),

ids as (
    select
        identifier_type,
        value,
        {{ keyed_hash('value') }} as hash,
        case when {{ is_placeholder('lower(' ~ trim_white_space('value') ~ ')') }} then 'placeholder' else 'ok' end
            as validity
    from (
        select distinct
            account_type as identifier_type,
            account_id as value
        from {{ ref('int_identity_records_unioned') }}
        where account_id is not null
        union all
        select distinct
            'anonymous_id' as identifier_type,
            anonymous_id as value
        from {{ ref('int_identity_records_unioned') }}
        where anonymous_id is not null
    ) as distinct_ids
)

select
    records.record_key,
    records.source,
    records.record_type,
    records.record_id,
    ids.identifier_type,
    ids.value as identifier_value,
    ids.hash as identifier_hash,
    ids.validity,
    records.is_erased,
    false as is_email_verified,
    records.record_count,
    records.first_at,
    records.updated_at,
    records.last_at
from {{ ref('int_identity_records_unioned') }} as records
inner join ids on records.account_type = ids.identifier_type and records.account_id = ids.value
union all
select
    records.record_key,
    records.source,
    records.record_type,
    records.record_id,
    'email' as identifier_type,
    emails.value as identifier_value,
    emails.hash as identifier_hash,
    emails.validity,
    records.is_erased,
    records.is_email_verified,
    records.record_count,
    records.first_at,
    records.updated_at,
    records.last_at
from {{ ref('int_identity_records_unioned') }} as records
inner join emails on records.email = emails.raw_value
union all
select
    records.record_key,
    records.source,
    records.record_type,
    records.record_id,
    'phone' as identifier_type,
    phones.value as identifier_value,
    phones.hash as identifier_hash,
    phones.validity,
    records.is_erased,
    false as is_email_verified,
    records.record_count,
    records.first_at,
    records.updated_at,
    records.last_at
from {{ ref('int_identity_records_unioned') }} as records
inner join phones on records.phone = phones.raw_value and records.country is not distinct from phones.country
union all
select
    records.record_key,
    records.source,
    records.record_type,
    records.record_id,
    ids.identifier_type,
    ids.value as identifier_value,
    ids.hash as identifier_hash,
    ids.validity,
    records.is_erased,
    false as is_email_verified,
    records.record_count,
    records.first_at,
    records.updated_at,
    records.last_at
from {{ ref('int_identity_records_unioned') }} as records
inner join ids on ids.identifier_type = 'anonymous_id' and records.anonymous_id = ids.value
{%- for identifier_type in ['email', 'phone'] %}
union all
select
    record_key,
    source,
    record_type,
    record_id,
    '{{ identifier_type }}' as identifier_type,
    cast(null as string) as identifier_value,
    split_part({{ identifier_type }}, ':', 3) as identifier_hash,
    split_part({{ identifier_type }}, ':', 2) as validity,
    is_erased,
    {{ 'is_email_verified' if identifier_type == 'email' else 'false as is_email_verified' }},
    record_count,
    first_at,
    updated_at,
    last_at
from {{ ref('int_identity_records_unioned') }}
where {{ is_erased_token(identifier_type) }}
{%- endfor %}
