-- The published tables of one good world, by hand. The exports stand in temporary tables <source>_<table>; what is
-- created without `temp` is a published table. Variables: as_of, cutoff, hash_key.

-- ---------------------------------------------------------------------------------------------- identity: records

create temp macro keyed_hash(x) as sha256(getvariable('hash_key') || x);
create temp macro is_placeholder(x) as regexp_matches(
    x,
    '^[0\-\s.+()]*$|^-1$|^(null|none|nil|n/?a|nan|undefined|unknown|anonymous|guest|test|\(not set\))$'
    '|^(test|noreply|no-reply|donotreply|anonymous|none|null|unknown)@'
);

create temp table shop_orders as
select
    id as order_id, customer_id, email, phone, coalesce(processed_at, created_at) as ordered_at, updated_at,
    case when cancelled_at < getvariable('cutoff') then cancelled_at end as cancelled_at,
    lower(trim(financial_status)) as payment_status, upper(trim(currency)) as currency, total_price as total,
    total_discounts as discount, total_tax as tax, total_shipping as shipping, source_name, discount_code
from shopify_order
where not coalesce(test, false) and coalesce(lower(trim(financial_status)) <> 'voided', true);

-- Millions of events name few people: one row a device, user, completed order and locale.
create temp table event_people as
select anonymous_id, user_id, order_id, locale, count(*) as n, min(instant) as first_at, max(instant) as last_at
from (
    select anonymous_id, user_id, null as order_id, context_locale as locale, timestamp as instant from segment_pages
    union all
    select
        anonymous_id, user_id, case when event = 'order_completed' then order_id end, context_locale, timestamp
    from segment_tracks
)
group by all;

create temp table records as
select row_number() over () as record, * from (
    select
        'shopify' as source, 'customer' as kind, id as record_id, 'user_id' as account_type, id as account, email,
        phone, default_address_country_code as country, null as anonymous_id, coalesce(verified_email, false) as verified,
        1 as n, created_at as first_at, updated_at as version_at
    from shopify_customer
    union all
    select
        'shopify', 'order', o.order_id, 'user_id', o.customer_id, o.email, o.phone, c.default_address_country_code,
        null, false, 1, ordered_at, o.updated_at
    from shop_orders as o left join shopify_customer as c on o.customer_id = c.id
    union all
    select
        'segment', 'identify', null, 'user_id', user_id, email, phone, null, anonymous_id, false, count(*),
        min(timestamp), max(timestamp)
    from segment_identifies group by anonymous_id, user_id, email, phone
    union all
    select
        'segment', 'event', null, 'user_id', user_id, null, null, null, anonymous_id, false, sum(n), min(first_at),
        max(last_at)
    from event_people where order_id is null group by anonymous_id, user_id
    union all
    select
        'hubspot', 'contact', id, 'crm_id', id, property_email, property_phone, property_country, null, false, 1,
        property_createdate, property_lastmodifieddate
    from hubspot_contact where not coalesce(_fivetran_deleted, false)
    union all
    select
        'klaviyo', 'person', id, 'klaviyo_id', id, email, phone_number, country, null, false, 1, created, updated
    from klaviyo_person
    union all
    select 'zendesk', 'user', id, 'zendesk_id', id, email, phone, null, null, false, 1, null, null
    from zendesk_user where lower(trim(role)) = 'end-user'
    union all
    select 'loyalty', 'member', member_id, 'loyalty_id', member_id, email, phone, null, null, false, 1, joined_at, updated_at
    from loyalty_member
    union all
    select 'survey', 'response', id, 'user_id', customer_ref, email, null, null, null, false, 1, submitted_at, null
    from survey_response
    union all
    select 'consent', 'event', id, 'user_id', user_id, email, phone, null, anonymous_id, false, 1, occurred_at, null
    from consent_event
    union all
    select 'partner', 'placement', id, null, null, email, phone, null, anonymous_id, false, 1, occurred_at, null
    from partner_placement_event
);

-- Records that name more than one account: an Order Completed its order's customer, a contact its merged ids.
create temp table completed as
select
    (select max(record) from records) + row_number() over () as record, p.anonymous_id, p.user_id, o.customer_id, o.email,
    o.phone, c.default_address_country_code as country, p.n, p.first_at, p.last_at
from (
    select anonymous_id, user_id, order_id, sum(n) as n, min(first_at) as first_at, max(last_at) as last_at
    from event_people where order_id is not null group by all
) as p
left join shop_orders as o on p.order_id = o.order_id
left join shopify_customer as c on o.customer_id = c.id;
create temp table merged as
select
    coalesce(r.record, -dense_rank() over (order by c.id)) as record, c.id as record_id, trim(m.merged_id) as merged_id, c.property_createdate as first_at, c.property_lastmodifieddate as version_at
from hubspot_contact as c
cross join unnest(string_split(c.property_hs_merged_object_ids, ';')) as m (merged_id)
left join records as r on r.source = 'hubspot' and c.id = r.record_id
where trim(m.merged_id) <> '';

-- ------------------------------------------------------------------------------------------ identity: identifiers

-- A type is its place in the order that decides between identifiers seen at the same time.
create temp table identifier_types as
select * from (values
    (1, 'user_id'), (2, 'email'), (3, 'phone'), (4, 'crm_id'), (5, 'loyalty_id'), (6, 'klaviyo_id'), (7, 'zendesk_id'),
    (9, 'anonymous_id')
) as listed (type, name);

create temp table emails as
select email, value, case
    when is_placeholder(value) then 'placeholder'
    when regexp_full_match(value, '[^@\s]+@[^@\s]+\.[^@\s]+') then 'ok'
    else 'invalid'
end as validity
from (select distinct email, lower(trim(email)) as value from (select email from records union all select email from completed))
where email is not null;

