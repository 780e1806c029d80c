-- Grain: one row a device that never signed in and is linked to a customer.
-- A device is one customer's, or nobody's who is known, so its candidates share one probability: in a household where
-- two people fit alike neither reaches the threshold.
{%- set contexts = [
    'ip_address', 'user_agent', 'locale', 'timezone', 'product_interest', 'time_proximity'
] %}
with weighed as (
    select
        compared.anonymous_id,
        compared.customer_id,
        {%- for context in contexts %}
        compared.{{ context }},
        cast(coalesce({{ context }}_weights.weight, 0) as decimal(8, 3)) as {{ context }}_weight
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_device_links_compared') }} as compared
    {%- for context in contexts %}
    left join {{ ref('device_link_weights') }} as {{ context }}_weights
        on {{ context }}_weights.context = '{{ context }}' and compared.{{ context }} = {{ context }}_weights.outcome
    {%- endfor %}
),

scored as (
    select
        weighed.*,
        {#- Bounded, so that no weight that a person enters overflows; decimal, so that a sum has no order. #}
        cast(
            exp(
                cast(
                    greatest(
                        least(
                            {%- for context in contexts %}
                            {{ '+ ' if not loop.first }}{{ context }}_weight
                            {%- endfor %},
                            30
                        ),
                        -30
                    ) as double
                )
            ) as decimal(38, 12)
        ) as odds
    from weighed
),

totals as (
    select
        anonymous_id,
        count(*) as candidate_count,
        sum(odds) as odds
    from scored
    group by anonymous_id
),

ranked as (
    select
        scored.*,
        totals.candidate_count,
        cast(scored.odds as double) / (1 + cast(totals.odds as double)) as probability,
        cast(
            coalesce(
                lead(scored.odds) over (
                    partition by scored.anonymous_id order by scored.odds desc, scored.customer_id asc
                ),
                0
            ) as double
        ) / (1 + cast(totals.odds as double)) as next_probability,
        row_number() over (
            partition by scored.anonymous_id order by scored.odds desc, scored.customer_id asc
        ) as candidate_rank
    from scored
    inner join totals on scored.anonymous_id = totals.anonymous_id
)

select
    anonymous_id,
    customer_id,
    round(probability, 6) as match_probability,
    '{'
    {%- for context in contexts %}
    || '"{{ context }}": {"outcome": "' || {{ context }}
    || '", "weight": ' || cast({{ context }}_weight as string) || '}, '
    {%- endfor %}
    || '"candidates": ' || cast(candidate_count as string) || '}' as evidence
from ranked
where
    candidate_rank = 1
    and round(probability, 6) >= {{ var('device_link_threshold') }}
    and round(probability - next_probability, 6) >= {{ var('device_link_lead') }}
