-- Grain: one row a record and identifier that it carries, whatever the identifier is worth.
-- Each distinct value is normalised once and joined back: values repeat in many records. An id is compared to the
-- letter, so its value stays as exported; a phone that is no number stands as its digits, for want of a better form.
with emails as (
    select
        raw_value,
        value,
        case
            when {{ is_placeholder('value') }} then 'placeholder'
            when {{ regex_matches('value', '^[^@' ~ white_space() ~ ']+@[^@' ~ white_space() ~ ']+\\.[^@' ~ white_space() ~ ']+$') }}
                then 'ok'
            else 'invalid'
        end as validity
    from (
        select
            raw_value,
            {{ lower_case(trim_white_space('raw_value')) }} as value
        from (
            select distinct email as raw_value
            from {{ ref('int_identity_records_unioned') }}
            where email is not null
        ) as distinct_emails
    ) as trimmed
),

phones as (
    {{ normalised_phones("(
        select distinct
            phone as raw_value,
            country
        from " ~ ref('int_identity_records_unioned') ~ "
        where phone is not null
    )") }}
),

ids as (
    select
        identifier_type,
        value,
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
    ids.validity,
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
    emails.validity,
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
    phones.validity,
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
    ids.validity,
    false as is_email_verified,
    records.record_count,
    records.first_at,
    records.updated_at,
    records.last_at
from {{ ref('int_identity_records_unioned') }} as records
inner join ids on ids.identifier_type = 'anonymous_id' and records.anonymous_id = ids.value
