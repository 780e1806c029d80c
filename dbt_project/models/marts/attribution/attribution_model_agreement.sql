-- Grain: one row a channel that touched somebody before a conversion.
-- Where the models agree, a share is what it is; where they do not, the answer depends on the model that was chosen.
with credited as (
    select
        channel,
        {%- for model in attribution_models() %}
        sum(case when model = '{{ model }}' then conversions else 0 end) as {{ model }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_credits_summed') }}
    group by channel
),

shares as (
    select
        channel,
        {%- for model in attribution_models() %}
        round(cast({{ model }} as double) / cast(sum({{ model }}) over () as double), 12)
            as share_{{ model }}{{ ',' if not loop.last }}
        {%- endfor %}
    from credited
),

ranked as (
    select
        *,
        {%- for model in attribution_models() %}
        cast(rank() over (order by share_{{ model }} desc) as bigint) as rank_{{ model }},
        {%- endfor %}
        greatest(
            {%- for model in attribution_models() %}
            share_{{ model }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as highest_share,
        least(
            {%- for model in attribution_models() %}
            share_{{ model }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as lowest_share
    from shares
)

select
    channel,
    {%- for model in attribution_models() %}
    share_{{ model }},
    {%- endfor %}
    highest_share - lowest_share as spread,
    case highest_share
        {%- for model in attribution_models() %}
        when share_{{ model }} then '{{ model }}'
        {%- endfor %}
    end as highest_model,
    case lowest_share
        {%- for model in attribution_models() %}
        when share_{{ model }} then '{{ model }}'
        {%- endfor %}
    end as lowest_model,
    {%- for model in attribution_models() %}
    rank_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
from ranked
