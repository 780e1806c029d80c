-- The seed is edited by people: all 125 cells are there, once, under their own name and one of the eleven segments.
with scores as (
    select listed.score
    from (values (1), (2), (3), (4), (5)) as listed (score)
),

expected as (
    select
        recency.score as r_score,
        frequency.score as f_score,
        monetary.score as m_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary
),

named as (
    select
        r_score,
        f_score,
        m_score,
        count(*) as names,
        min(rfm_cell) as rfm_cell,
        count(
            case
                when rfm_segment in (
                    'champions', 'loyal', 'potential_loyalist', 'new', 'promising', 'need_attention',
                    'about_to_sleep', 'at_risk', 'cannot_lose', 'hibernating', 'lost'
                ) then 1
            end
        ) as known_names
    from {{ ref('rfm_segments') }}
    group by r_score, f_score, m_score
)

select
    expected.r_score,
    expected.f_score,
    expected.m_score,
    named.names,
    named.known_names,
    named.rfm_cell
from expected
full outer join named
    on
        expected.r_score = named.r_score
        and expected.f_score = named.f_score
        and expected.m_score = named.m_score
where
    expected.r_score is null
    or named.names is null
    or named.names <> 1
    or named.known_names <> 1
    or named.rfm_cell is null
    or named.rfm_cell <> cast(expected.r_score as string)
    || cast(expected.f_score as string)
    || cast(expected.m_score as string)
