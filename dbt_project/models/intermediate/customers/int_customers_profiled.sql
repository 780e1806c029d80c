-- Grain: one row a customer.
-- A view: rules name a few of its columns, and only those are read. The columns are those of the three contracts.
{{ config(materialized='view') }}
select
    features.customer_id
    {%- if execute %}
    {%- for column in profile_columns('customer_features') %},
    features.{{ column }}
    {%- endfor %}
    {%- for column in profile_columns('customer_rfm') %},
    rfm.{{ column }}
    {%- endfor %}
    {%- for column in profile_columns('customers') %},
    customers.{{ column }}
    {%- endfor %}
    {%- endif %}
from {{ ref('customer_features') }} as features
inner join {{ ref('int_customers_described') }} as customers on features.customer_id = customers.customer_id
left join {{ ref('customer_rfm') }} as rfm on features.customer_id = rfm.customer_id
