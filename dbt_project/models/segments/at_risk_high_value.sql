-- Grain: one row a customer of the segment.
-- Value is that of the RFM window, so that one large order years ago makes nobody worth a call.
select customer_id
from {{ ref('int_customers_profiled') }}
where
    lifecycle_stage = 'at_risk'
    and m_score >= 4
