-- Grain: one row a customer, kind of evidence in it that contradicts itself, and what joined it.
-- Birth dates that one or two slips of a hand turn into each other do not contradict; nor do day and month the other way
-- round. Of a customer's dates twenty are compared with each other: more cannot be one person's anyway.
with births as (
    select
        'hubspot' as source,
        'contacts' as record_type,
        'crm_id' as identifier_type,
        crm_id as record_id,
        date_of_birth
    from {{ ref('stg_hubspot__contacts') }}
    where date_of_birth is not null and not coalesce(is_deleted, false)
    union all
    select
        'loyalty' as source,
        'members' as record_type,
        'loyalty_id' as identifier_type,
        loyalty_id as record_id,
        date_of_birth
    from {{ ref('stg_loyalty__members') }}
    where date_of_birth is not null
    {%- for own_source, entities in var('own_sources').items() if 'contacts' in entities %}
    union all
    select
        '{{ own_source }}' as source,
        'contacts' as record_type,
        '{{ own_identifier_type(own_source) }}' as identifier_type,
        cast(source_customer_id as string) as record_id,
        cast(date_of_birth as date) as date_of_birth
    from {{ ref('stg_' ~ own_source ~ '__contacts') }}
    where date_of_birth is not null
    {%- endfor %}
),

parts as (
    select
        part_id,
        max(case when match_type = 'probabilistic' then 1 else 0 end) as is_probable,
        max(case when identifier_type in ('user_id', 'email', 'phone') then 1 else 0 end) as is_reachable
    from {{ ref('int_identifiers_resolved') }}
    group by part_id
),

-- An erased record is in no customer, so int_records_resolved leaves its date out.
dates as (
    select
        resolved.customer_id,
        resolved.part_id,
        cast(births.date_of_birth as string) as born_on,
        row_number() over (
            partition by resolved.customer_id order by births.date_of_birth asc, resolved.part_id asc
        ) as place
    from births
    inner join {{ ref('int_records_resolved') }} as records
        on
            births.source = records.source
            and births.record_type = records.record_type
            and births.record_id = records.record_id
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on births.identifier_type = resolved.identifier_type and births.record_id = resolved.identifier_value
    where records.customer_id = resolved.customer_id
    group by resolved.customer_id, resolved.part_id, births.date_of_birth
),

accounts as (
    select
        resolved.customer_id,
        resolved.part_id,
        row_number() over (partition by resolved.customer_id order by resolved.part_id asc) as place
    from {{ ref('stg_shopify__customers') }} as customers
    inner join {{ ref('int_identifiers_resolved') }} as resolved
        on resolved.identifier_type = 'user_id' and customers.shopify_customer_id = resolved.identifier_value
    inner join {{ ref('int_identifiers_normalised') }} as emails
        on
            emails.source = 'shopify'
            and emails.record_type = 'customers'
            and emails.identifier_type = 'email'
            and customers.shopify_customer_id = emails.record_id
    inner join {{ ref('int_identifiers_resolved') }} as usable
        on emails.identifier_type = usable.identifier_type and emails.identifier_value = usable.identifier_value
    where lower(customers.state) = 'enabled' and emails.validity = 'ok' and usable.part_id = resolved.part_id
    group by resolved.customer_id, resolved.part_id
),

pairs as (
    select
        'birth_dates' as conflict,
        one.customer_id,
        one.part_id as left_part_id,
        other.part_id as right_part_id
    from dates as one
    inner join dates as other
        on one.customer_id = other.customer_id and one.born_on < other.born_on
    where one.place <= 20 and other.place <= 20
        and levenshtein(one.born_on, other.born_on) > 2
        and not (
            substr(one.born_on, 1, 4) = substr(other.born_on, 1, 4)
            and substr(one.born_on, 6, 2) = substr(other.born_on, 9, 2)
            and substr(one.born_on, 9, 2) = substr(other.born_on, 6, 2)
        )
    union all
    select
        'accounts' as conflict,
        one.customer_id,
        one.part_id as left_part_id,
        other.part_id as right_part_id
    from accounts as one
    inner join accounts as other
        on one.customer_id = other.customer_id and one.part_id < other.part_id
    where one.place <= 20 and other.place <= 20
),

-- What people who can be reached share is told apart by its records; contacts of nothing but a name and an address may
-- be one person in spite of a date (lib/linking says when).
judged as (
    select
        pairs.conflict,
        pairs.customer_id,
        case
            when pairs.left_part_id = pairs.right_part_id then 'deterministic'
            when stewards.left_part_id is not null then 'steward'
            when left_parts.is_probable + right_parts.is_probable = 0 then 'steward'
            when left_parts.is_reachable + right_parts.is_reachable = 0 then 'unreachable'
            else 'probabilistic'
        end as joined_by
    from pairs
    inner join parts as left_parts on pairs.left_part_id = left_parts.part_id
    inner join parts as right_parts on pairs.right_part_id = right_parts.part_id
    left join {{ ref('stg_computed__identity_links') }} as stewards
        on
            stewards.match_type = 'steward'
            and stewards.left_part_id = least(pairs.left_part_id, pairs.right_part_id)
            and stewards.right_part_id = greatest(pairs.left_part_id, pairs.right_part_id)
)

select
    customer_id,
    conflict,
    joined_by,
    count(*) as pair_count
from judged
where joined_by in ('deterministic', 'probabilistic')
group by customer_id, conflict, joined_by
