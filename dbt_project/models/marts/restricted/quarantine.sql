-- Grain: one row a record that broke its contract, as it stood in its file.
-- The raw text stays: whoever mends the export must see it. Hence the restricted schema.
select
    source,
    table_name,
    file,
    line,
    column_name,
    reason,
    raw_text
from {{ source('ops', 'quarantine') }}
where export_date is null or export_date <= {{ as_of_date() }}
