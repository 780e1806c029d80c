-- Grain: one row a line of a visible invoice, from the newest file that holds the invoice.
-- Lines have no key and equal lines are real, so an invoice is taken whole from one file, never line by line.
{{ config(materialized='table') }}
with visible as (
    {{ newest_visible('online_retail_ii', 'invoice_line') }}
),

-- A few invoices take two minutes to enter: the first line dates them, and all their lines are seen together.
invoices as (
    select
        invoice,
        _file,
        _export_date,
        {{ local_to_utc('min(invoice_date)', 'Europe/London') }} as invoiced_at,
        min(customer_id) as customer_id,
        min(country) as country
    from visible
    group by invoice, _file, _export_date
),

ranked as (
    select
        invoice,
        _file,
        invoiced_at,
        customer_id,
        country,
        row_number() over (
            partition by invoice
            order by _export_date desc nulls last, _file desc
        ) as file_rank
    from invoices
    where invoiced_at < {{ cutoff_at() }}
),

numbered as (
    select
        ranked.invoice,
        ranked.invoiced_at,
        ranked.customer_id,
        ranked.country,
        -- The same code is typed in both cases.
        upper(visible.stock_code) as stock_code,
        nullif(nullif(trim(visible.description), ''), 'nan') as description,
        visible.quantity,
        {{ to_money('visible.price') }} as unit_price,
        visible._file,
        visible._line,
        row_number() over (partition by visible.invoice order by visible._line) as line_number
    from visible
    inner join ranked
        on visible.invoice = ranked.invoice and visible._file = ranked._file
    where ranked.file_rank = 1
)

select
    'online_retail_ii:' || invoice || ':' || cast(line_number as string) as order_line_id,
    'online_retail_ii:' || invoice as order_id,
    invoice,
    line_number,
    invoiced_at,
    customer_id,
    case upper(country)
        when 'EIRE' then 'IE'
        when 'RSA' then 'ZA'
        when 'USA' then 'US'
        when 'UNSPECIFIED' then cast(null as string)
        else country
    end as country,
    stock_code,
    -- Fees, postage, samples, vouchers and test entries are charged or credited, but are no products.
    not (
        stock_code in (
            'POST', 'DOT', 'C2', 'C3', 'M', 'D', 'S', 'B', 'PADS', 'CRUK', 'BANK CHARGES', 'AMAZONFEE',
            'ADJUST', 'ADJUST2', 'GIFT'
        )
        or substring(stock_code, 1, 5) = 'GIFT_'
        or substring(stock_code, 1, 4) = 'TEST'
    ) as is_product,
    description,
    quantity,
    unit_price,
    _file,
    _line
from numbered
