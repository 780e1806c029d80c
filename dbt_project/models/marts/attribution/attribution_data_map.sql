-- Grain: one row a figure column of attribution and step.
-- A step is a query that anybody can run. Each reads one table more, down to the exports, keeps what it finds there, and
-- gives the same figure again: had a row behind it no row in that table, the sum would fall short. A test runs them all.
with models (model) as (
    values
    {%- for model in attribution_models() %}
    ('{{ model }}'){{ ',' if not loop.last }}
    {%- endfor %}
),

-- What a step reads, by a level: as much of it is joined as the step needs.
sources (family, level, from_text) as (
    values
    ('credits', 1, 'marts.attribution_credits as credits'),
    ('credits', 2, 'marts.attribution_credits as credits
inner join marts.touchpoints as touches on credits.touchpoint_id = touches.touchpoint_id'),
    ('credits', 3, 'marts.attribution_credits as credits
inner join marts.conversions as conversions on credits.conversion_id = conversions.conversion_id'),
    ('credits', 4, 'marts.attribution_credits as credits
inner join marts.conversions as conversions on credits.conversion_id = conversions.conversion_id
left join marts.orders as orders on conversions.order_id = orders.order_id'),
    ('segments', 1, '(
    select *, conversions as credit, revenue as credited_revenue from intermediate.int_credits_summed
) as credits'),
    ('segments', 2, '(
    select given.*, coalesce(held.segment, ''none'') as segment
    from marts.attribution_credits as given
    left join (
        select
            conversions.conversion_id,
            min_by(stays.segment, (redirects.customer_id is not null, stays.customer_id)) as segment
        from intermediate.int_primary_segments_held as stays
        left join marts.customer_redirects as redirects on stays.customer_id = redirects.retired_customer_id
        inner join marts.conversions as conversions
            on conversions.customer_id = coalesce(redirects.customer_id, stays.customer_id)
            and conversions.converted_on >= stays.valid_from
            and conversions.converted_on < coalesce(stays.valid_to, date ''9999-12-31'')
        group by conversions.conversion_id
    ) as held on given.conversion_id = held.conversion_id
) as credits'),
    ('booked', 3, 'marts.conversions as conversions
cross join (select distinct model from marts.attribution_reconciliation) as models'),
    ('booked', 4, 'marts.conversions as conversions
cross join (select distinct model from marts.attribution_reconciliation) as models
left join marts.orders as orders on conversions.order_id = orders.order_id'),
    ('spend', 1, 'marts.ad_spend_daily as spend
cross join (select distinct model from marts.attribution_by_channel) as models'),
    ('channels', 1, 'marts.attribution_by_channel as channels')
),

-- Purchases alone earn: a step with needs_all says nothing of revenue.
steps (family, place, level, needs_all, reads_table, reads_columns, joined_by, kept) as (
    values
    ('credits', 1, 1, false, 'marts.attribution_credits', 'credit, credited_revenue', 'the columns of compared_by', null),
    (
        'credits', 2, 2, false, 'marts.touchpoints', 'channel, source, medium, campaign, touched_at',
        'touchpoints.touchpoint_id = attribution_credits.touchpoint_id',
        'touches.channel = credits.channel and touches.customer_id = credits.customer_id'
    ),
    (
        'credits', 3, 2, false, 'intermediate.int_campaigns_reported', 'reported_campaign',
        'int_campaigns_reported.campaign = lower(trim(touchpoints.campaign))',
        'touches.campaign is null or (lower(trim(touches.campaign)), credits.reported_campaign) in (
    select campaign, reported_campaign from intermediate.int_campaigns_reported
)'
    ),
    (
        'credits', 4, 2, false, 'marts.sessions', 'channel, source, medium, campaign, started_at',
        '''session:'' || sessions.session_id = touchpoints.touchpoint_id',
        'touches.kind <> ''session'' or substr(touches.touchpoint_id, 9) in (select session_id from marts.sessions)'
    ),
    (
        'credits', 5, 2, false, 'intermediate.int_sessions_built', 'first_event_kind, first_event_id',
        'int_sessions_built.session_id = sessions.session_id',
        'touches.kind <> ''session'' or substr(touches.touchpoint_id, 9) in (
    select session_id from intermediate.int_sessions_built
)'
    ),
    {%- for kind in ['page', 'track'] %}
    (
        'credits', {{ 5 + loop.index }}, 2, false, 'raw_segment.{{ kind }}s', 'url, referrer, context_campaign_source, timestamp',
        '{{ kind }}s.id = int_sessions_built.first_event_id where first_event_kind is {{ kind }}',
        'touches.kind <> ''session'' or substr(touches.touchpoint_id, 9) in (
    select session_id from intermediate.int_sessions_built
    where first_event_kind <> ''{{ kind }}'' or first_event_id in (select id from raw_segment.{{ kind }}s)
)'
    ),
    {%- endfor %}
    (
        'credits', 8, 2, false, 'raw_klaviyo.event', 'metric_id, campaign_id, flow_id, datetime',
        '''email:'' || event.id = touchpoints.touchpoint_id, or ''sms:'' || event.id',
        'touches.kind not in (''email_click'', ''sms_click'')
or substr(touches.touchpoint_id, case touches.kind when ''email_click'' then 7 else 5 end) in (
    select id from raw_klaviyo.event
)'
    ),
    (
        'credits', 9, 2, false, 'raw_partner.placement_event', 'partner, campaign, occurred_at',
        '''partner:'' || placement_event.id = touchpoints.touchpoint_id',
        'touches.kind <> ''partner_click'' or substr(touches.touchpoint_id, 9) in (
    select id from raw_partner.placement_event
)'
    ),
    {%- for family in ['credits', 'booked'] %}
    (
        '{{ family }}', 10, 3, false, 'marts.conversions',
        'conversion_type, converted_on, revenue, path_length, unattributed_reason',
        {% if family == 'credits' -%}
        'conversions.conversion_id = attribution_credits.conversion_id',
        'conversions.converted_on = credits.converted_on and conversions.customer_id = credits.customer_id'
        {%- else -%}
        'the columns of compared_by', null
        {%- endif %}
    ),
    (
        '{{ family }}', 11, 4, false, 'marts.orders', 'net_revenue, ordered_at, order_number, customer_id',
        'orders.order_id = conversions.order_id',
        'conversions.order_id is null or orders.ordered_at = conversions.converted_at'
    ),
    (
        '{{ family }}', 12, 4, false, 'raw_shopify.order', 'processed_at, created_at, currency, total_discounts, cancelled_at',
        'order.id = orders.order_id where orders.source is shopify; its lines and refunds by order_line.order_id',
        'coalesce(orders.source, '''') <> ''shopify'' or orders.order_id in (select id from raw_shopify.order)'
    ),
    (
        '{{ family }}', 13, 3, true, 'raw_hubspot.deal', 'property_createdate, is_deleted',
        '''deal:'' || deal.deal_id = conversions.conversion_id',
        'conversions.conversion_type <> ''lead'' or substr(conversions.conversion_id, 6) in (
    select deal_id from raw_hubspot.deal
)'
    ),
    (
        '{{ family }}', 14, 3, true, 'raw_segment.tracks', 'event, timestamp',
        '''signup:'' || tracks.id = conversions.conversion_id',
        'conversions.conversion_type <> ''sign_up'' or substr(conversions.conversion_id, 8) in (
    select id from raw_segment.tracks
)'
    ),
    {%- endfor %}
    (
        'segments', 1, 1, false, 'intermediate.int_credits_summed', 'conversions, revenue', 'the columns of compared_by', null
    ),
    (
        'segments', 2, 2, false, 'intermediate.int_primary_segments_held', 'segment, valid_from, valid_to',
        'int_primary_segments_held.customer_id = conversions.customer_id, or an id that leads to it, and converted_on lies in '
        || 'the stay; the rows of attribution_credits by conversion_id', null
    ),
    ('channels', 1, 1, false, 'marts.attribution_by_channel', 'conversions', 'attribution_by_channel.channel = channel', null),
    ('spend', 1, 1, false, 'marts.ad_spend_daily', 'spend', 'the columns of compared_by, by spend_date', null),
    (
        'spend', 2, 1, false, 'raw_google_ads.campaign_stats', 'cost_micros, currency_code',
        'campaign_stats.id = ad_spend_daily.campaign_id and campaign_stats.date = ad_spend_daily.spend_date',
        'spend.platform <> ''google_ads'' or (spend.campaign_id, spend.spend_date) in (
    select id, date from raw_google_ads.campaign_stats
)'
    ),
    (
        'spend', 3, 1, false, 'raw_facebook_ads.basic_campaign', 'spend, account_currency',
        'basic_campaign.campaign_id = ad_spend_daily.campaign_id and basic_campaign.date = ad_spend_daily.spend_date',
        'spend.platform <> ''facebook_ads'' or (spend.campaign_id, spend.spend_date) in (
    select campaign_id, date from raw_facebook_ads.basic_campaign
)'
    ),
    (
        'spend', 4, 1, false, 'raw_partner.placement_event', 'cost, currency',
        'placement_event.partner = ad_spend_daily.account_id and the date of occurred_at is spend_date',
        'spend.platform <> ''partner'' or (coalesce(spend.account_id, ''''), spend.spend_date) in (
    select coalesce(partner, ''''), {{ reporting_date('occurred_at') | replace("'", "''") }} from raw_partner.placement_event
)'
    ),
    (
        'spend', 5, 1, false, 'raw_campaigns.send', 'cost, currency',
        'send.campaign_id = ad_spend_daily.campaign_id and the date of sent_at is spend_date',
        'spend.platform <> ''campaigns'' or (coalesce(spend.campaign_id, ''''), spend.spend_date) in (
    select coalesce(campaign_id, ''''), {{ reporting_date('sent_at') | replace("'", "''") }} from raw_campaigns.send
)'
    )
),

