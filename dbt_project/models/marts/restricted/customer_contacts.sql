-- Grain: one row a customer, those without contact details too.
-- Beside each value stands how many different ones its records know: a customer with five e-mails is worth a look.
with contacts as (
    select
        customer_id,
        {%- for attribute in ['email', 'phone', 'first_name', 'last_name', 'postcode', 'date_of_birth'] %}
        max(case when attribute = '{{ attribute }}' then attribute_value end) as {{ attribute }},
        max(case when attribute = '{{ attribute }}' then candidate_count end) as {{ attribute }}_candidates
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_customer_attributes_survived') }}
    group by customer_id
),

all_customers as (
    select distinct customer_id
    from {{ ref('int_identifiers_resolved') }}
)

select
    all_customers.customer_id,
    contacts.email,
    cast(coalesce(contacts.email_candidates, 0) as bigint) as email_candidates,
    contacts.phone,
    cast(coalesce(contacts.phone_candidates, 0) as bigint) as phone_candidates,
    contacts.first_name,
    cast(coalesce(contacts.first_name_candidates, 0) as bigint) as first_name_candidates,
    contacts.last_name,
    cast(coalesce(contacts.last_name_candidates, 0) as bigint) as last_name_candidates,
    contacts.postcode,
    cast(coalesce(contacts.postcode_candidates, 0) as bigint) as postcode_candidates,
    cast(contacts.date_of_birth as date) as date_of_birth,
    cast(coalesce(contacts.date_of_birth_candidates, 0) as bigint) as date_of_birth_candidates
from all_customers
left join contacts on all_customers.customer_id = contacts.customer_id
