-- Grain: one row an as-of date and segment that was active.
-- What could not be judged counts neither for nor against a segment. The rest is everybody less the members, so that all
-- segments cost one pass; squares are summed as decimals, since a sum of doubles depends on the order of rows: wide ones,
-- because a customer of 100,000 a month has a square of eleven digits before the point.
{%- set definitions = segment_definitions() | selectattr('active') | list if execute else [] %}
{%- set limits = scorecard_limits() %}
with active as (
    select
        segment,
        goal_metric
    from {{ ref('segments') }}
    where status = 'active'
),

known as (
    select
        membership.segment,
        sum(
            case
                {%- for one in definitions if one.inputs %}
                when
                    membership.segment = '{{ one.name }}'
                    and (profiles.{{ one.inputs | join(' is null or profiles.') }} is null)
                    then 0
                {%- endfor %}
                when 1 = 1 then 1
            end
        ) as measurable_members
    from {{ ref('segment_membership') }} as membership
    inner join {{ ref('int_customers_profiled') }} as profiles on membership.customer_id = profiles.customer_id
    group by membership.segment
),

quantities as (
    select
        metrics.goal_metric,
        measured.customer_id,
        case metrics.goal_metric
            {%- for metric, quantity in customer_quantities().items() %}
            when '{{ metric }}' then {{ try_cast_to(quantity, 'decimal(15, 4)') }}
            {%- endfor %}
        end as quantity
    from {{ ref('int_customers_measured') }} as measured
    cross join (select distinct goal_metric from active) as metrics
),

of_everybody as (
    select
        goal_metric,
        count(quantity) as answers,
        sum(quantity) as total,
        sum(cast(quantity as decimal(28, 4)) * quantity) as squares
    from quantities
    group by goal_metric
),

of_members as (
    select
        membership.segment,
        count(quantities.quantity) as answers,
        sum(quantities.quantity) as total,
        sum(cast(quantities.quantity as decimal(28, 4)) * quantities.quantity) as squares
    from {{ ref('segment_membership') }} as membership
    inner join active on membership.segment = active.segment
    inner join quantities
        on membership.customer_id = quantities.customer_id and active.goal_metric = quantities.goal_metric
    group by membership.segment
),

compared as (
    select
        of_members.segment,
        cast(of_members.total as double) / nullif(of_members.answers, 0)
        - cast(of_everybody.total - of_members.total as double)
        / nullif(of_everybody.answers - of_members.answers, 0) as difference,
        (
            cast(of_members.squares as double)
            - cast(of_members.total as double) * cast(of_members.total as double) / nullif(of_members.answers, 0)
            + cast(of_everybody.squares - of_members.squares as double)
            - cast(of_everybody.total - of_members.total as double)
            * cast(of_everybody.total - of_members.total as double)
            / nullif(of_everybody.answers - of_members.answers, 0)
        ) / nullif(of_everybody.answers - 2, 0) as pooled_variance,
        cast(of_everybody.squares as double) / of_everybody.answers as mean_square
    from of_members
    inner join active on of_members.segment = active.segment
    inner join of_everybody on active.goal_metric = of_everybody.goal_metric
    where of_members.answers >= 2 and of_everybody.answers - of_members.answers >= 2
),

-- Of whom were members seven days before, by the customer that each is today.
before as (
    select distinct
        stays.segment,
        coalesce(redirects.customer_id, stays.customer_id) as customer_id
    from {{ ref('segment_membership_history') }} as stays
    left join {{ ref('customer_redirects') }} as redirects on stays.customer_id = redirects.retired_customer_id
    where
        {{ days_between('stays.valid_from', as_of_date()) }} >= 7
        and (stays.valid_to is null or {{ days_between('stays.valid_to', as_of_date()) }} < 7)
),

stayed as (
    select
        coalesce(before.segment, membership.segment) as segment,
        count(before.segment) as members_before,
        sum(case when before.segment is not null and membership.segment is not null then 1 else 0 end) as shared
    from before
    full outer join {{ ref('segment_membership') }} as membership
        on before.customer_id = membership.customer_id and before.segment = membership.segment
    group by coalesce(before.segment, membership.segment)
),

-- The newest published day that is seven days back or more. A segment that was not active then says nothing of how
-- stable it is; one that was, and had nobody, does.
day_before as (
    select max(as_of_date) as as_of_date
    from {{ ref('refreshes') }}
    where status = 'published' and {{ days_between('as_of_date', as_of_date()) }} >= 7
),

