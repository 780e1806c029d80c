-- Grain: one row a kind of event, the newest version.
with visible as (
    {{ newest_visible('klaviyo', 'metric') }}
)

select
    id as metric_id,
    name as metric_name,
    _file,
    _line
from visible
