-- Grain: one row a decision of a steward, as a line of the seed says it.
-- The same line twice is one decision. A side whose identifier nobody has, or nobody is merged on, has no node.
with decisions as (
    select
        lower({{ trim_white_space('rule') }}) as rule,
        lower({{ trim_white_space('left_type') }}) as left_type,
        lower({{ trim_white_space('left_hash') }}) as left_hash,
        lower({{ trim_white_space('right_type') }}) as right_type,
        lower({{ trim_white_space('right_hash') }}) as right_hash,
        author,
        reason,
        {{ trim_white_space('decided_at') }} as written_at
    from {{ ref('steward_links') }}
    group by 1, 2, 3, 4, 5, author, reason, 8
),

dated as (
    select
        *,
        {{ utc_time('written_at') }} as decided_at
    from decisions
),

numbered as (
    select
        *,
        row_number() over (
            order by
                decided_at asc nulls first, rule asc, left_type asc nulls first, left_hash asc nulls first,
                right_type asc nulls first, right_hash asc nulls first, author asc nulls first, reason asc nulls first
        ) as rule_number
    from dated
)

select
    numbered.rule_number,
    numbered.rule,
    left_nodes.node_id as left_node_id,
    right_nodes.node_id as right_node_id,
    numbered.author,
    numbered.reason,
    numbered.decided_at,
    case
        when numbered.rule is null or numbered.rule not in ('force_link', 'do_not_link') then 'unknown_rule'
        when numbered.decided_at is null and numbered.written_at <> '' then 'unknown_time'
        when left_nodes.node_id is null or right_nodes.node_id is null then 'unknown_identifier'
        when left_nodes.node_id = right_nodes.node_id then 'same_identifier'
        else 'usable'
    end as usability
from numbered
left join {{ ref('int_identity_nodes_numbered') }} as left_nodes
    on numbered.left_type = left_nodes.identifier_type and numbered.left_hash = left_nodes.identifier_hash
left join {{ ref('int_identity_nodes_numbered') }} as right_nodes
    on numbered.right_type = right_nodes.identifier_type and numbered.right_hash = right_nodes.identifier_hash
