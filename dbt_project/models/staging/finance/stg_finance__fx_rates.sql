-- Grain: one row a day and pair of currencies, the newest version.
-- Codes are normalised before the newest is picked, or 'eur' and 'EUR' would be two rates of one day.
with visible as (
    {{ newest_visible(
        'finance', 'fx_rate', happened_on='date',
        keys=['date', currency_code('from_currency'), currency_code('to_currency')]
    ) }}
)

select
    date as rate_date,
    {{ currency_code('from_currency') }} as from_currency,
    {{ currency_code('to_currency') }} as to_currency,
    rate,
    _file,
    _line
from visible
