-- Grain: one row a distinct e-mail, or phone and country, of any raw table.
-- Built by the landing step alone, when it looks for whom requests to be erased reach: no day's release reads it.
with emails as (
    {{ normalised_emails("(
        select raw_value
        from " ~ ref('stg_computed__contact_values') ~ "
        where identifier_type = 'email'
    )") }}
),

phones as (
    {{ normalised_phones("(
        select
            raw_value,
            country
        from " ~ ref('stg_computed__contact_values') ~ "
        where identifier_type = 'phone'
    )") }}
)

select
    'email' as identifier_type,
    raw_value,
    cast(null as string) as country,
    value as identifier_value,
    {{ keyed_hash('value') }} as identifier_hash,
    validity
from emails
union all
select
    'phone' as identifier_type,
    raw_value,
    country,
    value as identifier_value,
    {{ keyed_hash('value') }} as identifier_hash,
    validity
from phones
