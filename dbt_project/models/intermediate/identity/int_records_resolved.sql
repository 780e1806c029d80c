-- Grain: one row a record that belongs to a customer; events of segment belong to their device instead.
-- A steward's cut can leave the identifiers of one record with two customers: it belongs to the customer of its first
-- identifier, in the order of types.
select
    identifiers.source,
    identifiers.record_type,
    identifiers.record_id,
    {{ value_of_least(
        'resolved.customer_id',
        [identifier_type_order('resolved.identifier_type'), 'resolved.node_id']
    ) }} as customer_id
from {{ ref('int_identifiers_normalised') }} as identifiers
inner join {{ ref('int_identifiers_resolved') }} as resolved
    on
        identifiers.identifier_type = resolved.identifier_type
        and identifiers.identifier_value = resolved.identifier_value
where identifiers.validity = 'ok' and identifiers.record_id is not null
group by identifiers.source, identifiers.record_type, identifiers.record_id
