-- Grain: one row a landed file.
-- Files after D are left out: the refresh of a past day shows what that day saw.
select
    source,
    {{ mask_emails('table_name') }} as table_name,
    {{ mask_emails('file') }} as file,
    export_date,
    sha256,
    rows_read,
    rows_loaded,
    rows_quarantined,
    status,
    {{ mask_emails('reason') }} as reason,
    drift,
    loaded_at
from {{ source('ops', 'load_ledger') }}
where export_date is null or export_date <= {{ as_of_date() }}