create temp table phones as
with raw as (
    select distinct phone, country from (select phone, country from records union all select phone, country from completed)
    where phone is not null
), located as (
    select
        raw.phone, raw.country, lower(trim(raw.phone)) as trimmed,
        regexp_replace(lower(trim(raw.phone)), '[\s,;]*(?:extension|extn|ext|x|#)[\s.:=]*[0-9]+$', '') as main,
        coalesce(c.country_code, n.country_code, 'US') as country_code
    from raw
    left join countries as c on lower(trim(raw.country)) = lower(c.country_code)
    left join country_names as n on lower(trim(raw.country)) = lower(n.country_name)
), digits as (
    select
        phone, country, trimmed, cast(calling_code as varchar) as calling_code, keeps_trunk_zero,
        regexp_replace(trimmed, '[^0-9]', '', 'g') as raw_digits,
        regexp_replace(main, '[^0-9]', '', 'g') as main_digits,
        regexp_replace(main, '[^0-9+]', '', 'g') as marks,
        regexp_replace(regexp_replace(main, '\(\s*0\s*\)', '', 'g'), '[^0-9]', '', 'g') as without_trunk
    from located join countries using (country_code)
), dialled as (
    select *, case
        when marks like '+%' then without_trunk
        when marks like '00%' then substr(without_trunk, 3)
        when calling_code = '1' and length(main_digits) = 11 and main_digits like '1%' then main_digits
        when calling_code <> '1' and not keeps_trunk_zero and main_digits like '0%' then calling_code || substr(main_digits, 2)
        else calling_code || main_digits
    end as international
    from digits
)
select phone, country, case
        when is_placeholder(trimmed) or is_placeholder(raw_digits)
            or replace(raw_digits, raw_digits[1], '') = '' or raw_digits like '%0000000' or raw_digits = '1234567890'
            then 'placeholder'
        when length(international) between 8 and 15 then 'ok'
        else 'invalid'
    end as validity,
    case when validity = 'ok' then '+' || international else raw_digits end as value
from dialled;

create temp table identifiers as
with accounts as (
    select
        record, source, kind, record_id, types.type, account as value, n, first_at, coalesce(version_at, first_at) as updated_at
    from records join identifier_types as types on records.account_type = types.name
    where account is not null
    union all
    select record, source, kind, record_id, 9, anonymous_id, n, first_at, coalesce(version_at, first_at)
    from records where anonymous_id is not null
    union all
    select record, 'segment', 'event', null, 9, anonymous_id, n, first_at, last_at from completed
    union all
    select record, 'segment', 'event', null, 1, user_id, n, first_at, last_at from completed where user_id is not null
    union all
    select record, 'segment', 'event', null, 1, customer_id, n, first_at, last_at from completed
    where customer_id is not null and customer_id is distinct from user_id
    union all
    select record, 'hubspot', 'contact', record_id, 4, merged_id, 1, first_at, coalesce(version_at, first_at) from merged
), contacts as (
    select
        record, source, kind, record_id, email, phone, country, verified, n, first_at,
        coalesce(version_at, first_at) as updated_at
    from records where email is not null or phone is not null
    union all
    select record, 'segment', 'event', null, email, phone, country, false, n, first_at, last_at from completed
    where email is not null or phone is not null
)
select *, coalesce(greatest(first_at, updated_at), updated_at) as last_at from (
    select
        record, source, kind, record_id, type, value,
        case when is_placeholder(lower(trim(value))) then 'placeholder' else 'ok' end as validity, false as verified,
        n, first_at, updated_at
    from accounts
    union all
    select record, source, kind, record_id, 2, value, validity, verified, n, first_at, updated_at
    from contacts join emails using (email)
    union all
    select record, source, kind, record_id, 3, value, validity, false, n, first_at, updated_at
    from contacts join phones on contacts.phone = phones.phone and contacts.country is not distinct from phones.country
);

-- Merged CRM ids count once towards a limit: few contacts list any, so a loop over hops is short.
create temp table crm_groups as
with recursive listed as (
    select record, value as crm_id from identifiers where type = 4 and record in (select record from merged)
), reached (crm_id, smallest) as (
    select crm_id, crm_id from listed
    union
    select reached.crm_id, there.crm_id
    from reached
    join listed as here on reached.smallest = here.crm_id
    join listed as there on here.record = there.record
    where there.crm_id < reached.smallest
)
select crm_id, min(smallest) as first_id from reached group by crm_id;

create temp table suppressed as
with held as (
    select distinct i.type, i.value, a.type as account_type, coalesce(g.first_id, a.value) as account
    from identifiers as i
    join identifiers as a on i.record = a.record and a.validity = 'ok' and a.type in (1, 4, 5) and (a.type = 1 or i.type = 3)
    left join crm_groups as g on a.type = 4 and a.value = g.crm_id
    where i.validity = 'ok' and i.type in (2, 3, 9)
), counted as (
    select type, value, account_type, count(*) as accounts from held group by all
)
select
    type, case when type in (2, 3) then value else lower(trim(value)) end as value,
    case when bool_or(validity = 'placeholder') then 'placeholder' else 'invalid' end as reason, sum(n) as linked_count
from identifiers where validity <> 'ok' group by 1, 2
union all
select type, value, if(type = 9, 'shared_device', 'shared_contact'), max(accounts)
from counted group by type, value having max(accounts) >= if(type = 9, 2, 3);

-- ------------------------------------------------------------------------------------------------ identity: graph

-- A node's number is its place among all in naming a component: the smallest of a component names its customer.
create temp table nodes as
select
    row_number() over (order by first_at nulls last, type, value) as node, type, value, first_at, last_at, source,
    source_count
from (
    select
        type, value, min(first_at) as first_at, max(last_at) as last_at,
        coalesce(arg_min(source, (first_at, source_order)), first(source)) as source, count(distinct source) as source_count
    from (
        select *, list_position([
            'shopify', 'segment', 'hubspot', 'klaviyo', 'zendesk', 'loyalty', 'survey', 'consent', 'partner'
        ], source) as source_order
        from identifiers
        where validity = 'ok'
    )
    anti join (select * from suppressed where reason like 'shared%') as s using (type, value)
    group by type, value
);
create temp table record_nodes as
select i.record, i.source, i.kind, i.record_id, n.node
from identifiers as i join nodes as n on i.type = n.type and i.value = n.value
where i.validity = 'ok';
create temp table edges as
select distinct c.low, r.node as high
from record_nodes as r
join (select record, min(node) as low from record_nodes group by record having count(*) > 1) as c on r.record = c.record
where r.node <> c.low;

