-- Grain: one row a session, what its first event tells of where it came from.
-- Hosts are judged once each, not once a session: there are thousands of them, and a rule is a join with two seeds.
with first_events as (
    select
        sessions.session_id,
        events.url,
        events.path,
        events.referrer,
        events.campaign_source,
        events.campaign_medium,
        events.campaign_name,
        coalesce(
            events.campaign_source, events.campaign_medium, events.campaign_name,
            events.campaign_term, events.campaign_content
        ) is not null as has_context,
        events.device_type,
        events.locale
    from {{ ref('int_sessions_built') }} as sessions
    inner join {{ ref('stg_segment__pages') }} as events
        on sessions.first_event_id = events.event_id
    where sessions.first_event_kind = 'page'
    union all
    select
        sessions.session_id,
        events.url,
        events.path,
        events.referrer,
        events.campaign_source,
        events.campaign_medium,
        events.campaign_name,
        coalesce(
            events.campaign_source, events.campaign_medium, events.campaign_name,
            events.campaign_term, events.campaign_content
        ) is not null as has_context,
        events.device_type,
        events.locale
    from {{ ref('int_sessions_built') }} as sessions
    inner join {{ ref('stg_segment__tracks') }} as events
        on sessions.first_event_id = events.event_id
    where sessions.first_event_kind = 'track'
),

queries as (
    select
        session_id,
        {{ url_query('url') }} as query
    from first_events
    where not has_context and url like '%?%'
),

parts as (
    select
        session_id,
        query,
        {{ explode_split('query', '&') }} as part
    from queries
),

named as (
    select
        session_id,
        query,
        part,
        lower({{ query_decoded("split_part(part, '=', 1)") }}) as parameter
    from parts
    where instr(part, '=') > 0
),

parameters as (
    select
        named.session_id,
        named.parameter,
        {{ query_decoded("substr(named.part, instr(named.part, '=') + 1)") }} as value,
        instr(concat('&', named.query, '&'), concat('&', named.part, '&')) as position,
        click_ids.position as click_position
    from named
    left join {{ ref('click_ids') }} as click_ids
        on named.parameter = click_ids.parameter
    where substr(named.parameter, 1, 4) = 'utm_' or click_ids.parameter is not null
),

-- Where a link repeats a parameter, its first value counts.
tags as (
    select
        session_id,
        max(case when substr(parameter, 1, 4) = 'utm_' then 1 else 0 end) as has_utm,
        min_by(value, position) filter (where parameter = 'utm_source') as utm_source,
        min_by(value, position) filter (where parameter = 'utm_medium') as utm_medium,
        min_by(value, position) filter (where parameter = 'utm_campaign') as utm_campaign,
        min(click_position) as click_position
    from parameters
    where trim(value) <> ''
    group by session_id
),

hosts as (
    select
        sessions.session_id,
        {{ url_host('sessions.referrer') }} as referrer_host,
        case when sessions.referrer is not null then {{ url_host('sessions.url') }} end as own_host
    from first_events as sessions
    left join tags
        on sessions.session_id = tags.session_id
    where not sessions.has_context and coalesce(tags.has_utm, 0) = 0 and tags.click_position is null
),

distinct_hosts as (
    select referrer_host as host
    from hosts
    where referrer_host is not null
    union distinct
    select own_host as host
    from hosts
    where own_host is not null
),

domains as (
    select
        distinct_hosts.host,
        suffixes.kind as suffix_kind,
        {{ registrable_domain('distinct_hosts.host', 'suffixes.suffix') }} as domain
    from distinct_hosts
    left join {{ ref('public_suffixes') }} as suffixes
        on {{ last_labels('distinct_hosts.host', 2) }} = suffixes.suffix
),

searches as (
    select
        domains.host,
        min(engines.engine) as engine
    from (
        select
            host,
            domain,
            case
                when suffix_kind = 'hosting' then domain
                else concat(split_part(domain, '.', 1), '.*')
            end as any_domain,
            case
                when length(host) > length(domain) then substr(host, 1, length(host) - length(domain) - 1)
                else ''
            end as subdomain
        from domains
    ) as domains
    inner join {{ ref('search_engines') }} as engines
        on engines.domain in (domains.domain, domains.any_domain)
    where
        engines.subdomain = '*'
        or domains.subdomain = coalesce(engines.subdomain, '')
        or right(concat('.', domains.subdomain), length(engines.subdomain) + 1) = concat('.', engines.subdomain)
    group by domains.host
),

own_hosts as (
    select distinct domains.host
    from domains
    inner join ({{ own_domain_lines() }}) as owned
        on
            domains.host = owned.domain
            or right(domains.host, length(owned.domain) + 1) = concat('.', owned.domain)
),

referrals as (
    select
        hosts.session_id,
        hosts.referrer_host,
        searches.engine,
        (referrer_domains.domain = page_domains.domain or own_hosts.host is not null) as is_own
    from hosts
    left join domains as referrer_domains
        on hosts.referrer_host = referrer_domains.host
    left join domains as page_domains
        on hosts.own_host = page_domains.host
    left join own_hosts
        on hosts.referrer_host = own_hosts.host
    left join searches
        on hosts.referrer_host = searches.host
    where hosts.referrer_host is not null
),

sourced as (
    select
        sessions.session_id,
        sessions.url,
        sessions.path,
        sessions.device_type,
        sessions.locale,
        case
            when sessions.has_context then coalesce(sessions.campaign_source, '(not set)')
            when tags.has_utm = 1 then coalesce(tags.utm_source, '(not set)')
            when click_ids.source is not null then click_ids.source
            when referrals.is_own then '(direct)'
            when referrals.engine is not null then referrals.engine
            when referrals.referrer_host is not null then referrals.referrer_host
            else '(direct)'
        end as source,
        case
            when sessions.has_context then coalesce(sessions.campaign_medium, '(not set)')
            when tags.has_utm = 1 then coalesce(tags.utm_medium, '(not set)')
            when click_ids.medium is not null then click_ids.medium
            when referrals.is_own then '(none)'
            when referrals.engine is not null then 'organic'
            when referrals.referrer_host is not null then 'referral'
            else '(none)'
        end as medium,
        case
            when sessions.has_context then coalesce(sessions.campaign_name, '(not set)')
            when tags.has_utm = 1 then coalesce(tags.utm_campaign, '(not set)')
        end as campaign
    from first_events as sessions
    left join tags
        on sessions.session_id = tags.session_id
    left join {{ ref('click_ids') }} as click_ids
        on tags.click_position = click_ids.position
    left join referrals
        on sessions.session_id = referrals.session_id
)

select
    session_id,
    lower(trim(source)) as source,
    lower(trim(medium)) as medium,
    campaign,
    coalesce(path, {{ url_path('url') }}) as landing_path,
    device_type,
    {{ locale_region('locale') }} as country_code
from sourced
