-- Grain: one row a source, table, column and reason of quarantined records.
select
    source,
    table_name,
    column_name,
    reason,
    count(*) as rows,
    {{ mask_emails('min(file)') }} as first_file
from {{ ref('quarantine') }}
group by source, table_name, column_name, reason