-- components --
-- step: customers

-- A component of nothing but devices is no customer.
create temp table resolved as
with known as (
    select distinct root from components join nodes using (node) where type <> 9
), hashed as (
    select
        nodes.*, components.root, keyed_hash(value) as identifier_hash,
        left(keyed_hash(types.name || ':' || value), 32) as issuable_id, types.name as identifier_type
    from nodes
    join components using (node)
    join known using (root)
    join identifier_types as types using (type)
)
select hashed.*, anchors.issuable_id as customer_id
from hashed join hashed as anchors on hashed.root = anchors.node;

create table customer_identifiers as
select
    customer_id, identifier_type, identifier_hash, source, first_at as first_seen_at, last_at as last_seen_at,
    'deterministic' as match_type, cast(1 as double) as match_probability
from resolved;
create table customer_redirects as
select issuable_id as retired_customer_id, customer_id from resolved where issuable_id <> customer_id;
create table identity_suppressed as
select name as identifier_type, keyed_hash(value) as identifier_hash, reason, linked_count
from suppressed join identifier_types using (type);

create temp table record_customers as
select record_nodes.source, kind, record_id, min(customer_id) as customer_id
from record_nodes join resolved using (node)
where record_id is not null
group by all;
create temp table devices as
select value as anonymous_id, customer_id from resolved where type = 9;

-- Every attribute: the newest known value, a verified e-mail first; a tie goes to the more trusted source.
create temp table profiles as
select customer_id, list_position(['shopify', 'loyalty', 'hubspot', 'klaviyo'], p.source) as rank,
    coalesce(epoch_us(instant), 0) * 16 - rank as place, p.*
from (
    select
        'shopify' as source, 'customer' as kind, id as record_id, coalesce(updated_at, created_at) as instant, first_name, last_name,
        default_address_zip as postcode, null::date as date_of_birth, null as gender, default_address_city as city,
        default_address_province as region, default_address_country_code as country, null as job_title, null as company_id,
        null as tier
    from shopify_customer
    union all
    select
        'hubspot', 'contact', c.id, coalesce(property_lastmodifieddate, property_createdate), property_firstname,
        property_lastname, null, property_date_of_birth, property_gender, property_city, null, property_country,
        property_jobtitle, o.id, null
    from hubspot_contact as c
    left join hubspot_company as o on c.property_associatedcompanyid = o.id and not coalesce(o.is_deleted, false)
    where not coalesce(_fivetran_deleted, false)
    union all
    select
        'klaviyo', 'person', id, coalesce(updated, created), first_name, last_name, null, null, null, city, null, country,
        null, null, null
    from klaviyo_person
    union all
    select
        'loyalty', 'member', member_id, coalesce(updated_at, joined_at), first_name, last_name, postcode, date_of_birth, null,
        null, null, null, null, null, tier
    from loyalty_member
) as p
join record_customers as r on p.source = r.source and p.kind = r.kind and p.record_id = r.record_id;

create temp macro newest(x, place) as arg_max(x, place) filter (x is not null);
create temp table known as
select
    customer_id, newest(first_name, place) as first_name, newest(last_name, place) as last_name,
    newest(postcode, place) as postcode, newest(date_of_birth, place) as date_of_birth,
    newest(gender, place) as gender, newest(city, place) as city, newest(region, place) as region,
    newest(coalesce(c.country_code, n.country_code), place) as country_code, newest(job_title, place) as job_title,
    newest(company_id, place) as company_id, newest(tier, place) as loyalty_tier,
    count(distinct first_name) as first_names, count(distinct last_name) as last_names, count(distinct postcode) as postcodes,
    count(distinct date_of_birth) as dates_of_birth
from profiles
left join countries as c on lower(trim(country)) = lower(c.country_code)
left join country_names as n on lower(trim(country)) = lower(n.country_name)
group by customer_id;
create temp table contact_values as
select
    r.customer_id,
    arg_max(i.value, (verified, instant, -rank)) filter (i.type = 2) as email, count(distinct i.value) filter (i.type = 2) as emails,
    arg_max(i.value, (verified, instant, -rank)) filter (i.type = 3) as phone, count(distinct i.value) filter (i.type = 3) as phones
from (
    select type, value, verified, coalesce(updated_at, timestamp '0001-01-01') as instant, list_position([
        'shopify', 'loyalty', 'hubspot', 'klaviyo', 'zendesk', 'segment', 'survey', 'consent', 'partner'
    ], source) as rank
    from identifiers where type in (2, 3) and kind <> 'event' or source = 'consent' and type in (2, 3)
) as i
join resolved as r on i.type = r.type and i.value = r.value
group by r.customer_id;
-- Who is signed in on a shared device, instant by instant.
create temp table owners as
with rows_of_shared as (
    select anonymous_id, instant, kind, id, if(is_placeholder(lower(trim(user_id))), null, user_id) as user_id, signs_out
    from (
        select anonymous_id, timestamp as instant, 1 as kind, id, user_id, false as signs_out from segment_pages
        union all
        select anonymous_id, timestamp, 2, id, user_id, event = 'signed_out' from segment_tracks
        union all
        select anonymous_id, timestamp, 3, id, user_id, false from segment_identifies where user_id is not null
    )
    where anonymous_id in (select value from suppressed where reason = 'shared_device')
), instants as (
    select
        anonymous_id, instant, arg_max(user_id, (not signs_out, kind, id)) filter (user_id is not null) as arriving,
        bool_or(signs_out) as signs_out, bool_or(not signs_out) filter (user_id is not null) as signs_in
    from rows_of_shared group by anonymous_id, instant
)
select anonymous_id, instant, coalesce(arriving, nullif(last_value(next_user ignore nulls) over (
    partition by anonymous_id order by instant rows between unbounded preceding and 1 preceding
), '')) as owner
from (
    select anonymous_id, instant, arriving, case
        when signs_out and not coalesce(signs_in and arriving is not null, false) then ''
        when arriving is not null then arriving
    end as next_user
    from instants
);