active_before as (
    select distinct {{ segment_of_today('performance.segment') }} as segment
    from {{ ref('segment_performance') }} as performance
    inner join day_before on performance.as_of_date = day_before.as_of_date
),

summed as (
    select
        membership.segment,
        count(*) as members,
        sum(measured.net_revenue_365d) as net_revenue_365d,
        sum(case when measured.is_reachable then 1 else 0 end) as reachable_members
    from {{ ref('segment_membership') }} as membership
    inner join {{ ref('int_customers_measured') }} as measured on membership.customer_id = measured.customer_id
    group by membership.segment
),

everybody as (
    select
        count(*) as customers,
        sum(net_revenue_365d) as net_revenue_365d
    from {{ ref('int_customers_measured') }}
),

measures as (
    select
        active.segment,
        cast(coalesce(summed.members, 0) as bigint) as members,
        cast(coalesce(summed.members, 0) as double) / nullif(everybody.customers, 0) as member_share,
        cast(known.measurable_members as double) / summed.members as measurable,
        cast(coalesce(summed.net_revenue_365d, 0) as double) / nullif(cast(everybody.net_revenue_365d as double), 0)
            as substantial,
        cast(summed.reachable_members as double) / summed.members as accessible,
        case
            {#- Where everybody is alike there is nothing to divide by; what arithmetic leaves of it is no variance. #}
            when compared.pooled_variance > 0.000000001 * compared.mean_square
                then compared.difference / sqrt(compared.pooled_variance)
        end as differentiable,
        case
            when active_before.segment is not null
                then cast(stayed.shared as double)
                / nullif(stayed.members_before + coalesce(summed.members, 0) - stayed.shared, 0)
        end as stable
    from active
    cross join everybody
    left join summed on active.segment = summed.segment
    left join known on active.segment = known.segment
    left join compared on active.segment = compared.segment
    left join stayed on active.segment = stayed.segment
    left join active_before on active.segment = active_before.segment
),

judged as (
    select
        *,
        measurable < {{ limits.measurable }} as fails_measurable,
        member_share < {{ limits.member_share }} and coalesce(substantial < {{ limits.revenue_share }}, true)
            as fails_substantial,
        accessible < {{ limits.accessible }} as fails_accessible,
        abs(differentiable) < {{ limits.differentiable }} as fails_differentiable,
        stable < {{ limits.stable }} as fails_stable
    from measures
),

counted as (
    select
        *,
        {%- for criterion in ['measurable', 'substantial', 'accessible', 'differentiable', 'stable'] %}
        case when fails_{{ criterion }} then 1 else 0 end{{ ' +' if not loop.last }}
        {%- endfor %} as failed
    from judged
),

today as (
    select
        {{ as_of_date() }} as as_of_date,
        segment,
        measurable,
        members,
        member_share,
        substantial,
        accessible,
        differentiable,
        stable,
        case when members = 0 or failed >= 3 then 'retire' when failed >= 1 then 'watch' else 'keep' end as verdict,
        case
            when members = 0 then 'no members'
            else coalesce(
                nullif(
                    concat_ws(
                        '; ',
                        case
                            when fails_measurable
                                then 'measurable ' || {{ told('measurable') }} || ' is below {{ limits.measurable }}'
                        end,
                        case
                            when fails_substantial
                                then 'substantial: the share of net revenue '
                                || coalesce({{ told('substantial') }}, 'unknown') || ' is below {{ limits.revenue_share }}'
                                || ' and the share of customers ' || {{ told('member_share') }}
                                || ' is below {{ limits.member_share }}'
                        end,
                        {%- for criterion in ['accessible', 'differentiable', 'stable'] %}
                        case
                            when fails_{{ criterion }}
                                then '{{ criterion }} ' || {{ told('abs(' ~ criterion ~ ')') }} || ' is below {{ limits[criterion] }}'
                        end,
                        {%- endfor %}
                        'could not be judged: ' || nullif(
                            concat_ws(
                                ', '
                                {%- for criterion in ['measurable', 'accessible', 'differentiable', 'stable'] %},
                                case when {{ criterion }} is null then '{{ criterion }}' end
                                {%- endfor %}
                            ), ''
                        )
                    ), ''
                ), 'every criterion holds'
            )
        end as reasons
    from counted
)

{{ with_history(
    'today',
    ['as_of_date', 'segment', 'measurable', 'members', 'member_share', 'substantial', 'accessible', 'differentiable',
     'stable', 'verdict', 'reasons']
) }}
