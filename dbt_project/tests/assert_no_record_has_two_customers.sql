-- A record's usable identifiers are joined by the record itself.
select
    identifiers.record_key,
    count(distinct resolved.customer_id) as customers
from {{ ref('int_identifiers_normalised') }} as identifiers
inner join {{ ref('int_identifiers_resolved') }} as resolved
    on
        identifiers.identifier_type = resolved.identifier_type
        and identifiers.identifier_value = resolved.identifier_value
where identifiers.validity = 'ok'
group by identifiers.record_key
having count(distinct resolved.customer_id) > 1