create temp table languages as
select customer_id, min_by(language, (-epoch_us(last_at), language)) as language
from (
    select
        coalesce(d.customer_id, u.customer_id) as customer_id,
        lower(regexp_extract(locale, '^([A-Za-z]{2,3})(?:[-_.@]|$)', 1)) as language, e.last_at
    from (
        select anonymous_id, user_id, locale, last_at from event_people
        where anonymous_id not in (select anonymous_id from owners)
        union all
        select e.anonymous_id, o.owner, e.context_locale, e.timestamp
        from (
            select anonymous_id, context_locale, timestamp from segment_pages
            union all
            select anonymous_id, context_locale, timestamp from segment_tracks
        ) as e
        join owners as o on e.anonymous_id = o.anonymous_id and e.timestamp = o.instant
    ) as e
    left join devices as d on e.anonymous_id = d.anonymous_id
    left join resolved as u on u.type = 1 and e.user_id = u.value
)
where customer_id is not null and language <> ''
group by customer_id;

-- What people said last of each purpose; the shop's word counts only where nobody spoke of e-mail.
create temp table consents as
with spoken as (
    select r.customer_id, lower(trim(purpose)) as purpose, occurred_at, lower(trim(status)) = 'granted' as is_granted
    from consent_event as e
    join record_customers as r on r.source = 'consent' and r.kind = 'event' and e.id = r.record_id
    union all
    select r.customer_id, 'email_marketing', e.datetime, false
    from klaviyo_event as e
    join klaviyo_metric as m on e.metric_id = m.id and lower(trim(m.name)) in ('unsubscribed', 'marked email as spam')
    join record_customers as r on r.source = 'klaviyo' and r.kind = 'person' and e.person_id = r.record_id
), decided as (
    select customer_id, purpose, max_by(is_granted, (occurred_at, not is_granted)) as is_granted
    from spoken group by customer_id, purpose
)
select customer_id, purpose, is_granted from decided
union all
select customer_id, 'email_marketing', bool_and(accepts_marketing)
from shopify_customer as c
join record_customers as r on r.source = 'shopify' and r.kind = 'customer' and c.id = r.record_id
where accepts_marketing is not null
    and customer_id not in (select customer_id from decided where purpose = 'email_marketing')
group by customer_id;

-- step: orders

create temp macro masked(x) as case
    when regexp_matches(x, '@|%40|[0-9](?:[^0-9A-Za-z]{0,3}[0-9]){6}') then regexp_replace(regexp_replace(
        x, '[^\s@/?&=#:;,<>()"\[\]]+(?:@|%40)[^\s@/?&=#:;,<>()"\[\]]+\.[^\s@/?&=#:;,<>()"\[\]]+', '[masked]', 'g'
    ), '(^|[^0-9])(?:(?:\+|%2[bB]|00)[ ().\-]{0,3}[1-9](?:[ ().\-]{0,3}[0-9]){6,14}|[0-9]{10,15})($|[^0-9])',
    '\1[masked]\2', 'g')
    else x
end;

create temp table rates as
select
    upper(trim(from_currency)) as currency, date as valid_from, cast(rate as decimal(20, 14)) as rate,
    lead(date, 1, date '9999-12-31') over (partition by upper(trim(from_currency)) order by date) as valid_to
from finance_fx_rate where upper(trim(to_currency)) = 'USD'
union all
select 'USD', date '0001-01-01', 1, date '9999-12-31';

create temp table refund_lines as
select l.*, r.order_id
from shopify_order_line_refund as l
join shopify_refund as r on l.refund_id = r.id
join shop_orders as o on r.order_id = o.order_id;

create temp table lines as
select
    l.id as order_line_id, l.order_id, l.product_id, p.product_type as category, l.quantity,
    l.quantity * l.price as gross, coalesce(l.total_discount, 0) as discount, coalesce(r.amount, 0) as refunded,
    (l.quantity - coalesce(r.quantity, 0)) * p.unit_cost as cost
from shopify_order_line as l
join shop_orders as o on l.order_id = o.order_id
left join shopify_product as p on l.product_id = p.id
left join (
    select order_id, order_line_id, sum(subtotal) as amount, sum(quantity) as quantity from refund_lines group by all
) as r on l.order_id = r.order_id and l.id = r.order_line_id;

create temp table priced as
with line_sums as (
    select
        order_id, count(*) as line_count, sum(gross) as gross, sum(discount) as discount,
        case when count(cost) = count(*) then sum(cost) end as cost
    from lines group by order_id
), refund_sums as (
    select order_id, sum(subtotal) as refunded from refund_lines group by order_id
)
select
    o.*, rates.rate, coalesce(l.line_count, 0) as line_count, l.cost,
    coalesce(l.gross, o.total - coalesce(o.tax, 0) - coalesce(o.shipping, 0) + coalesce(o.discount, 0)) as gross,
    coalesce(l.discount, 0) as lines_discount, coalesce(o.discount, l.discount, 0) as order_discount,
    coalesce(r.refunded, 0) as refunded_amount
from shop_orders as o
left join line_sums as l on o.order_id = l.order_id
left join refund_sums as r on o.order_id = r.order_id
asof left join rates on o.currency = rates.currency and cast(o.ordered_at as date) >= rates.valid_from;

create temp macro reporting(amount, rate) as cast(round(amount * rate, 2) as decimal(18, 2));
create table orders as
with converted as (
    select
        *, reporting(gross, rate) as gross_revenue, reporting(order_discount, rate) as discount_revenue,
        reporting(refunded_amount, rate) as refunded_revenue,
        cast(gross_revenue - discount_revenue - refunded_revenue as decimal(18, 2)) as net,
        cancelled_at is null and coalesce(net > 0, false) as purchase
    from priced
), numbered as (
    select c.*, r.customer_id as known_id, row_number() over (
        partition by r.customer_id, if(r.customer_id is null, c.order_id, null), purchase order by ordered_at, c.order_id
    ) as position
    from converted as c
    left join record_customers as r on r.source = 'shopify' and r.kind = 'order' and c.order_id = r.record_id
)
select
    order_id, known_id as customer_id, 'shopify' as source, masked(source_name) as sales_channel, ordered_at,
    cast(ordered_at as date) as ordered_on,
    if(cancelled_at is not null, 'cancelled', coalesce(payment_status, 'placed')) as status, purchase as is_purchase,
    if(purchase and known_id is not null, position, null) as order_number,
    purchase and known_id is not null and position = 1 as is_first_purchase,
    currency, rate as exchange_rate, gross_revenue, discount_revenue as discount, reporting(tax, rate) as tax,
    reporting(shipping, rate) as shipping, refunded_revenue as refunded, net as net_revenue,
    cast(round(net - cost, 2) as decimal(18, 2)) as contribution_margin, line_count, masked(discount_code) as coupon
