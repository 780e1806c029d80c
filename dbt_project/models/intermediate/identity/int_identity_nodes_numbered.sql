-- Grain: one row a node of the identity graph, an identifier that may join people.
-- node_id counts in the order in which a component's identifiers compete to name it, so that the smallest node of a
-- component names its customer.
with ranked_sources as (
    select
        identifier_type,
        identifier_value,
        source,
        first_seen_at,
        row_number() over (
            partition by identifier_type, identifier_value
            order by first_seen_at asc nulls last, {{ source_order('source') }} asc
        ) as source_rank
    from {{ ref('int_identifiers_sourced') }}
),

last_seen as (
    select
        identifier_type,
        identifier_value,
        max(last_seen_at) as last_seen_at
    from {{ ref('int_identifiers_sourced') }}
    group by identifier_type, identifier_value
)

select
    row_number() over (
        order by
            ranked_sources.first_seen_at asc nulls last,
            {{ identifier_type_order('ranked_sources.identifier_type') }} asc,
            ranked_sources.identifier_value asc
    ) as node_id,
    ranked_sources.identifier_type,
    ranked_sources.identifier_value,
    {{ keyed_hash('ranked_sources.identifier_value') }} as identifier_hash,
    substr(
        {{ keyed_hash("ranked_sources.identifier_type || ':' || ranked_sources.identifier_value") }}, 1, 32
    ) as issuable_customer_id,
    ranked_sources.source,
    ranked_sources.first_seen_at,
    last_seen.last_seen_at
from ranked_sources
inner join last_seen
    on
        ranked_sources.identifier_type = last_seen.identifier_type
        and ranked_sources.identifier_value = last_seen.identifier_value
where ranked_sources.source_rank = 1
