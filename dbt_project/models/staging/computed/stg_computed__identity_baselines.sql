-- Grain: one row a release that the changes of this refresh are told against, and why it is one.
select
    baseline,
    release,
    as_of_date
from {{ source('computed', 'identity_baselines') }}