from numbered;

create table order_lines as
with converted as (
    select
        l.order_line_id, l.order_id, o.customer_id, l.product_id, l.category, l.quantity,
        reporting(l.gross, p.rate) as gross_revenue,
        case
            when p.order_discount = p.lines_discount or p.gross = 0 then reporting(l.discount, p.rate)
            else cast(round(cast(
                (l.discount::double + (p.order_discount - p.lines_discount)::double * l.gross::double / p.gross::double)
                * p.rate::double as decimal(28, 10)), 2) as decimal(18, 2))
        end as discount,
        reporting(l.refunded, p.rate) as refunded
    from lines as l
    join priced as p on l.order_id = p.order_id
    join orders as o on l.order_id = o.order_id
    where p.cancelled_at is null
)
select *, cast(gross_revenue - discount - refunded as decimal(18, 2)) as net_revenue from converted;

create table refunds as
select
    r.id as refund_id, r.order_id, o.customer_id, r.created_at as refunded_at,
    reporting(coalesce(l.amount, 0), o.exchange_rate) as amount, cast(coalesce(l.quantity, 0) as bigint) as quantity
from shopify_refund as r
join orders as o on r.order_id = o.order_id
left join (
    select refund_id, sum(subtotal) as amount, sum(quantity) as quantity from refund_lines group by refund_id
) as l on r.id = l.refund_id
where o.status <> 'cancelled';

create table money_reconciliation as
select
    cast(date_trunc('month', ordered_on) as date) as month, currency, count(*) as orders,
    count(*) - count(exchange_rate) as orders_without_rate, count(exchange_rate) - count(net_revenue) as orders_without_amount,
    coalesce(sum(gross_revenue), 0) as gross_revenue, coalesce(sum(discount), 0) as discount,
    coalesce(sum(refunded), 0) as refunded, coalesce(sum(net_revenue), 0) as net_revenue
from orders where status <> 'cancelled' group by 1, 2;

create table cohort_retention as
with monthly as (
    select customer_id, cast(date_trunc('month', ordered_on) as date) as month, sum(net_revenue) as net_revenue
    from orders where order_number is not null group by 1, 2
), active as (
    select cohort_month, month, count(*) as customers, sum(net_revenue) as net_revenue
    from (select *, min(month) over (partition by customer_id) as cohort_month from monthly)
    group by 1, 2
), cohorts as (
    select cohort_month, customers from active where month = cohort_month
)
select
    c.cohort_month, datediff('month', c.cohort_month, m.month) as month_number, c.customers,
    coalesce(a.customers, 0) as active_customers, coalesce(a.customers, 0) / c.customers as retention,
    coalesce(a.net_revenue, 0) as net_revenue
from cohorts as c
cross join lateral (
    select unnest(generate_series(c.cohort_month, getvariable('as_of'), interval 1 month)) as month
) as m
left join active as a on c.cohort_month = a.cohort_month and m.month = a.month;

create table customer_rfm as
with measured as (
    select
        customer_id, datediff('day', max(ordered_on), getvariable('as_of')) as recency_days, count(*) as frequency,
        sum(net_revenue) as monetary
    from orders
    where order_number is not null and datediff('day', ordered_on, getvariable('as_of')) between 0 and 539
    group by customer_id
), scored as (
    select
        *, 1 + (5 * (rank() over (order by recency_days desc) - 1)) // count(*) over () as r,
        1 + (5 * (rank() over (order by frequency) - 1)) // count(*) over () as f,
        1 + (5 * (rank() over (order by monetary) - 1)) // count(*) over () as m
    from measured
)
select
    customer_id, getvariable('as_of') as as_of_date, recency_days, frequency, monetary, r as r_score, f as f_score,
    m as m_score, r || '' || f || m as rfm_cell, (r + f + m) / 3 as rfm_score, s.rfm_segment
from scored left join rfm_segments as s on r = s.r_score and f = s.f_score and m = s.m_score;

create table customer_contacts as
select
    customer_id, v.email, coalesce(emails, 0) as email_candidates, v.phone, coalesce(phones, 0) as phone_candidates,
    k.first_name, coalesce(first_names, 0) as first_name_candidates, k.last_name,
    coalesce(last_names, 0) as last_name_candidates, k.postcode, coalesce(postcodes, 0) as postcode_candidates,
    k.date_of_birth, coalesce(dates_of_birth, 0) as date_of_birth_candidates
from (select distinct customer_id from resolved) as c
left join known as k using (customer_id)
left join contact_values as v using (customer_id);

-- step: spend

create temp table google_campaigns as
select
    id, arg_max(name, updated_at) filter (name is not null) as name,
    arg_max(advertising_channel_type, updated_at) filter (advertising_channel_type is not null) as type
from google_ads_campaign_history group by id;
create temp table facebook_campaigns as
select id, arg_max(name, updated_time) filter (name is not null) as name from facebook_ads_campaign_history group by id;
create temp table send_campaigns as
select campaign_id as id, arg_max(campaign_name, (sent_at, id)) filter (campaign_name is not null) as name
from campaigns_send group by campaign_id;

create temp table spent as
select
    spend_date, platform, account_id, campaign_id, send_channel, if(amount = 0, 'USD', upper(trim(currency))) as currency,
    sum(impressions) as impressions, sum(clicks) as clicks, sum(amount) as amount
