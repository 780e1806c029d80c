-- Grain: one row a point transaction.
with visible as (
    {{ newest_visible('loyalty', 'point_transaction', happened_at='occurred_at') }}
)

select
    id as point_transaction_id,
    member_id as loyalty_id,
    points,
    occurred_at,
    order_id,
    _file,
    _line
from visible
