-- Grain: one row a baseline release, customer of today and former customer that it differs from, or a new customer.
-- Identifiers tell who became whom: ids follow the earliest identifier and change without anybody moving. Of a former
-- customer's identifiers, its heir holds the most (the one that kept its id before any other); whoever else holds some
-- came out of it by a split. An heir that is mainly another former customer has absorbed it: a merge.
with today as (
    select
        identifier_type,
        identifier_hash,
        customer_id,
        source,
        node_id,
        part_id
    from {{ ref('int_identifiers_resolved') }}
),

former as (
    select
        release,
        identifier_type,
        identifier_hash,
        customer_id,
        match_type
    from {{ ref('stg_computed__identity_before') }}
),

kept as (
    select
        former.release,
        former.customer_id as from_customer_id,
        today.customer_id as to_customer_id,
        count(*) as identifier_count,
        min(former.match_type) as least_match_type,
        max(former.match_type) as greatest_match_type
    from former
    inner join today
        on former.identifier_type = today.identifier_type and former.identifier_hash = today.identifier_hash
    group by former.release, former.customer_id, today.customer_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by release, from_customer_id
            order by
                case when to_customer_id = from_customer_id then 0 else 1 end asc, identifier_count desc,
                to_customer_id asc
        ) as heir_rank,
        row_number() over (
            partition by release, to_customer_id
            order by
                case when to_customer_id = from_customer_id then 0 else 1 end asc, identifier_count desc,
                from_customer_id asc
        ) as origin_rank
    from kept
),

moved as (
    select
        *,
        case when heir_rank > 1 then 'split' else 'merged' end as effect
    from ranked
    where heir_rank > 1 or origin_rank > 1
),

created as (
    select
        releases.release,
        today.customer_id,
        {{ value_of_least('today.source', ['today.node_id']) }} as source
    from (select distinct release from {{ ref('stg_computed__identity_baselines') }}) as releases
    cross join today
    left join (select distinct release, to_customer_id from kept) as known
        on releases.release = known.release and today.customer_id = known.to_customer_id
    where known.to_customer_id is null
    group by releases.release, today.customer_id
),

-- What follows looks at the records of customers that took part in a change, which are few.
touched as (
    select
        ranked.release,
        ranked.to_customer_id as customer_id
    from ranked
    inner join (select distinct release, from_customer_id from moved) as changed
        on ranked.release = changed.release and ranked.from_customer_id = changed.from_customer_id
    union
    select
        release,
        to_customer_id as customer_id
    from moved
),

carried as (
    select
        touched.release,
        records.record_key,
        records.record_count,
        today.customer_id,
        former.customer_id as former_customer_id,
        {{ identifier_type_order('today.identifier_type') }} as type_order,
        today.node_id
    from {{ ref('int_identity_records_noded') }} as records
    inner join today on records.node_id = today.node_id
    inner join touched on today.customer_id = touched.customer_id
    left join former
        on
            touched.release = former.release
            and today.identifier_type = former.identifier_type
            and today.identifier_hash = former.identifier_hash
),

-- A record belongs to the customer of its first identifier, by type: as int_records_resolved has it.
owned as (
    select
        release,
        record_key,
        max(record_count) as record_count,
        {{ value_of_least(
            'former_customer_id',
            ['case when former_customer_id is null then 1 else 0 end', 'type_order', 'node_id']
        ) }} as from_customer_id,
        {{ value_of_least('customer_id', ['type_order', 'node_id']) }} as to_customer_id
    from carried
    group by release, record_key
),

records_moved as (
    select
        release,
        from_customer_id,
        to_customer_id,
        sum(record_count) as records_moved,
        sum(case when {{ regex_matches('record_key', '^[a-z0-9_]+:orders:') }} then record_count else 0 end)
            as orders_moved
    from owned
    where from_customer_id <> to_customer_id
    group by release, from_customer_id, to_customer_id
),

-- A record that carries identifiers of a former customer and others joins it to them: to another former customer, or to
-- what nobody was known by.
sides as (
    select
        release,
        record_key,
        customer_id,
        former_customer_id,
        max(record_count) as record_count
    from carried
    group by release, record_key, customer_id, former_customer_id
),

joining as (
    select
        sides.release,
        sides.former_customer_id as from_customer_id,
        sides.customer_id as to_customer_id,
        {{ regex_extract('sides.record_key', '^[a-z0-9_]+') }} as source,
        sum(case when counted.former_count > 1 then sides.record_count else 0 end) as direct_count,
        sum(sides.record_count) as record_count
    from sides
    inner join (
        select
            release,
            record_key,
            customer_id,
            count(former_customer_id) as former_count,
            count(*) as side_count
        from sides
        group by release, record_key, customer_id
    ) as counted
        on
            sides.release = counted.release
            and sides.record_key = counted.record_key
            and sides.customer_id = counted.customer_id
    where counted.side_count > 1 and sides.former_customer_id is not null
    group by sides.release, sides.former_customer_id, sides.customer_id, source
),

