-- Grain: one row a customer with a ticket, an answer to a survey or a loyalty membership.
-- A score without a time counts as the oldest; points that no export can mean are unknown, not a failed build.
with tickets as (
    select
        records.customer_id,
        lower({{ trim_white_space('tickets.satisfaction_score') }}) as satisfaction_score
    from {{ ref('stg_zendesk__tickets') }} as tickets
    inner join {{ ref('int_records_resolved') }} as records
        on records.source = 'zendesk' and records.record_type = 'users' and tickets.zendesk_id = records.record_id
    where {{ is_on_last_days(reporting_date('tickets.created_at'), 365) }}
),

responses as (
    select
        customer_id,
        survey,
        score,
        row_number() over (
            partition by customer_id, survey
            order by submitted_at desc nulls last, response_id desc
        ) as position
    from (
        select
            records.customer_id,
            lower({{ trim_white_space('responses.survey') }}) as survey,
            responses.score,
            responses.submitted_at,
            responses.response_id
        from {{ ref('stg_survey__responses') }} as responses
        inner join {{ ref('int_records_resolved') }} as records
            on
                records.source = 'survey'
                and records.record_type = 'responses'
                and responses.response_id = records.record_id
        where responses.score is not null
    ) as scored
),

points as (
    select
        records.customer_id,
        coalesce(sum(transactions.points), 0) as points
    from {{ ref('int_records_resolved') }} as records
    left join {{ ref('stg_loyalty__point_transactions') }} as transactions
        on records.record_id = transactions.loyalty_id
    where records.source = 'loyalty' and records.record_type = 'members'
    group by records.customer_id
),

services as (
    select
        customer_id,
        count(*) as tickets,
        sum(case when satisfaction_score = 'bad' then 1 else 0 end) as bad_ratings,
        cast(null as double) as nps,
        cast(null as double) as csat,
        cast(null as bigint) as points
    from tickets
    group by customer_id
    union all
    select
        customer_id,
        0 as tickets,
        0 as bad_ratings,
        case when survey = 'nps' then cast(score as double) end as nps,
        case when survey = 'csat' then cast(score as double) end as csat,
        cast(null as bigint) as points
    from responses
    where position = 1 and survey in ('nps', 'csat')
    union all
    select
        customer_id,
        0 as tickets,
        0 as bad_ratings,
        cast(null as double) as nps,
        cast(null as double) as csat,
        {{ try_cast_to('points', 'bigint') }} as points
    from points
)

select
    customer_id,
    cast(sum(tickets) as bigint) as tickets_365d,
    cast(sum(bad_ratings) as bigint) as bad_ratings_365d,
    max(nps) as nps_last,
    max(csat) as csat_last,
    max(points) as loyalty_points
from services
group by customer_id
