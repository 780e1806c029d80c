-- Grain: one row a finance fx rate, its newest visible version.
with visible as (
    {{ newest_visible('finance', 'fx_rate', happened_on='date') }}
)

select
    date as rate_date,
    {{ currency_code('from_currency') }} as from_currency,
    {{ currency_code('to_currency') }} as to_currency,
    rate,
    _file,
    _line
from visible
