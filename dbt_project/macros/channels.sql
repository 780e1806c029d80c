{# A medium that is paid for, in Google's own words. #}
{% macro is_paid_medium(medium) -%}
    {{ regex_matches(medium, '^(.*cp.*|ppc|retargeting|paid.*)$') }}
{%- endmacro %}

{#
  The default channel group of Google Analytics 4 (support.google.com/analytics/answer/9756891): the first rule that
  holds. Case does not matter, and a null part counts as (not set). source_category is the entry of the seed
  channel_source_categories for the lower-cased source: search, social, shopping, video or null.
#}
{% macro channel_group(source, medium, campaign, source_category) -%}
    {%- set source = "lower(coalesce(" ~ source ~ ", '(not set)'))" -%}
    {%- set medium = "lower(coalesce(" ~ medium ~ ", '(not set)'))" -%}
    {%- set campaign = "lower(coalesce(" ~ campaign ~ ", '(not set)'))" -%}
    {%- set is_paid = is_paid_medium(medium) -%}
    {%- set is_shopping_campaign = regex_matches(campaign, '^(.*(([^a-df-z]|^)shop|shopping).*)$') -%}
    {%- set e_mail = "('email', 'e-mail', 'e_mail', 'e mail')" -%}
    case
        when {{ source }} = '(direct)' and {{ medium }} in ('(not set)', '(none)') then 'Direct'
        when {{ campaign }} like '%cross-network%' then 'Cross-network'
        when ({{ source_category }} = 'shopping' or {{ is_shopping_campaign }}) and {{ is_paid }} then 'Paid Shopping'
        when {{ source_category }} = 'search' and {{ is_paid }} then 'Paid Search'
        when {{ source_category }} = 'social' and {{ is_paid }} then 'Paid Social'
        when {{ source_category }} = 'video' and {{ is_paid }} then 'Paid Video'
        when {{ medium }} in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'Display'
        when {{ is_paid }} then 'Paid Other'
        when {{ source_category }} = 'shopping' or {{ is_shopping_campaign }} then 'Organic Shopping'
        when
            {{ source_category }} = 'social'
            or {{ medium }} in ('social', 'social-network', 'social-media', 'sm', 'social network', 'social media')
            then 'Organic Social'
        when {{ source_category }} = 'video' or {{ medium }} like '%video%' then 'Organic Video'
        when {{ source_category }} = 'search' or {{ medium }} = 'organic' then 'Organic Search'
        when {{ medium }} in ('referral', 'app', 'link') then 'Referral'
        when {{ source }} in {{ e_mail }} or {{ medium }} in {{ e_mail }} then 'Email'
        when {{ medium }} = 'affiliate' then 'Affiliates'
        when {{ medium }} = 'audio' then 'Audio'
        when {{ source }} = 'sms' or {{ medium }} = 'sms' then 'SMS'
        when
            {{ medium }} like '%push' or {{ medium }} like '%mobile%' or {{ medium }} like '%notification%'
            or {{ source }} = 'firebase'
            then 'Mobile Push'
        else 'Unassigned'
    end
{%- endmacro %}

{# The channels of the default channel group, in the order in which its rules are asked. #}
{% macro channel_names() -%}
    {{ return([
        'Direct', 'Cross-network', 'Paid Shopping', 'Paid Search', 'Paid Social', 'Paid Video', 'Display', 'Paid Other',
        'Organic Shopping', 'Organic Social', 'Organic Video', 'Organic Search', 'Referral', 'Email', 'Affiliates',
        'Audio', 'SMS', 'Mobile Push', 'Unassigned'
    ]) }}
{%- endmacro %}

{# Whether a channel is one that the default channel group names. Unassigned is the lack of one. #}
{% macro is_group_channel(channel) -%}
    {{ channel }} in ('{{ channel_names() | reject('equalto', 'Unassigned') | join("', '") }}')
{%- endmacro %}

{#
  The channel of a planned send. A name of the default channel group is that channel, whatever its case and separators
  (paid_social, e-mail, web push); any other channel (direct mail) keeps its own name.
#}
{% macro send_channel(channel) -%}
    {%- set name = regex_replace_all('lower(trim(' ~ channel ~ '))', '[\\s_\\-]+', ' ') -%}
    case
        {%- for channel_name in channel_names() %}
        when {{ name }} = '{{ channel_name | lower | replace("-", " ") }}' then '{{ channel_name }}'
        {%- endfor %}
        when {{ name }} = 'e mail' then 'Email'
        when {{ name }} like '%push' or {{ name }} like '%mobile%' or {{ name }} like '%notification%' then 'Mobile Push'
        else trim({{ channel }})
    end
{%- endmacro %}

{# A channel as published: a name of the default channel group in its own spelling, any other name as it is told. #}
{% macro channel_name(channel) -%}
    {%- set name = 'lower(' ~ trim_white_space(channel) ~ ')' -%}
    case
        {%- for channel_name in channel_names() %}
        when {{ name }} = '{{ channel_name | lower }}' then '{{ channel_name }}'
        {%- endfor %}
        else {{ trim_white_space(channel) }}
    end
{%- endmacro %}

{#
  The lines of the seed channel_overrides as they are matched: source, medium, campaign (the empty text for any), channel.
  A line that is not whole says nothing, and a combination has one channel whoever reads the seed.
#}
{% macro channel_override_lines() -%}
    select
        source,
        medium,
        campaign,
        min(channel) as channel
    from (
        select
            coalesce(lower({{ trim_white_space('source') }}), '') as source,
            coalesce(lower({{ trim_white_space('medium') }}), '') as medium,
            coalesce(lower({{ trim_white_space('campaign') }}), '') as campaign,
            {{ channel_name('channel') }} as channel
        from {{ ref('channel_overrides') }}
    ) as lines
    where channel <> '' and concat(source, medium, campaign) <> ''
    group by source, medium, campaign
{%- endmacro %}

{#
  The same for visits, with a line of its own for every spelling of a campaign: a line holds for the campaign as it is
  written, and for whatever is reported as the campaign that the line means. What is written outranks what is reported.
#}
{% macro spelled_override_lines() -%}
    select
        source,
        medium,
        campaign,
        {{ value_of_least('channel', ['rank', 'channel']) }} as channel
    from (
        select
            source,
            medium,
            campaign,
            channel,
            1 as rank
        from ({{ channel_override_lines() }}) as written
        union all
        select
            lines.source,
            lines.medium,
            spelled.campaign,
            lines.channel,
            case when lines.campaign = spelled.reported_campaign then 2 else 3 end as rank
        from ({{ channel_override_lines() }}) as lines
        left join {{ ref('int_campaigns_aliased') }} as meant
            on lines.campaign = meant.campaign
        inner join {{ ref('int_campaigns_aliased') }} as spelled
            on coalesce(meant.reported_campaign, lines.campaign) = spelled.reported_campaign
    ) as spelled_lines
    group by source, medium, campaign
{%- endmacro %}

{# What a line may name, the most specific first: campaign outweighs source outweighs medium. #}
{% macro override_kinds() -%}
    {{ return([
        ['campaign', 'source', 'medium'], ['campaign', 'source'], ['campaign', 'medium'], ['campaign'],
        ['source', 'medium'], ['source'], ['medium']
    ]) }}
{%- endmacro %}

{#
  Joins the rows of a relation, which has source, medium and campaign as they are published, with the lines that hold for
  them. lines: a relation of spelled_override_lines. A look-up by equality a kind of line, so that no kind costs anything where
  nobody wrote such a line.
#}
{% macro join_overrides(relation, lines) -%}
    {%- for kind in override_kinds() %}
    left join (
        select *
        from {{ lines }}
        where
            {%- for part in ['source', 'medium', 'campaign'] %}
            {{ 'and ' if not loop.first }}{{ part }} {{ '<>' if part in kind else '=' }} ''
            {%- endfor %}
    ) as by_{{ kind | join('_') }}
        on
            {%- for part in kind %}
            {{ 'and ' if not loop.first }}lower(trim({{ relation }}.{{ part }})) = by_{{ kind | join('_') }}.{{ part }}
            {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{# The channel of the most specific line of join_overrides, else the given one. #}
{% macro overridden_channel(default) -%}
    coalesce(
        {%- for kind in override_kinds() %}
        by_{{ kind | join('_') }}.channel,
        {%- endfor %}
        {{ default }}
    )
{%- endmacro %}

{# Domains of one's own, of the seed and of vars.own_domains, in lower case and without a leading www.: domain. #}
{% macro own_domain_lines() -%}
    select distinct {{ regex_replace_all('lower(domain)', '^www\\.|\\.+$', '') }} as domain
    from (
        select {{ trim_white_space('domain') }} as domain
        from {{ ref('own_domains') }}
        {%- for domain in var('own_domains') %}
        union all
        select {{ text_literal(domain) }} as domain
        {%- endfor %}
    ) as told
    where domain <> ''
{%- endmacro %}

{#
  The lines of the seed campaign_aliases as they are matched: alias, campaign. A line that is not whole says nothing, and
  an alias has one campaign whoever reads the seed.
#}
{% macro campaign_alias_lines() -%}
    select
        lower({{ trim_white_space('alias') }}) as alias,
        min(lower({{ trim_white_space('campaign') }})) as campaign
    from {{ ref('campaign_aliases') }}
    where {{ trim_white_space('alias') }} <> '' and {{ trim_white_space('campaign') }} <> ''
    group by lower({{ trim_white_space('alias') }})
{%- endmacro %}

{#
  Every spelling that stands for a campaign, and the name that the campaign is reported under: campaign, reported_campaign.
  An alias outranks the name of a campaign with spend, that outranks what another is reported as, and that an id. An alias
  means a campaign by its name, else by its id, else one without spend.

  spent: a CTE of campaigns with spend: platform, campaign_id, own_campaign (its name in lower case, else its id) and
  reported_campaign. aliases: a CTE of campaign_alias_lines.
#}
{% macro campaign_spellings(spent, aliases) -%}
    select
        campaign,
        {{ value_of_least('reported_campaign', ['rank', 'reported_campaign']) }} as reported_campaign
    from (
        select
            lines.alias as campaign,
            coalesce(own.reported_campaign, ids.reported_campaign, lines.campaign) as reported_campaign,
            1 as rank
        from {{ aliases }} as lines
        left join (
            select
                own_campaign,
                min(reported_campaign) as reported_campaign
            from {{ spent }}
            group by own_campaign
        ) as own on lines.campaign = own.own_campaign
        left join ({{ campaigns_by_id(spent) }}) as ids on lines.campaign = ids.campaign_id
        union all
        select
            own_campaign as campaign,
            reported_campaign,
            2 as rank
        from {{ spent }}
        union all
        select
            reported_campaign as campaign,
            reported_campaign,
            3 as rank
        from {{ spent }}
        union all
        select
            campaign_id as campaign,
            reported_campaign,
            4 as rank
        from ({{ campaigns_by_id(spent) }}) as by_id
        union all
        select
            campaign,
            campaign as reported_campaign,
            5 as rank
        from {{ aliases }}
    ) as spelled
    where campaign is not null
    group by campaign
{%- endmacro %}

{# The campaign that an id means: platforms may use one id for different campaigns, the first platform's counts. #}
{% macro campaigns_by_id(spent) -%}
    select
        lower(trim(campaign_id)) as campaign_id,
        {{ value_of_least('own_campaign', ['platform', 'own_campaign']) }} as own_campaign,
        {{ value_of_least('reported_campaign', ['platform', 'own_campaign', 'reported_campaign']) }} as reported_campaign
    from {{ spent }}
    where campaign_id is not null
    group by lower(trim(campaign_id))
{%- endmacro %}
