-- Grain: one row an answer.
with visible as (
    {{ newest_visible('survey', 'response', happened_at='submitted_at') }}
)

select
    id as response_id,
    email,
    customer_ref as user_id,
    survey,
    question,
    score,
    answer,
    product_id,
    submitted_at,
    coalesce(_erased, false) as is_erased,
    _file,
    _line
from visible
