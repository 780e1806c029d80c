-- An identifier is a customer's or is suppressed, never both.
select
    suppressed.identifier_type,
    suppressed.identifier_hash
from {{ ref('identity_suppressed') }} as suppressed
inner join {{ ref('customer_identifiers') }} as identifiers
    on
        suppressed.identifier_type = identifiers.identifier_type
        and suppressed.identifier_hash = identifiers.identifier_hash
