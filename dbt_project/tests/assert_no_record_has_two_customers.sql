-- A record's usable identifiers are joined by the record itself, unless a steward cut them apart.
select
    identifiers.record_key,
    count(distinct resolved.customer_id) as customers
from {{ ref('int_identifiers_normalised') }} as identifiers
inner join {{ ref('int_identifiers_resolved') }} as resolved
    on
        identifiers.identifier_type = resolved.identifier_type
        and identifiers.identifier_value = resolved.identifier_value
left join {{ ref('stg_computed__identity_parts') }} as parts on resolved.node_id = parts.node_id
where identifiers.validity = 'ok' and parts.node_id is null
group by identifiers.record_key
having count(distinct resolved.customer_id) > 1