joined_by_records as (
    select
        release,
        from_customer_id,
        to_customer_id,
        case
            when sum(direct_count) > 0 then
                'records carry identifiers of both: '
                || {{ text_list("case when direct_count > 0 then source || ' ' || cast(direct_count as string) end") }}
            else
                'new identifiers lead from one to the other, by records: '
                || {{ text_list("source || ' ' || cast(record_count as string)") }}
        end as cause
    from joining
    group by release, from_customer_id, to_customer_id
),

-- The parts that a former customer's identifiers are in today, and how many former customers a part holds.
parts as (
    select
        former.release,
        former.customer_id as from_customer_id,
        today.customer_id as to_customer_id,
        today.part_id
    from former
    inner join today
        on former.identifier_type = today.identifier_type and former.identifier_hash = today.identifier_hash
    inner join (select distinct release, to_customer_id from moved where effect = 'merged') as merged
        on former.release = merged.release and today.customer_id = merged.to_customer_id
    group by former.release, former.customer_id, today.customer_id, today.part_id
),

joined_inside_a_part as (
    select
        parts.release,
        parts.from_customer_id,
        parts.to_customer_id
    from parts
    inner join (
        select
            release,
            part_id
        from parts
        group by release, part_id
        having count(*) > 1
    ) as shared
        on parts.release = shared.release and parts.part_id = shared.part_id
    group by parts.release, parts.from_customer_id, parts.to_customer_id
),

rules as (
    select
        rules.rule_number,
        rules.rule,
        rules.author,
        rules.reason,
        left_nodes.customer_id as left_customer_id,
        right_nodes.customer_id as right_customer_id,
        left_nodes.part_id as left_part_id,
        right_nodes.part_id as right_part_id
    from {{ ref('stg_computed__steward_rules') }} as rules
    inner join today as left_nodes on rules.left_node_id = left_nodes.node_id
    inner join today as right_nodes on rules.right_node_id = right_nodes.node_id
    where rules.status = 'in_effect'
),

links as (
    select
        left_part_id,
        right_part_id,
        rule_number,
        cast(null as double) as match_probability
    from rules
    where rule = 'force_link'
    union all
    select
        left_part_id,
        right_part_id,
        cast(null as bigint) as rule_number,
        match_probability
    from {{ ref('stg_computed__identity_links') }}
    where match_type = 'probabilistic'
),

joined_by_links as (
    select
        parts.release,
        parts.from_customer_id,
        parts.to_customer_id,
        max(links.rule_number) as rule_number,
        max(links.match_probability) as match_probability
    from parts
    inner join (
        select
            left_part_id as part_id,
            right_part_id as other_part_id,
            rule_number,
            match_probability
        from links
        union all
        select
            right_part_id as part_id,
            left_part_id as other_part_id,
            rule_number,
            match_probability
        from links
    ) as links
        on parts.part_id = links.part_id
    left join parts as own
        on
            parts.release = own.release
            and parts.from_customer_id = own.from_customer_id
            and parts.to_customer_id = own.to_customer_id
            and links.other_part_id = own.part_id
    where own.part_id is null
    group by parts.release, parts.from_customer_id, parts.to_customer_id
),

-- Pairs of customers that a decision keeps apart, by its two identifiers or by an edge that it cut; both ways round.
kept_apart as (
    select
        left_customer_id as customer_id,
        right_customer_id as other_customer_id,
        rule_number
    from rules
    where rule = 'do_not_link'
    union
    select
        right_customer_id as customer_id,
        left_customer_id as other_customer_id,
        rule_number
    from rules
    where rule = 'do_not_link'
    union
    select
        left_nodes.customer_id,
        right_nodes.customer_id as other_customer_id,
        cuts.rule_number
    from {{ ref('stg_computed__identity_cuts') }} as cuts
    inner join today as left_nodes on cuts.left_node_id = left_nodes.node_id
    inner join today as right_nodes on cuts.right_node_id = right_nodes.node_id
    union
    select
        right_nodes.customer_id,
        left_nodes.customer_id as other_customer_id,
        cuts.rule_number
    from {{ ref('stg_computed__identity_cuts') }} as cuts
    inner join today as left_nodes on cuts.left_node_id = left_nodes.node_id
    inner join today as right_nodes on cuts.right_node_id = right_nodes.node_id
),

