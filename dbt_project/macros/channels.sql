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

{#
  The lines of the seed campaign_aliases as they are matched: alias, campaign. A line that is not whole says nothing, and an
  alias has one campaign whoever reads the seed.
#}
{% macro campaign_alias_lines() -%}
    select
        lower({{ trim_white_space('alias') }}) as alias,
        min(lower({{ trim_white_space('campaign') }})) as campaign
    from {{ ref('campaign_aliases') }}
    where {{ trim_white_space('alias') }} <> '' and {{ trim_white_space('campaign') }} <> ''
    group by lower({{ trim_white_space('alias') }})
{%- endmacro %}