from (
    select
        date as spend_date, 'google_ads' as platform, customer_id as account_id, id as campaign_id, null as send_channel,
        currency_code as currency, impressions, clicks, cost_micros / 1000000 as amount
    from google_ads_campaign_stats
    union all
    select
        date, 'facebook_ads', account_id, campaign_id, null, account_currency, impressions, inline_link_clicks, spend
    from facebook_ads_basic_campaign
    union all
    select
        cast(occurred_at as date), 'partner', partner, masked(campaign), null, currency,
        (lower(trim(event)) = 'impression')::int, (lower(trim(event)) = 'click')::int, coalesce(cost, 0)
    from partner_placement_event
    union all
    select cast(sent_at as date), 'campaigns', channel, campaign_id, channel, currency, null, null, cost
    from campaigns_send where cost is not null
)
group by all;

create table ad_spend_daily as
select
    spend_date, platform, account_id, s.campaign_id, masked(coalesce(g.name, f.name, c.name, s.campaign_id)) as campaign,
    case platform
        when 'google_ads' then coalesce(map {
            'SEARCH': 'Paid Search', 'SHOPPING': 'Paid Shopping', 'DISPLAY': 'Display', 'VIDEO': 'Paid Video',
            'PERFORMANCE_MAX': 'Cross-network'
        }[upper(trim(g.type))], 'Paid Other')
        when 'facebook_ads' then 'Paid Social'
        when 'partner' then 'Affiliates'
        else case lower(send_channel) when 'email' then 'Email' when 'sms' then 'SMS' else send_channel end
    end as channel,
    cast(sum(impressions) as bigint) as impressions, cast(sum(clicks) as bigint) as clicks,
    case when count(*) = count(r.rate) then sum(reporting(amount, r.rate)) end as spend,
    lower(trim(masked(coalesce(g.name, f.name, c.name, s.campaign_id)))) as reported_campaign,
    case platform when 'google_ads' then upper(trim(g.type)) when 'campaigns' then channel end as campaign_type,
    coalesce(
        platform in ('facebook_ads', 'partner') or campaign_type in ('SEARCH', 'SHOPPING', 'DISPLAY', 'VIDEO', 'PERFORMANCE_MAX')
        or channel in ('Email', 'SMS', 'Mobile Push', 'Paid Social'), false
    ) as has_known_channel
from spent as s
asof left join rates as r on s.currency = r.currency and s.spend_date >= r.valid_from
left join google_campaigns as g on platform = 'google_ads' and s.campaign_id = g.id
left join facebook_campaigns as f on platform = 'facebook_ads' and s.campaign_id = f.id
left join send_campaigns as c on platform = 'campaigns' and s.campaign_id = c.id
group by all;

-- step: sessions

-- Devices by number: sorting millions of rows by a number and a time is faster than by a text.
create temp table device_numbers as
select anonymous_id, row_number() over () as device
from (select anonymous_id from event_people group by anonymous_id)
where not is_placeholder(lower(trim(anonymous_id)));

create temp table session_rows as
with events as (
    select 1 as kind, id, anonymous_id, timestamp as instant, null as event from segment_pages
    union all
    select 2, id, anonymous_id, timestamp, event from segment_tracks
), numbered as (
    select d.device, e.kind, e.id, e.instant, e.event, o.owner
    from events as e
    join device_numbers as d on e.anonymous_id = d.anonymous_id
    left join owners as o on e.anonymous_id = o.anonymous_id and e.instant = o.instant
), marked as (
    select *, case
        when instant - lag(instant) over in_order < interval 30 minutes and owner is not distinct from lag(owner) over in_order then null
        else instant
    end as opened_at
    from numbered
    window in_order as (partition by device order by instant)
), placed as (
    select *, max(opened_at) over (
        partition by device order by instant range between unbounded preceding and current row
    ) as started_at
    from marked
)
select
    device, started_at, max(instant) as ended_at, any_value(owner) as owner,
    min(if(instant = started_at, kind || id, null)) as first_event,
    count(*) filter (kind = 1) as page_views, count(*) filter (event = 'product_viewed') as product_views,
    count(*) filter (event = 'products_searched') as searches, count(*) filter (event = 'product_compared') as comparisons,
    count(*) filter (event = 'product_added') as cart_adds, count(*) filter (event = 'checkout_started') as checkouts,
    count(*) filter (event = 'price_page_viewed') as price_page_views,
    count(*) filter (event = 'content_downloaded') as content_downloads,
    count(*) filter (event = 'video_playback_completed') as video_completions,
    count(*) filter (event = 'order_completed') as purchases,
    bool_or(event in (
        'product_added', 'cart_viewed', 'checkout_started', 'order_completed', 'price_page_viewed', 'content_downloaded',
        'video_playback_completed', 'products_searched', 'product_compared', 'signed_up', 'lead_submitted', 'offer_accepted'
    )) as has_intent,
    max(instant) filter (event in (
        'product_added', 'cart_viewed', 'checkout_started', 'order_completed', 'price_page_viewed', 'content_downloaded',
        'video_playback_completed', 'products_searched', 'product_compared', 'signed_up', 'lead_submitted', 'offer_accepted'
    )) as intended_at
from placed
group by device, started_at;

create temp macro host(url) as nullif(regexp_replace(regexp_extract(
    lower(trim(url)), '^(?:[a-z][a-z0-9+.\-]*:)?//(?:[^/?#]*@)?([^/?#:\s]*)', 1
), '^www\.|\.+$', '', 'g'), '');
create temp macro tag(url, name) as nullif(trim(url_decode(replace(
    regexp_extract(url, '^[^?#]*\?(?:[^#]*&)?' || name || '=([^&#]*)', 1), '+', ' '
))), '');
create temp table arrivals as
select
    s.device, s.started_at, e.* exclude (id), has_context, not has_context and url like '%?%' as has_query,
    if(has_query and url like '%utm_%', tag(url, 'utm_source'), null) as utm_source,
    if(has_query and url like '%utm_%', tag(url, 'utm_medium'), null) as utm_medium,
    if(has_query and url like '%utm_%', tag(url, 'utm_campaign'), null) as utm_campaign,
    has_query and regexp_matches(url, '^[^?#]*\\?(?:[^#]*&)?utm_[a-z]+=[^&#]') as has_utm,
    if(has_query, regexp_extract(
        url, '[?&](gclid|gbraid|wbraid|msclkid|ttclid|twclid|li_fat_id|dclid|fbclid)=[^&#]', 1
    ), null) as click_id,
    if(has_context, null, host(referrer)) as referrer_host,
    if(has_context or referrer is null, null, host(url)) as own_host