-- By which columns a table is compared with its steps, and what they are in these.
keys (table_name, family, in_order, compared_by, selected) as (
    values
    (
        'attribution_by_channel', 'credits', 1, 'converted_on, model, channel',
        'credits.converted_on, credits.model, credits.channel'
    ),
    (
        'attribution_by_channel', 'spend', 1, 'converted_on, model, channel',
        'spend.spend_date as converted_on, models.model, spend.channel'
    ),
    (
        'attribution_by_campaign', 'credits', 1, 'converted_on, model, campaign',
        'credits.converted_on, credits.model, credits.reported_campaign as campaign'
    ),
    (
        'attribution_by_campaign', 'spend', 1, 'converted_on, model, campaign',
        'spend.spend_date as converted_on, models.model, spend.reported_campaign as campaign'
    ),
    (
        'attribution_by_segment', 'segments', 1, 'month, model, segment, channel',
        'cast(date_trunc(''month'', credits.converted_on) as date) as month, credits.model, credits.segment, credits.channel'
    ),
    (
        'attribution_by_segment', 'credits', 2, 'month, model, channel',
        'cast(date_trunc(''month'', credits.converted_on) as date) as month, credits.model, credits.channel'
    ),
    (
        'attribution_by_segment', 'spend', 1, 'month, model, channel',
        'cast(date_trunc(''month'', spend.spend_date) as date) as month, models.model, spend.channel'
    ),
    (
        'attribution_reconciliation', 'credits', 1, 'month, conversion_type, model',
        'cast(date_trunc(''month'', credits.converted_on) as date) as month, credits.conversion_type, credits.model'
    ),
    (
        'attribution_reconciliation', 'booked', 1, 'month, conversion_type, model',
        'cast(date_trunc(''month'', conversions.converted_on) as date) as month, conversions.conversion_type, models.model'
    ),
    ('attribution_model_agreement', 'channels', 1, 'channel', 'channels.channel')
),