parted_by_rules as (
    select
        moved.release,
        moved.from_customer_id,
        moved.to_customer_id,
        max(kept_apart.rule_number) as rule_number
    from moved
    inner join kept_apart on moved.to_customer_id = kept_apart.customer_id
    inner join kept
        on
            moved.release = kept.release
            and moved.from_customer_id = kept.from_customer_id
            and kept_apart.other_customer_id = kept.to_customer_id
    where moved.effect = 'split' and kept_apart.customer_id <> kept_apart.other_customer_id
    group by moved.release, moved.from_customer_id, moved.to_customer_id
),

-- Identifiers of a former customer that nobody has today.
lost as (
    select
        release,
        from_customer_id,
        {{ text_list("case when reason is not null then identifier_type || ' (' || reason || ')' end") }} as suppressed,
        {{ text_list("case when reason is null then identifier_type end") }} as vanished
    from (
        select distinct
            former.release,
            former.customer_id as from_customer_id,
            former.identifier_type,
            suppressed.reason
        from former
        inner join (select distinct release, from_customer_id from moved where effect = 'split') as split
            on former.release = split.release and former.customer_id = split.from_customer_id
        left join today
            on former.identifier_type = today.identifier_type and former.identifier_hash = today.identifier_hash
        left join {{ ref('identity_suppressed') }} as suppressed
            on
                former.identifier_type = suppressed.identifier_type
                and former.identifier_hash = suppressed.identifier_hash
        where today.identifier_hash is null
    ) as gone
    group by release, from_customer_id
),

explained as (
    select
        moved.release,
        moved.effect,
        moved.from_customer_id,
        moved.to_customer_id,
        case
            when moved.effect = 'split' then parted_by_rules.rule_number
            when joined_inside_a_part.release is null then joined_by_links.rule_number
        end as rule_number,
        case
            when moved.effect = 'merged' and joined_inside_a_part.release is null
                and joined_by_links.match_probability is not null
                then
                    'probabilistic link, p = '
                    || cast(cast(joined_by_links.match_probability as decimal(9, 4)) as string)
            when moved.effect = 'merged'
                then coalesce(joined_by_records.cause, 'a chain of links leads from one to the other')
            when moved.least_match_type = 'probabilistic' and moved.greatest_match_type = 'probabilistic'
                then 'the probabilistic link that joined them no longer holds'
            when moved.least_match_type = 'steward' and moved.greatest_match_type = 'steward'
                then 'the steward''s decision that joined them no longer stands'
            when lost.suppressed is not null then 'nobody is merged any more on: ' || lost.suppressed
            when lost.vanished is not null then 'corrected: no record carries any more: ' || lost.vanished
            else 'corrected: no record joins them any more'
        end as cause
    from moved
    left join joined_by_records
        on
            moved.release = joined_by_records.release
            and moved.from_customer_id = joined_by_records.from_customer_id
            and moved.to_customer_id = joined_by_records.to_customer_id
    left join joined_inside_a_part
        on
            moved.release = joined_inside_a_part.release
            and moved.from_customer_id = joined_inside_a_part.from_customer_id
            and moved.to_customer_id = joined_inside_a_part.to_customer_id
    left join joined_by_links
        on
            moved.release = joined_by_links.release
            and moved.from_customer_id = joined_by_links.from_customer_id
            and moved.to_customer_id = joined_by_links.to_customer_id
    left join parted_by_rules
        on
            moved.release = parted_by_rules.release
            and moved.from_customer_id = parted_by_rules.from_customer_id
            and moved.to_customer_id = parted_by_rules.to_customer_id
    left join lost
        on moved.release = lost.release and moved.from_customer_id = lost.from_customer_id
)

select
    explained.release,
    explained.to_customer_id as customer_id,
    case when rules.rule_number is not null then 'steward' else explained.effect end as change,
    explained.effect,
    explained.from_customer_id,
    explained.to_customer_id,
    case
        when rules.rule_number is not null then
            'decision ' || cast(rules.rule_number as string) || ', ' || rules.rule
            || coalesce(' by ' || {{ mask_identifiers('rules.author') }}, '')
            || coalesce(': ' || {{ mask_identifiers('rules.reason') }}, '')
        else explained.cause
    end as cause,
    cast(coalesce(records_moved.records_moved, 0) as bigint) as records_moved,
    cast(coalesce(records_moved.orders_moved, 0) as bigint) as orders_moved
from explained
left join rules on explained.rule_number = rules.rule_number
left join records_moved
    on
        explained.release = records_moved.release
        and explained.from_customer_id = records_moved.from_customer_id
        and explained.to_customer_id = records_moved.to_customer_id
union all
select
    release,
    customer_id,
    'created' as change,
    'created' as effect,
    cast(null as string) as from_customer_id,
    customer_id as to_customer_id,
    'first seen in ' || source as cause,
    cast(0 as bigint) as records_moved,
    cast(0 as bigint) as orders_moved
from created
