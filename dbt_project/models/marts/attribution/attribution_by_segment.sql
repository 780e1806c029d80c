-- Grain: one row a month, model, segment and channel.
-- Nobody knows which segment an advert was shown to. A conversion of a channel and month costs the same whoever made
-- it: spend is shared over segments by credited conversions, in cents that add up; where there are none it stands at
-- 'none'.
with credits as (
    select
        {{ month_of('converted_on') }} as month,
        model,
        segment,
        channel,
        conversion_type,
        conversions,
        revenue
    from {{ ref('int_credits_summed') }}
),

spent as (
    select
        {{ month_of('spend_date') }} as month,
        channel,
        case when count(spend) = count(*) then sum(spend) end as spend
    from {{ ref('ad_spend_daily') }}
    group by {{ month_of('spend_date') }}, channel
),

shares as (
    select
        *,
        sum(conversions) over (partition by month, model, channel order by segment rows unbounded preceding)
            as conversions_so_far,
        sum(conversions) over (partition by month, model, channel) as conversions_in_all
    from (
        select
            month,
            model,
            segment,
            channel,
            sum(conversions) as conversions
        from credits
        group by month, model, segment, channel
    ) as segments
),

-- Rounded on the way, not at the end: each segment gets what the running total grew by.
spend as (
    select
        spent.month,
        models.model,
        coalesce(shares.segment, 'none') as segment,
        spent.channel,
        case
            when shares.conversions_so_far is null then {{ try_cast_to('spent.spend', 'decimal(18, 2)') }}
            else
                {{ share_of_spend('spent.spend', 'shares.conversions_so_far', 'shares.conversions_in_all') }}
                - {{ share_of_spend(
                    'spent.spend', 'shares.conversions_so_far - shares.conversions', 'shares.conversions_in_all'
                ) }}
        end as spend
    from spent
    cross join {{ attribution_model_rows() }} as models
    left join shares
        on
            spent.month = shares.month
            and models.model = shares.model
            and spent.channel = shares.channel
            and shares.conversions_in_all > 0
)

{{ attribution_figures('credits', 'spend', ['month', 'model', 'segment', 'channel']) }}
