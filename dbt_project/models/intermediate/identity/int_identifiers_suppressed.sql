-- Grain: one row an identifier that nobody is merged on, with the reason.
-- A value can be a placeholder in one spelling and merely invalid in another with the same digits: then it is a
-- placeholder. Values are told apart by their hashes: that is all that is left of an erased one, and it counts as before.
with unusable as (
    select
        identifier_type,
        case
            when identifier_type in ('email', 'phone') then identifier_value
            else lower({{ trim_white_space('identifier_value') }})
        end as identifier_value,
        case when identifier_type in ('email', 'phone') then identifier_hash end as identifier_hash,
        validity,
        record_count
    from {{ ref('int_identifiers_carried') }}
    where validity <> 'ok'
),

limited as (
    select
        record_key,
        identifier_type,
        identifier_value,
        identifier_hash
    from {{ ref('int_identifiers_carried') }}
    where validity = 'ok' and {{ identity_limit('identifier_type') }} is not null
),

accounts as (
    select
        identifiers.record_key,
        identifiers.identifier_type as account_type,
        coalesce(merged.component_id, identifiers.identifier_value) as account_id
    from {{ ref('int_identifiers_carried') }} as identifiers
    left join {{ ref('int_crm_ids_grouped') }} as merged
        on identifiers.identifier_type = 'crm_id' and identifiers.identifier_value = merged.node_id
    where identifiers.validity = 'ok' and identifiers.identifier_type in ('user_id', 'crm_id', 'loyalty_id')
),

held_together as (
    select
        limited.identifier_type,
        limited.identifier_hash,
        accounts.account_type,
        accounts.account_id,
        max(limited.identifier_value) as identifier_value
    from limited
    inner join accounts on limited.record_key = accounts.record_key
    where accounts.account_type = 'user_id' or limited.identifier_type = 'phone'
    group by limited.identifier_type, limited.identifier_hash, accounts.account_type, accounts.account_id
),

counted as (
    select
        identifier_type,
        identifier_hash,
        account_type,
        max(identifier_value) as identifier_value,
        count(*) as account_count
    from held_together
    group by identifier_type, identifier_hash, account_type
),

shared as (
    select
        identifier_type,
        identifier_hash,
        max(identifier_value) as identifier_value,
        max(account_count) as linked_count
    from counted
    group by identifier_type, identifier_hash
    having max(account_count) >= {{ identity_limit('identifier_type') }}
)

select
    identifier_type,
    max(identifier_value) as identifier_value,
    identifier_hash,
    case when max(case when validity = 'placeholder' then 1 else 0 end) = 1 then 'placeholder' else 'invalid' end
        as reason,
    cast(sum(record_count) as bigint) as linked_count
from (
    select
        identifier_type,
        identifier_value,
        coalesce(identifier_hash, {{ keyed_hash('identifier_value') }}) as identifier_hash,
        validity,
        record_count
    from unusable
) as hashed
group by identifier_type, identifier_hash
union all
select
    identifier_type,
    identifier_value,
    identifier_hash,
    case when identifier_type = 'anonymous_id' then 'shared_device' else 'shared_contact' end as reason,
    cast(linked_count as bigint) as linked_count
from shared