from session_rows as s
join (
    select
        '1' || id as id, url, path, referrer, context_campaign_source as campaign_source,
        context_campaign_medium as campaign_medium, context_campaign_name as campaign_name,
        coalesce(
            context_campaign_source, context_campaign_medium, context_campaign_name, context_campaign_term,
            context_campaign_content
        ) is not null as has_context,
        context_device_type as device_type, context_locale as locale
    from segment_pages
    union all
    select
        '2' || id, url, path, referrer, context_campaign_source, context_campaign_medium, context_campaign_name,
        coalesce(
            context_campaign_source, context_campaign_medium, context_campaign_name, context_campaign_term,
            context_campaign_content
        ) is not null,
        context_device_type, context_locale
    from segment_tracks
) as e on s.first_event = e.id;

create temp table hosts as
with distinct_hosts as (
    select referrer_host as host from arrivals where referrer_host is not null
    union
    select own_host from arrivals where own_host is not null
), domains as (
    select host, case
        when s.suffix is not null then array_to_string(string_split(host, '.')[-3:], '.')
        else array_to_string(string_split(host, '.')[-2:], '.')
    end as domain
    from distinct_hosts
    left join public_suffixes as s on array_to_string(string_split(host, '.')[-2:], '.') = s.suffix
)
select host, any_value(d.domain) as domain, min(engine) as engine
from domains as d
left join search_engines as e
    on e.domain in (d.domain, split_part(d.domain, '.', 1) || '.*')
    and (e.subdomain = '*' or coalesce(e.subdomain, '') = left(host, greatest(length(host) - length(d.domain) - 1, 0))
        or ends_with('.' || left(host, greatest(length(host) - length(d.domain) - 1, 0)), '.' || e.subdomain))
group by host;

create temp table sourced as
select
    a.device, a.started_at, a.path, a.url, a.device_type, a.locale,
    lower(trim(case
        when has_context then coalesce(campaign_source, '(not set)')
        when has_utm then coalesce(utm_source, '(not set)')
        when c.source is not null then c.source
        when r.domain = o.domain then '(direct)'
        when r.engine is not null then r.engine
        else coalesce(referrer_host, '(direct)')
    end)) as source,
    lower(trim(case
        when has_context then coalesce(campaign_medium, '(not set)')
        when has_utm then coalesce(utm_medium, '(not set)')
        when c.medium is not null then c.medium
        when r.domain = o.domain then '(none)'
        when r.engine is not null then 'organic'
        when referrer_host is not null then 'referral'
        else '(none)'
    end)) as medium,
    case
        when has_context then coalesce(campaign_name, '(not set)') when has_utm then coalesce(utm_campaign, '(not set)')
    end as campaign
from arrivals as a
left join click_ids as c on a.click_id = c.parameter
left join hosts as r on a.referrer_host = r.host
left join hosts as o on a.own_host = o.host;

-- The rules of the default channel group run once a combination, not once a session.
create temp table channels as
with combined as (
    select distinct s.source, s.medium, campaign, lower(coalesce(campaign, '(not set)')) as name, c.category
    from sourced as s left join channel_source_categories as c on s.source = c.source
), judged as (
    select
        *, regexp_full_match(medium, '.*cp.*|ppc|retargeting|paid.*') as is_paid,
        category = 'shopping' or regexp_matches(name, '^(.*(([^a-df-z]|^)shop|shopping).*)$') as is_shopping
    from combined
)
select
    source, medium, campaign,
    case
        when source = '(direct)' and medium in ('(not set)', '(none)') then 'Direct'
        when name like '%cross-network%' then 'Cross-network'
        when is_shopping and is_paid then 'Paid Shopping'
        when category = 'search' and is_paid then 'Paid Search'
        when category = 'social' and is_paid then 'Paid Social'
        when category = 'video' and is_paid then 'Paid Video'
        when medium in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'Display'
        when is_paid then 'Paid Other'
        when is_shopping then 'Organic Shopping'
        when category = 'social'
            or medium in ('social', 'social-network', 'social-media', 'sm', 'social network', 'social media')
            then 'Organic Social'
        when category = 'video' or medium like '%video%' then 'Organic Video'
        when category = 'search' or medium = 'organic' then 'Organic Search'
        when medium in ('referral', 'app', 'link') then 'Referral'
        when source in ('email', 'e-mail', 'e_mail', 'e mail') or medium in ('email', 'e-mail', 'e_mail', 'e mail') then 'Email'
        when medium = 'affiliate' then 'Affiliates'
        when medium = 'audio' then 'Audio'
        when source = 'sms' or medium = 'sms' then 'SMS'
        when medium like '%push' or medium like '%mobile%' or medium like '%notification%' or source = 'firebase'
            then 'Mobile Push'
        else 'Unassigned'
    end as channel,
    masked(source) as masked_source, masked(medium) as masked_medium,
    if(lower(campaign) in (select lower(campaign_id) from ad_spend_daily), campaign, masked(campaign)) as masked_campaign
from judged;

create table sessions as
select
    keyed_hash(n.anonymous_id || ':' || epoch_us(s.started_at)) as session_id,
    coalesce(d.customer_id, u.customer_id) as customer_id, keyed_hash(n.anonymous_id) as anonymous_id_hash,
    s.started_at, s.ended_at, c.channel, c.masked_source as source, c.masked_medium as medium,
    c.masked_campaign as campaign,
    masked(coalesce(a.path, regexp_extract(a.url, '^(?:[a-z]+:)?//[^/?#]*(/[^?#]*)', 1))) as landing_path, a.device_type,
    nullif(upper(regexp_extract(
        trim(a.locale), '^[A-Za-z]{2,8}(?:[-_][A-Za-z]{3}){0,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})(?:[-_.@;,]|$)', 1
    )), '') as country_code,
    page_views, product_views, searches, comparisons, cart_adds, checkouts, price_page_views, content_downloads,
    video_completions, purchases,
    page_views >= 2 or s.ended_at - s.started_at >= interval 10 seconds or coalesce(has_intent, false) as is_engaged
