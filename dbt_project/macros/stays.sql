{#
  The rest of a query that begins with a CTE of today's holders, one row a key, and gives all stays: what schema history
  keeps, with this as-of date taken out and today's holders in its place. So a day that is refreshed again, a past one
  too, leaves what the sequence of published days would have given with it. Only stays that touch the day are worked on.

  A stay runs from valid_from, the first published day on which it held, until valid_to, the first on which it no longer
  did; null while it holds on the newest day that history knows. Stays of one key neither overlap nor touch.

  today: the CTE. keys: its columns. segment: the one of them that holds a segment, whose former name is read as its own.
#}
{% macro stays(today, keys, segment='segment') -%}
    {%- set kept = kept_history() -%}
, stays_next as (
    select min(as_of_date) as next_date
    from {{ ref('refreshes') }}
    where status = 'published' and as_of_date > {{ as_of_date() }}
)
    {%- if not kept %}

select
    {{ prefixed('today', keys) }},
    {{ as_of_date() }} as valid_from,
    stays_next.next_date as valid_to
from {{ today }} as today
cross join stays_next
    {%- else %}
, stays_kept as (
    {{ stays_under_todays_names(kept.relation, keys, segment) }}
)

, stays_marked as (
    select
        {{ prefixed('kept', keys) }},
        kept.valid_from,
        kept.valid_to,
        stays_next.next_date,
        (kept.valid_to is null or kept.valid_to >= {{ as_of_date() }})
        and (stays_next.next_date is null or kept.valid_from <= stays_next.next_date) as is_touching,
        {#- Whether it holds on the next day, from which it goes on whatever today says. #}
        stays_next.next_date is not null
        and kept.valid_from <= stays_next.next_date
        and (kept.valid_to is null or kept.valid_to > stays_next.next_date) as goes_on
    from stays_kept as kept
    cross join stays_next
)

, stays_around as (
    select
        {{ keys | join(',\n        ') }},
        min(case when valid_from < {{ as_of_date() }} then valid_from end) as began_on,
        max(case when goes_on then next_date end) as goes_on_from,
        max(case when goes_on then valid_to end) as goes_on_until
    from stays_marked
    where is_touching
    group by {{ keys | join(', ') }}
)

select
    {{ keys | join(',\n    ') }},
    valid_from,
    valid_to
from stays_marked
where not is_touching
union all
select
    {{ prefixed('today', keys) }},
    coalesce(around.began_on, {{ as_of_date() }}) as valid_from,
    case when around.goes_on_from is not null then around.goes_on_until else stays_next.next_date end as valid_to
from {{ today }} as today
cross join stays_next
left join stays_around as around on {{ same_keys('today', 'around', keys) }}
union all
select
    {{ prefixed('around', keys) }},
    around.began_on as valid_from,
    {{ as_of_date() }} as valid_to
from stays_around as around
left join {{ today }} as today on {{ same_keys('around', 'today', keys) }}
where today.{{ keys[0] }} is null and around.began_on is not null
union all
select
    {{ prefixed('around', keys) }},
    around.goes_on_from as valid_from,
    around.goes_on_until as valid_to
from stays_around as around
left join {{ today }} as today on {{ same_keys('around', 'today', keys) }}
where today.{{ keys[0] }} is null and around.goes_on_from is not null
    {%- endif %}
{%- endmacro %}

{#
  The stays of a relation with former names of segments read as those of today (renamed_from in their meta). What a
  segment held under both names at once, or one after the other, is one stay.
#}
{% macro stays_under_todays_names(relation, keys, segment) -%}
    {%- set renamed = renamed_segments() -%}
    {%- set columns = keys + ['valid_from', 'valid_to'] -%}
    {%- if not renamed %}
    select
        {{ columns | join(',\n        ') }}
    from {{ relation }}
    {%- else -%}
    {%- set names = "'" ~ ((renamed.keys() | list) + (renamed.values() | list)) | join("', '") ~ "'" -%}
    {%- set window = 'partition by ' ~ keys | join(', ') ~ ' order by valid_from, ends_on' -%}
    select
        {{ columns | join(',\n        ') }}
    from {{ relation }}
    where {{ segment }} not in ({{ names }})
    union all
    select
        {{ keys | join(',\n        ') }},
        min(valid_from) as valid_from,
        case when count(valid_to) = count(*) then max(valid_to) end as valid_to
    from (
        select
            *,
            sum(case when valid_from <= ended_on then 0 else 1 end) over (
                {{ window }} rows between unbounded preceding and current row
            ) as stay_number
        from (
            select
                *,
                max(ends_on) over ({{ window }} rows between unbounded preceding and 1 preceding) as ended_on
            from (
                select
                    {%- for key in keys %}
                    {% if key == segment %}{{ segment_of_today(segment) }} as {{ segment }}{% else %}{{ key }}{% endif %},
                    {%- endfor %}
                    valid_from,
                    valid_to,
                    coalesce(valid_to, cast('9999-12-31' as date)) as ends_on
                from {{ relation }}
                where {{ segment }} in ({{ names }})
            ) as renamed
        ) as followed
    ) as numbered
    group by {{ keys | join(', ') }}, stay_number
    {%- endif %}
{%- endmacro %}

{# The name that a segment of an earlier day has today. #}
{% macro segment_of_today(expression) -%}
    {%- set renamed = renamed_segments() -%}
    {%- if renamed -%}
    case {{ expression }}
        {%- for former, name in renamed.items() %}
        when '{{ former }}' then '{{ name }}'
        {%- endfor %}
        else {{ expression }}
    end
    {%- else -%}
    {{ expression }}
    {%- endif -%}
{%- endmacro %}

{# Names of today by former name, of the segments whose meta says renamed_from. #}
{% macro renamed_segments() -%}
    {%- set renamed = {} -%}
    {%- if execute -%}
        {%- for definition in segment_definitions() if definition.get('renamed_from') -%}
            {%- do renamed.update({definition.renamed_from: definition.name}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(renamed) }}
{%- endmacro %}

{# Columns of a relation, comma-separated. #}
{% macro prefixed(relation, columns) -%}
    {{ relation }}.{{ columns | join(',\n    ' ~ relation ~ '.') }}
{%- endmacro %}

{# Whether two relations have the same keys. #}
{% macro same_keys(left, right, keys) -%}
    {%- for key in keys -%}
    {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
