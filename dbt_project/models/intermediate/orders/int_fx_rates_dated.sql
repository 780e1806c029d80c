-- Grain: one row a currency and the date from which a rate into the reporting currency holds.
-- A rate becomes the decimal that the export wrote: amounts times a binary fraction would round half cents at random.
with rates as (
    select
        from_currency,
        rate_date,
        {{ try_cast_to('rate', 'decimal(20, 14)') }} as rate,
        _file,
        _line
    from {{ ref('stg_finance__fx_rates') }}
    where
        to_currency = {{ reporting_currency() }}
        and from_currency <> {{ reporting_currency() }}
),

-- Codes meet after trimming and upper-casing, so a day can hold two rows: the later file, then the later line, wins.
-- Dated paths sort behind the undated one and by date, as versions do.
ranked as (
    select
        from_currency,
        rate_date,
        rate,
        row_number() over (
            partition by from_currency, rate_date
            order by _file desc, _line desc
        ) as position
    from rates
    where rate > 0
),

dated as (
    select
        from_currency,
        rate,
        rate_date as valid_from,
        coalesce(
            lead(rate_date) over (partition by from_currency order by rate_date),
            date '9999-12-31'
        ) as valid_to
    from ranked
    where position = 1
)

select
    from_currency,
    rate,
    valid_from,
    valid_to
from dated
union all
select
    {{ reporting_currency() }} as from_currency,
    cast(1 as decimal(20, 14)) as rate,
    date '0001-01-01' as valid_from,
    date '9999-12-31' as valid_to
