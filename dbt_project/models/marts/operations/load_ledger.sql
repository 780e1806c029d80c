-- Grain: one row a landed file.
-- Files after D are left out: the refresh of a past day shows what that day saw.
select
    source,
    table_name,
    file,
    export_date,
    sha256,
    rows_read,
    rows_loaded,
    rows_quarantined,
    status,
    reason,
    drift,
    loaded_at
from {{ source('ops', 'load_ledger') }}
where export_date is null or export_date <= {{ as_of_date() }}
