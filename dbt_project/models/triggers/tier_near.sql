-- Grain: one row a transaction that brings a member's points near the next tier.
-- Exports name tiers and no thresholds: vars.loyalty_tiers has them. Near is the last part of the step from one tier to the
-- next. A tier whose threshold the member has once reached is not ahead any more, whatever was spent since.
with balances as (
    select
        loyalty_id,
        point_transaction_id,
        occurred_at,
        points,
        sum(points) over (
            partition by loyalty_id order by occurred_at, point_transaction_id
            rows between unbounded preceding and current row
        ) as balance
    from {{ ref('stg_loyalty__point_transactions') }}
),

beside_the_past as (
    select
        *,
        max(balance) over (
            partition by loyalty_id order by occurred_at, point_transaction_id
            rows between unbounded preceding and current row
        ) as highest_balance
    from balances
),

judged as (
    select
        *,
        case
            {%- for step in tier_steps() %}
            when highest_balance < {{ step.points }} then '{{ step.tier }}'
            {%- endfor %}
        end as next_tier,
        case
            {%- for step in tier_steps() %}
            when highest_balance < {{ step.points }} then {{ step.points }}
            {%- endfor %}
        end as next_points,
        case
            {%- for step in tier_steps() %}
            when highest_balance < {{ step.points }} then {{ step.near_from }}
            {%- endfor %}
        end as near_from
    from beside_the_past
)

select
    members.customer_id,
    judged.occurred_at as fired_at,
    cast(judged.balance as string) || ' points on ' || cast({{ reporting_date('judged.occurred_at') }} as string)
    || ', ' || cast(judged.next_points - judged.balance as string) || ' short of ' || judged.next_tier as evidence
from judged
inner join {{ ref('int_records_resolved') }} as members
    on
        members.source = 'loyalty'
        and members.record_type = 'members'
        and judged.loyalty_id = members.record_id
where
    judged.points > 0
    and judged.balance >= judged.near_from
    and judged.balance - judged.points < judged.near_from
