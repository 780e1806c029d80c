-- Grain: one row a customer_id that was ever issued or could have been, and is not today's.
-- Any identifier of a customer may once have been its earliest: a correction, or another as-of date, changes that.
-- An id that a release gave out leads on, even when the identifier behind it is gone.
select
    issuable_customer_id as retired_customer_id,
    customer_id
from {{ ref('int_identifiers_resolved') }}
where issuable_customer_id <> customer_id
union all
select
    former_customer_id as retired_customer_id,
    customer_id
from {{ ref('int_customers_succeeded') }}