from session_rows as s
join device_numbers as n on s.device = n.device
join sourced as a on s.device = a.device and s.started_at = a.started_at
join channels as c on a.source = c.source and a.medium = c.medium and a.campaign is not distinct from c.campaign
left join devices as d on n.anonymous_id = d.anonymous_id
left join resolved as u on u.type = 1 and s.owner = u.value;

create table touchpoints as
select t.*
from (
    select
        'session:' || session_id as touchpoint_id, customer_id, started_at as touched_at, 'session' as kind, channel, source, medium,
        campaign
    from sessions where customer_id is not null
    union all
    select
        word || ':' || e.id, customer_id, e.datetime, word || '_click', if(word = 'sms', 'SMS', 'Email'), 'klaviyo', word,
        coalesce(masked(c.name), e.campaign_id, e.flow_id)
    from klaviyo_event as e
    join klaviyo_metric as m on e.metric_id = m.id and lower(trim(m.name)) in ('clicked email', 'clicked sms')
    join record_customers as r on r.source = 'klaviyo' and r.kind = 'person' and e.person_id = r.record_id
    left join klaviyo_campaign as c on e.campaign_id = c.id
    cross join lateral (select split_part(lower(trim(m.name)), ' ', 2) as word)
    union all
    select
        'partner:' || p.id, customer_id, occurred_at, 'partner_click', 'Affiliates', masked(lower(trim(partner))), 'affiliate',
        masked(campaign)
    from partner_placement_event as p
    join record_customers as r on r.source = 'partner' and r.kind = 'placement' and p.id = r.record_id
    where lower(trim(event)) = 'click'
) as t
where kind = 'session' or not exists (
    select 1 from sessions as s
    where s.customer_id = t.customer_id and s.started_at >= t.touched_at and s.started_at < t.touched_at + interval 30 minutes
);

-- The customer's own row waits for the orders and the touches.
create table customers as
with purchases as (
    select
        customer_id, min(ordered_at) as first_order_at, max(ordered_at) as last_order_at, count(*) as lifetime_orders,
        sum(net_revenue) as lifetime_net_revenue,
        datediff('day', cast(max(ordered_at) as date), getvariable('as_of')) as days_ago
    from orders where order_number is not null group by customer_id
), seen as (
    select
        customer_id, min(first_at) as first_seen_at, max(last_at) as last_seen_at, count(*) as identifier_count
    from resolved group by customer_id
), sourced as (
    select customer_id, count(distinct i.source) as source_count
    from (select distinct node, source from record_nodes) as i join resolved using (node)
    group by customer_id
), acquired as (
    select
        customer_id, min_by((channel, source, campaign), (touched_at, touchpoint_id)) as first
    from touchpoints group by customer_id
), considering as (
    select coalesce(d.customer_id, u.customer_id) as customer_id
    from session_rows as s
    join device_numbers as n on s.device = n.device
    left join devices as d on n.anonymous_id = d.anonymous_id
    left join resolved as u on u.type = 1 and s.owner = u.value
    where datediff('day', cast(intended_at as date), getvariable('as_of')) < 90
    union
    select customer_id from (
        select min_by(customer_id, contact_id) as customer_id, any_value(property_createdate) as happened_at
        from hubspot_deal as l
        join hubspot_deal_contact as c using (deal_id)
        join resolved as r on r.type = 4 and c.contact_id = r.value
        where not coalesce(is_deleted, false)
        group by deal_id
    ) where datediff('day', cast(happened_at as date), getvariable('as_of')) < 90
), allowed as (
    select customer_id, list(purpose) as purposes from consents where is_granted group by customer_id
)
select
    seen.customer_id, first_seen_at, last_seen_at, first[1] as acquisition_channel, first[2] as acquisition_source,
    first[3] as acquisition_campaign, k.city, k.region, k.country_code, languages.language,
    year(k.date_of_birth) as birth_year, k.gender, c.property_name as company_name, k.job_title,
    c.property_industry as industry,
    case
        when c.property_numberofemployees between 1 and 10 then '1-10'
        when c.property_numberofemployees between 11 and 50 then '11-50'
        when c.property_numberofemployees between 51 and 200 then '51-200'
        when c.property_numberofemployees between 201 and 1000 then '201-1000'
        when c.property_numberofemployees between 1001 and 5000 then '1001-5000'
        when c.property_numberofemployees > 5000 then '5001+'
    end as company_size_band,
    case
        when lifetime_orders is null then if(seen.customer_id in (from considering), 'consideration', 'awareness')
        when days_ago > 365 then 'lapsed'
        when lifetime_orders = 1 then if(days_ago <= 90, 'purchase', 'at_risk')
        else if(days_ago <= 180, 'retention', 'at_risk')
    end as lifecycle_stage,
    k.loyalty_tier, list_contains(coalesce(purposes, []), 'email_marketing') as may_email,
    list_contains(coalesce(purposes, []), 'sms_marketing') as may_sms,
    list_contains(coalesce(purposes, []), 'profiling') as may_profile,
    list_contains(coalesce(purposes, []), 'ads_personalisation') as may_personalise_ads, first_order_at, last_order_at, coalesce(lifetime_orders, 0) as lifetime_orders,
    coalesce(lifetime_net_revenue, 0) as lifetime_net_revenue, source_count, identifier_count,
    (
        (v.email is not null)::int + (v.phone is not null)::int + (k.first_name is not null)::int
        + (k.last_name is not null)::int + (k.postcode is not null)::int + (k.city is not null)::int
        + (k.country_code is not null)::int + (language is not null)::int + (k.date_of_birth is not null)::int
        + (k.gender is not null)::int
    ) / 10 as profile_completeness
from seen
join sourced using (customer_id)
left join known as k using (customer_id)
left join contact_values as v using (customer_id)
left join languages using (customer_id)
left join allowed using (customer_id)
left join acquired using (customer_id)
left join hubspot_company as c on k.company_id = c.id
left join purchases using (customer_id);