-- What is summed: of credits or spend, of conversions, of orders.
figures (table_name, column_name, family, earns, of_first, of_conversions, of_orders) as (
    {%- for table in ['attribution_by_channel', 'attribution_by_campaign', 'attribution_by_segment'] %}
    {%- for family in (['segments', 'credits'] if table == 'attribution_by_segment' else ['credits']) %}
    select
        '{{ table }}', 'conversions', '{{ family }}', false, 'sum(credits.credit)', 'sum(credits.credit)', 'sum(credits.credit)'
    union all
    select
        '{{ table }}', 'first_purchases', '{{ family }}', true,
        'sum(case when credits.conversion_type = ''first_purchase'' then credits.credit else 0 end)',
        'sum(case when conversions.conversion_type = ''first_purchase'' then credits.credit else 0 end)',
        'sum(case when orders.order_number = 1 then credits.credit else 0 end)'
    union all
    select
        '{{ table }}', 'revenue', '{{ family }}', true, 'sum(credits.credited_revenue)',
        'sum(credits.credit * conversions.revenue)', 'sum(credits.credit * coalesce(orders.net_revenue, 0))'
    union all
    {%- endfor %}
    select
        '{{ table }}', 'spend', 'spend', false, 'case when count(spend.spend) = count(*) then sum(spend.spend) end', null, null
    union all
    {%- endfor %}
    select
        'attribution_reconciliation', 'attributed_conversions', 'credits', false, 'sum(credits.credit)', 'sum(credits.credit)',
        'sum(credits.credit)'
    union all
    select
        'attribution_reconciliation', 'attributed_revenue', 'credits', true, 'sum(credits.credited_revenue)',
        'sum(credits.credit * conversions.revenue)', 'sum(credits.credit * coalesce(orders.net_revenue, 0))'
    {%- for count, money, only in [
        ('booked_conversions', 'booked_revenue', 'true'),
        ('unattributed_conversions', 'unattributed_revenue', 'conversions.path_length = 0'),
        ('conversions_without_customer', 'revenue_without_customer', 'conversions.customer_id is null')
    ] %}
    union all
    select
        'attribution_reconciliation', '{{ count }}', 'booked', false, null,
        'sum(case when {{ only }} then 1 else 0 end)', 'sum(case when {{ only }} then 1 else 0 end)'
    union all
    select
        'attribution_reconciliation', '{{ money }}', 'booked', true, null,
        'sum(case when {{ only }} then conversions.revenue else 0 end)',
        'sum(case when {{ only }} then coalesce(orders.net_revenue, 0) else 0 end)'
    {%- endfor %}
    union all
    select
        'attribution_model_agreement', 'share_' || model, 'channels', false,
        'sum(case when channels.model = ''' || model || ''' then channels.conversions else 0 end)
    / sum(sum(case when channels.model = ''' || model || ''' then channels.conversions else 0 end)) over ()', null, null
    from models
),

-- Figures of other figures of the same row: where these come from is said of them.
of_the_row (table_name, column_name, compared_by, reads_columns, formula) as (
    {%- for table, keys in [
        ('attribution_by_channel', 'converted_on, model, channel'),
        ('attribution_by_campaign', 'converted_on, model, campaign'),
        ('attribution_by_segment', 'month, model, segment, channel')
    ] %}
    select '{{ table }}', 'roas', '{{ keys }}', 'revenue, spend', 'revenue / nullif(spend, 0)'
    union all
    select '{{ table }}', 'cpa', '{{ keys }}', 'spend, conversions', 'spend / nullif(conversions, 0)'
    union all
    select '{{ table }}', 'cac', '{{ keys }}', 'spend, first_purchases', 'spend / nullif(first_purchases, 0)'
    union all
    {%- endfor %}
    select
        'attribution_reconciliation', 'difference', 'month, conversion_type, model',
        'booked_revenue, attributed_revenue, unattributed_revenue',
        'booked_revenue - attributed_revenue - unattributed_revenue'
    union all
    select
        'attribution_reconciliation', 'conversions_difference', 'month, conversion_type, model',
        'booked_conversions, attributed_conversions, unattributed_conversions',
        'booked_conversions - attributed_conversions - unattributed_conversions'
    union all
    select
        'attribution_model_agreement', 'rank_' || model, 'channel', 'share_' || model,
        'rank() over (order by share_' || model || ' desc)'
    from models
    {%- set shares = attribution_models() | map('replace', '', 'share_', 1) | join(', ') %}
    union all
    select
        'attribution_model_agreement', 'spread', 'channel', '{{ shares }}', 'greatest({{ shares }})
    - least({{ shares }})'
    {%- for column, function in [('highest_model', 'greatest'), ('lowest_model', 'least')] %}
    union all
    select
        'attribution_model_agreement', '{{ column }}', 'channel', '{{ shares }}', 'case {{ function }}({{ shares }})
    {%- for model in attribution_models() %}
    when share_{{ model }} then ''{{ model }}''
    {%- endfor %}
end'
    {%- endfor %}
),

mapped as (
    select
        figures.table_name,
        figures.column_name,
        row_number() over (
            partition by figures.table_name, figures.column_name order by keys.in_order, steps.place
        ) as step,
        steps.reads_table,
        steps.reads_columns,
        steps.joined_by,
        case steps.level when 3 then of_conversions when 4 then of_orders else of_first end as formula,
        keys.compared_by,
        keys.selected,
        sources.from_text,
        steps.kept
    from figures
    inner join keys on figures.table_name = keys.table_name and figures.family = keys.family
    inner join steps on figures.family = steps.family and not (figures.earns and steps.needs_all)
    inner join sources on steps.family = sources.family and steps.level = sources.level
    -- Of channels no campaign is asked for.
    where steps.reads_table <> 'intermediate.int_campaigns_reported' or figures.table_name = 'attribution_by_campaign'
    union all
    select
        table_name,
        column_name,
        1 as step,
        'marts.' || table_name as reads_table,
        reads_columns,
        'the same row' as joined_by,
        formula,
        compared_by,
        compared_by as selected,
        'marts.' || table_name as from_text,
        cast(null as string) as kept
    from of_the_row
),

written as (
    select
        *,
        'select ' || selected || ',
    ' || formula || ' as figure
from ' || from_text || coalesce('
where ' || kept, '') || case when joined_by = 'the same row' then '' else '
group by all' end as query
    from mapped
)

select
    table_name,
    column_name,
    cast(step as bigint) as step,
    reads_table,
    reads_columns,
    joined_by,
    formula,
    compared_by,
    query,
    query not like '%raw|_%' escape '|' and query not like '%intermediate.%' as is_published
from written
