-- Grain: one row a segment that has a file, drafts and retired ones too.
{%- set definitions = segment_definitions() if execute else [] %}
with defined as (
    {%- for one in definitions %}
    select
        {{ text_literal(one.name) }} as segment,
        {{ text_literal(one.description) }} as description,
        {{ text_literal(one.owner) }} as owner,
        {{ text_literal(one.goal_metric) }} as goal_metric,
        {{ one.goal_target }} as goal_target,
        {{ text_literal(one.goal_direction) }} as goal_direction,
        {{ text_literal(one.goal_due_on) }} as goal_due_on,
        {{ text_literal(one.positioning) }} as positioning,
        {{ text_literal(one.price_tier) }} as price_tier,
        {{ text_literal(one.channel_mix | join(', ')) }} as channel_mix,
        {{ text_literal(one.key_metrics | join(', ')) }} as key_metrics,
        {{ text_literal(one.action_plan | join('; ')) }} as action_plan,
        {{ one.priority }} as priority,
        {{ text_literal(one.status) }} as status,
        {{ text_literal(one.review_due_on) }} as review_due_on,
        {{ text_literal(one.renamed_from) }} as renamed_from,
        {{ text_literal(one.rule) }} as rule,
        {{ text_literal(one.inputs | join(', ')) }} as rule_inputs,
        {{ text_literal(one.file) }} as file
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- if not definitions %}
    select
        {%- for column in [
            'segment', 'description', 'owner', 'goal_metric', 'goal_target', 'goal_direction', 'goal_due_on', 'positioning',
            'price_tier', 'channel_mix', 'key_metrics', 'action_plan', 'priority', 'status', 'review_due_on', 'renamed_from',
            'rule', 'rule_inputs', 'file'
        ] %}
        cast(null as string) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where 1 = 0
    {%- endif %}
),

sized as (
    select
        segment,
        count(*) as size
    from {{ ref('segment_membership') }}
    group by segment
),

everybody as (
    select count(*) as customers
    from {{ ref('int_customers_described') }}
)

select
    defined.segment,
    defined.description,
    defined.owner,
    defined.goal_metric,
    cast(defined.goal_target as double) as goal_target,
    defined.goal_direction,
    cast(defined.goal_due_on as date) as goal_due_on,
    defined.positioning,
    defined.price_tier,
    defined.channel_mix,
    defined.key_metrics,
    defined.action_plan,
    cast(defined.priority as bigint) as priority,
    defined.status,
    cast(defined.review_due_on as date) as review_due_on,
    defined.renamed_from,
    cast(coalesce(sized.size, 0) as bigint) as size,
    cast(coalesce(sized.size, 0) as double) / nullif(everybody.customers, 0) as share,
    defined.rule,
    defined.rule_inputs,
    defined.file
from defined
cross join everybody
left join sized on defined.segment = sized.segment
