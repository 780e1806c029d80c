-- The smallest warehouse in which every rule has something to look at. As-of date 2024-06-30.
-- Customers: 1 bought twice, 2 bought once, 3 never; one order is a guest's, one is cancelled.
create schema raw_shop;
create schema ops;
create schema marts;
create schema restricted;
create schema seeds;
create schema computed;
create schema intermediate;

create table raw_shop."order" as
select
    'o' || row_number() over (order by d.day, n.i) as id,
    'EUR' as currency,
    10.0 as total,
    cast(d.day as timestamp) as updated_at,
    'shop/order/dt=' || d.day || '/part.csv' as _file,
    n.i + 2 as _line,
    d.day as _export_date
from (select cast(date '2024-06-23' + cast(i as integer) as date) as day from range(8) as t (i)) as d
cross join range(100) as n (i);

create table raw_shop.visit (id varchar, seen_at timestamp, _file varchar, _line bigint, _export_date date);
insert into raw_shop.visit values ('v1', timestamp '2024-06-01 10:00', 'shop/visit.csv', 2, null);

create table ops.load_ledger (
    source varchar, table_name varchar, file varchar, export_date date, sha256 varchar, rows_read bigint,
    rows_loaded bigint, rows_quarantined bigint, status varchar, reason varchar, drift varchar, loaded_at timestamp
);
insert into ops.load_ledger
select
    'shop', 'order', _file, _export_date, sha256(_file), count(*), count(*), 0, 'loaded', null, null,
    timestamp '2024-07-01 02:00'
from raw_shop."order" group by _file, _export_date;
insert into ops.load_ledger values
('shop', 'visit', 'shop/visit.csv', null, sha256('visit'), 1, 1, 0, 'loaded', null, null, timestamp '2024-07-01 02:00'),
('shop', 'visit', 'shop/visit/dt=2024-06-30/a.csv', date '2024-06-30', sha256('a'), 0, 0, 0, 'empty', null, null,
    timestamp '2024-07-01 02:00');

create table ops.quarantine (
    source varchar, table_name varchar, file varchar, export_date date, line bigint, column_name varchar,
    reason varchar, raw_text varchar
);
-- One refused row among the many of one file: rare enough for no rule to mind.
insert into ops.quarantine values
('shop', 'order', 'shop/order/dt=2024-06-23/part.csv', date '2024-06-23', 102, 'total', 'not_a_number',
    'o9,EUR,ten,ana@example.com');
update ops.load_ledger set rows_read = rows_read + 1, rows_quarantined = 1
where file = 'shop/order/dt=2024-06-23/part.csv';

create table ops.quality_exceptions (
    run_id varchar, as_of_date date, rule varchar, table_name varchar, row_key varchar, observed_value varchar,
    first_seen_on date
);

create table marts.customers (
    customer_id varchar, first_seen_at timestamp, last_seen_at timestamp, city varchar, region varchar,
    country_code varchar, "language" varchar, birth_year integer, gender varchar, company_name varchar,
    job_title varchar, industry varchar, company_size_band varchar, loyalty_tier varchar, may_email boolean,
    may_sms boolean, may_profile boolean, may_personalise_ads boolean, lifecycle_stage varchar,
    acquisition_channel varchar, first_order_at timestamp,
    last_order_at timestamp, lifetime_orders bigint, lifetime_net_revenue decimal(18, 2), source_count bigint,
    identifier_count bigint, profile_completeness double, primary_segment varchar
);
insert into marts.customers values
(repeat('1', 32), timestamp '2024-05-01 09:00', timestamp '2024-06-29 09:00', 'Porto', null, 'PT', 'pt', 1980, null,
    'Vila', null, null, null, 'gold', true, false, true, false, 'retention', 'Paid Search', timestamp '2024-05-10 12:00',
    timestamp '2024-06-12 12:00', 2, 120.00, 2, 3, 0.5, 'core'),
(repeat('2', 32), timestamp '2024-06-01 09:00', null, null, null, null, null, null, null, null, null, null, null, null,
    false, false, false, false, 'purchase', null, timestamp '2024-06-20 12:00', timestamp '2024-06-20 12:00', 1, 80.00, 1, 2, 0.0,
    'buyers'),
(repeat('3', 32), null, null, null, null, null, null, null, null, null, null, null, null, null, false, false, false,
    false, 'awareness', null, null, null, 0, 0.00, 1, 1, 1.0, null);

create table restricted.customer_contacts (
    customer_id varchar, email varchar, phone varchar, first_name varchar, last_name varchar, postcode varchar,
    date_of_birth date
);
insert into restricted.customer_contacts values
(repeat('1', 32), 'ana@example.com', '+351912345678', 'Ana', 'Silva', '4000-001', date '1980-02-29'),
(repeat('2', 32), 'bo@example.com', null, null, null, null, null),
(repeat('3', 32), null, null, null, null, null, null);

create table marts.customer_identifiers (
    customer_id varchar, identifier_type varchar, identifier_hash varchar, source varchar, first_seen_at timestamp,
    last_seen_at timestamp, match_type varchar, match_probability double
);
insert into marts.customer_identifiers values
(repeat('1', 32), 'user_id', sha256('1'), 'shop', timestamp '2024-05-01 09:00', timestamp '2024-06-01 09:00',
    'deterministic', 1.0),
(repeat('1', 32), 'email', sha256('ana@example.com'), 'shop', timestamp '2024-05-02 09:00', null, 'deterministic', 1.0),
(repeat('1', 32), 'phone', sha256('+351912345678'), 'crm', null, null, 'probabilistic', 0.97),
(repeat('2', 32), 'user_id', sha256('2'), 'shop', timestamp '2024-06-01 09:00', timestamp '2024-06-01 09:00',
    'deterministic', null),
(repeat('2', 32), 'email', sha256('bo@example.com'), 'shop', null, null, 'steward', null),
(repeat('3', 32), 'crm_id', sha256('7'), 'crm', null, null, 'deterministic', null);

create table marts.customer_redirects (retired_customer_id varchar, customer_id varchar);
insert into marts.customer_redirects values
(repeat('a', 32), repeat('1', 32)), (repeat('b', 32), repeat('1', 32)), (repeat('c', 32), repeat('2', 32));

create table marts.identity_suppressed (
    identifier_type varchar, identifier_hash varchar, reason varchar, linked_count bigint
);
insert into marts.identity_suppressed values ('email', sha256('test@test'), 'invalid', 4);

create table marts.identity_review (
    left_customer_id varchar, right_customer_id varchar, match_probability double, evidence varchar, outcome varchar,
    sources varchar, pair_count bigint
);
insert into marts.identity_review values
(repeat('1', 32), repeat('2', 32), 0.81, '{"comparisons": []}', 'review', 'crm and shop', 1);

create table marts.identity_device_links (
    anonymous_id_hash varchar, customer_id varchar, match_probability double, evidence varchar
);
insert into marts.identity_device_links values (sha256('unknown device'), repeat('1', 32), 0.95, '{"candidates": 1}');
-- The day before, 2 was still two customers, and its phone and account were not known.
create table marts.identity_changes (
    as_of_date date, customer_id varchar, change varchar, effect varchar, from_customer_id varchar,
    to_customer_id varchar, cause varchar, records_moved bigint, orders_moved bigint
);
insert into marts.identity_changes values
(date '2024-06-29', repeat('1', 32), 'split', 'split', repeat('9', 32), repeat('1', 32), 'corrected', 3, 1),
(date '2024-06-30', repeat('2', 32), 'merged', 'merged', repeat('4', 32), repeat('2', 32), 'records', 2, 1),
(date '2024-06-30', repeat('3', 32), 'created', 'created', null, repeat('3', 32), 'first seen in crm', 0, 0);
create table marts.identity_health (
    as_of_date date, customers bigint, identifiers bigint, largest_cluster bigint, p99_cluster bigint,
    clusters_over_limit bigint, suppressed bigint, merges_since_last bigint, splits_since_last bigint
);
insert into marts.identity_health values
(date '2024-06-29', 3, 4, 2, 2, 0, 1, 0, 1), (date '2024-06-30', 3, 6, 3, 3, 0, 1, 1, 0);
create table computed.identity_baselines (baseline varchar, release varchar, as_of_date date);
insert into computed.identity_baselines values
('day_before', 'r1', date '2024-06-29'), ('current', 'r1', date '2024-06-29');
create table computed.identity_before (
    release varchar, identifier_type varchar, identifier_hash varchar, customer_id varchar, match_type varchar
);
insert into computed.identity_before values
('r1', 'user_id', sha256('1'), repeat('1', 32), 'deterministic'),
('r1', 'email', sha256('ana@example.com'), repeat('1', 32), 'deterministic'),
('r1', 'user_id', sha256('2'), repeat('2', 32), 'deterministic'),
('r1', 'email', sha256('bo@example.com'), repeat('4', 32), 'deterministic');
create table intermediate.int_identity_changes_found as
select 'r1' as release, * exclude (as_of_date) from marts.identity_changes where as_of_date = date '2024-06-30';
create table intermediate.int_identity_conflicts_found (
    customer_id varchar, conflict varchar, joined_by varchar, pair_count bigint
);
create table intermediate.int_identifiers_resolved as
select row_number() over () as node_id, * from marts.customer_identifiers;
create table computed.identity_bridges (
    part_id bigint, node_id bigint, side_node_id bigint, record_count bigint, side_size bigint, rest_size bigint
);
create table computed.steward_rules (
    rule_number bigint, rule varchar, left_node_id bigint, right_node_id bigint, author varchar, reason varchar,
    decided_at timestamp, status varchar
);
insert into computed.steward_rules values
(1, 'force_link', 4, 5, 'Ana', 'one person', timestamp '2024-06-30', 'in_effect');

create table marts.orders (
    order_id varchar, customer_id varchar, source varchar, ordered_at timestamp, status varchar, order_number bigint,
    is_first_purchase boolean, currency varchar, gross_revenue decimal(18, 2), discount decimal(18, 2),
    tax decimal(18, 2), shipping decimal(18, 2), refunded decimal(18, 2), net_revenue decimal(18, 2),
    contribution_margin decimal(18, 2), line_count bigint, coupon varchar
);
insert into marts.orders values
('o1', repeat('1', 32), 'shop', timestamp '2024-05-10 12:00', 'paid', 1, true, 'USD', 100, 10, 5, 4, 0, 90, 40, 2,
    'SPRING'),
('o2', repeat('1', 32), 'shop', timestamp '2024-06-12 12:00', 'partially_refunded', 2, false, 'USD', 50, 0, 0, 0, 20,
    30, 10, 1, null),
('o3', repeat('2', 32), 'shop', timestamp '2024-06-20 12:00', 'placed', 1, true, 'EUR', 80, 0, null, null, 0, 80,
    null, 1, null),
('o4', repeat('2', 32), 'shop', timestamp '2024-06-21 12:00', 'cancelled', null, false, 'EUR', 70, 0, null, null, 0,
    70, null, 1, null),
('o5', null, 'shop', timestamp '2024-06-22 12:00', 'pending', null, false, 'USD', 25, 0, 0, 0, 0, 25, null, 0, null);

create table marts.order_lines (
    order_line_id varchar, order_id varchar, customer_id varchar, product_id varchar, category varchar,
    quantity bigint, gross_revenue decimal(18, 2), discount decimal(18, 2), refunded decimal(18, 2),
    net_revenue decimal(18, 2)
);
insert into marts.order_lines values
('l1', 'o1', repeat('1', 32), 'p1', 'lamps', 1, 60, 6, 0, 54),
('l2', 'o1', repeat('1', 32), 'p2', 'chairs', 2, 40, 4, 0, 36),
('l3', 'o2', repeat('1', 32), 'p1', 'lamps', 1, 50, 0, 20, 30),
('l4', 'o3', repeat('2', 32), null, null, 1, 80, 0, 0, 80);

create table marts.refunds (
    refund_id varchar, order_id varchar, customer_id varchar, refunded_at timestamp, amount decimal(18, 2),
    quantity bigint
);
insert into marts.refunds values
('r1', 'o2', repeat('1', 32), timestamp '2024-06-15 12:00', 12.50, 0),
('r2', 'o2', repeat('1', 32), timestamp '2024-06-16 12:00', 7.50, 1);

create table marts.money_reconciliation (
    month date, currency varchar, orders bigint, orders_without_rate bigint, gross_revenue decimal(18, 2),
    discount decimal(18, 2), refunded decimal(18, 2), net_revenue decimal(18, 2)
);
insert into marts.money_reconciliation values
(date '2024-05-01', 'USD', 1, 0, 100, 10, 0, 90),
(date '2024-06-01', 'USD', 2, 0, 75, 0, 20, 55),
(date '2024-06-01', 'EUR', 1, 0, 80, 0, 0, 80);

create table marts.cohort_retention (
    cohort_month date, month_number bigint, customers bigint, active_customers bigint, retention double,
    net_revenue decimal(18, 2)
);
insert into marts.cohort_retention values
(date '2024-05-01', 0, 1, 1, 1.0, 90), (date '2024-05-01', 1, 1, 1, 1.0, 30), (date '2024-06-01', 0, 1, 1, 1.0, 80);

create table marts.ad_spend_daily (
    spend_date date, platform varchar, account_id varchar, campaign_id varchar, campaign varchar, channel varchar,
    reported_campaign varchar, campaign_type varchar, has_known_channel boolean, impressions bigint, clicks bigint,
    spend decimal(18, 2)
);
insert into marts.ad_spend_daily values
(date '2024-06-12', 'google_ads', '123-456-7890', '17', 'Spring', 'Paid Search', 'spring', 'SEARCH', true, 100, 7,
    10.00),
(date '2024-06-12', 'google_ads', '123-456-7890', '18', 'Inns', 'Paid Other', 'inns', 'HOTEL', false, 100, 7, 1.00),
(date '2024-06-30', 'google_ads', '123-456-7890', '17', 'Spring', 'Paid Search', 'spring', 'SEARCH', true, 100, 7,
    12.34);

create table marts.sessions (
    session_id varchar, customer_id varchar, anonymous_id_hash varchar, started_at timestamp, ended_at timestamp,
    channel varchar, source varchar, medium varchar, campaign varchar, landing_path varchar, device_type varchar,
    country_code varchar, page_views bigint, product_views bigint, searches bigint, comparisons bigint,
    cart_adds bigint, checkouts bigint, price_page_views bigint, content_downloads bigint,
    video_completions bigint, purchases bigint, is_engaged boolean
);
insert into marts.sessions values
(sha256('s1'), repeat('1', 32), sha256('d1'), timestamp '2024-06-10 10:00', timestamp '2024-06-10 10:05',
    'Paid Search', 'google', 'cpc', 'spring', '/', 'mobile', 'PT', 3, 1, 0, 0, 1, 0, 0, 0, 0, 0, true),
(sha256('s2'), repeat('1', 32), sha256('d1'), timestamp '2024-06-11 10:00', timestamp '2024-06-11 10:00', 'Direct',
    '(direct)', '(none)', null, '/lamps', 'mobile', 'PT', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, false),
(sha256('s3'), null, sha256('d2'), timestamp '2024-06-10 10:00', timestamp '2024-06-10 10:01', 'Referral',
    'example.org', 'referral', null, '/', null, null, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, true);

create table marts.touchpoints (
    touchpoint_id varchar, customer_id varchar, touched_at timestamp, kind varchar, channel varchar, source varchar,
    medium varchar, campaign varchar
);
insert into marts.touchpoints values
('session:s1', repeat('1', 32), timestamp '2024-06-10 10:00', 'session', 'Paid Search', 'google', 'cpc', 'spring'),
('session:s2', repeat('1', 32), timestamp '2024-06-11 10:00', 'session', 'Direct', '(direct)', '(none)', null),
('email:e1', repeat('1', 32), timestamp '2024-06-11 09:30', 'email_click', 'Email', 'klaviyo', 'email', 'June'),
('sms:x1', repeat('3', 32), timestamp '2024-06-15 09:30', 'sms_click', 'SMS', 'klaviyo', 'sms', null);

-- Two of customer 1 have a path: three touches, and the first of them. Customer 3 clicked and never converted.
create table marts.conversions (
    conversion_id varchar, conversion_type varchar, customer_id varchar, converted_at timestamp, converted_on date,
    revenue decimal(18, 2), order_id varchar, path_length bigint, unattributed_reason varchar
);
insert into marts.conversions values
('order:o1', 'first_purchase', repeat('1', 32), timestamp '2024-05-10 12:00', date '2024-05-10', 90, 'o1', 0,
    'no_touch_in_lookback'),
('order:o2', 'repeat_purchase', repeat('1', 32), timestamp '2024-06-12 12:00', date '2024-06-12', 30, 'o2', 3, null),
('order:o3', 'first_purchase', repeat('2', 32), timestamp '2024-06-20 12:00', date '2024-06-20', 80, 'o3', 0,
    'no_touch_in_lookback'),
('order:o5', 'first_purchase', null, timestamp '2024-06-22 12:00', date '2024-06-22', 25, 'o5', 0, 'no_customer'),
('deal:d1', 'lead', repeat('1', 32), timestamp '2024-06-10 12:00', date '2024-06-10', 0, null, 1, null),
('signup:g1', 'sign_up', repeat('2', 32), timestamp '2024-06-01 09:00', date '2024-06-01', 0, null, 0,
    'no_touch_in_lookback');

create table marts.conversion_paths (
    path varchar[], path_transform varchar, path_length bigint, conversions bigint, non_conversions bigint,
    revenue decimal(18, 2)
);
insert into marts.conversion_paths
select p.path, t.path_transform, len(p.path), p.conversions, p.non_conversions, p.revenue
from (values
    (['Paid Search', 'Email', 'Direct'], 1, 0, 30), (['Paid Search'], 1, 0, 0), (['SMS'], 0, 1, 0)
) as p (path, conversions, non_conversions, revenue)
cross join (values ('full'), ('collapsed')) as t (path_transform);

create table marts.channel_effects (
    model varchar, channel varchar, effect double, "share" double, textbook_conversions double,
    textbook_revenue double, share_low double, share_high double
);
insert into marts.channel_effects
select
    model, channel, effect, effect / sum(effect) over m, 2 * effect / sum(effect) over m,
    30 * effect / sum(effect) over m, 0.0, 0.9
from (values
    ('markov', 'Paid Search', 0.8), ('markov', 'Email', 0.2), ('markov', 'Direct', 0.2), ('markov', 'SMS', 0),
    ('shapley', 'Paid Search', 4 / 3), ('shapley', 'Email', 1 / 3), ('shapley', 'Direct', 1 / 3), ('shapley', 'SMS', 0)
) as e (model, channel, effect)
window m as (partition by model);

create table marts.attribution_credits as
select
    c.conversion_id, c.conversion_type, t.touchpoint_id, m.model, c.customer_id, c.converted_at, c.converted_on,
    t.channel, t.source, t.medium, t.campaign, lower(t.campaign) as reported_campaign, p.position, c.path_length,
    p.credits[m.place] as credit, p.credits[m.place] * cast(c.revenue as double) as credited_revenue
from (values
    ('deal:d1', 'session:s1', 1, [1.0, 1, 1, 1, 1, 1, 1, 1]),
    ('order:o2', 'session:s1', 1, [1.0, 0, 0, 1 / 3, 0.4, 0.25, 2 / 3, 2 / 3]),
    ('order:o2', 'email:e1', 2, [0.0, 0, 1, 1 / 3, 0.2, 0.35, 1 / 6, 1 / 6]),
    ('order:o2', 'session:s2', 3, [0.0, 1, 0, 1 / 3, 0.4, 0.4, 1 / 6, 1 / 6])
) as p (conversion_id, touchpoint_id, position, credits)
inner join marts.conversions as c on c.conversion_id = p.conversion_id
inner join marts.touchpoints as t on t.touchpoint_id = p.touchpoint_id
cross join (values
    (1, 'first_touch'), (2, 'last_touch'), (3, 'last_non_direct'), (4, 'linear'), (5, 'position_based'),
    (6, 'time_decay'), (7, 'markov'), (8, 'shapley')
) as m (place, model);

-- Credits and spend of the same keys, stacked. Customer 1 held no segment yet when the deal was made; all of the spend
-- of June stands there, as one of many ways to share it.
create table marts.figures as
select
    converted_on, model, channel, reported_campaign as campaign,
    case conversion_id when 'deal:d1' then 'none' else 'core' end as segment, credit as conversions,
    credited_revenue as revenue, 0 as spend
from marts.attribution_credits
union all
select s.spend_date, m.model, s.channel, s.reported_campaign, 'none', 0, 0, s.spend
from marts.ad_spend_daily as s cross join (select distinct model from marts.attribution_credits) as m;
create macro marts.ratios(revenue, conversions, first_purchases, spend) as {
    'roas': revenue / cast(nullif(spend, 0) as double), 'cpa': cast(spend as double) / nullif(conversions, 0),
    'cac': cast(spend as double) / nullif(first_purchases, 0)
};
create table marts.attribution_by_channel as
select *, unnest(marts.ratios(revenue, conversions, first_purchases, spend)) from (
    select
        converted_on, model, channel, cast(sum(conversions) as double) as conversions,
        cast(0 as double) as first_purchases, cast(sum(revenue) as double) as revenue,
        cast(sum(spend) as decimal(18, 2)) as spend
    from marts.figures group by all
) as f;
create table marts.attribution_by_campaign as
select *, unnest(marts.ratios(revenue, conversions, first_purchases, spend)) from (
    select
        converted_on, model, campaign, cast(sum(conversions) as double) as conversions,
        cast(0 as double) as first_purchases, cast(sum(revenue) as double) as revenue,
        cast(sum(spend) as decimal(18, 2)) as spend
    from marts.figures group by all
) as f;
create table marts.attribution_by_segment as
select *, unnest(marts.ratios(revenue, conversions, first_purchases, spend)) from (
    select
        cast(date_trunc('month', converted_on) as date) as month, model, segment, channel,
        cast(sum(conversions) as double) as conversions, cast(0 as double) as first_purchases,
        cast(sum(revenue) as double) as revenue, cast(sum(spend) as decimal(18, 2)) as spend
    from marts.figures group by all
) as f;
drop table marts.figures;

create table marts.attribution_reconciliation as
select
    cast(date_trunc('month', converted_on) as date) as month, conversion_type, model,
    count(*) as booked_conversions, count(*) - count(unattributed_reason) as attributed_conversions,
    count(unattributed_reason) as unattributed_conversions,
    count(*) filter (where unattributed_reason = 'no_customer') as conversions_without_customer,
    cast(sum(revenue) as decimal(18, 2)) as booked_revenue,
    cast(sum(if(path_length > 0, revenue, 0)) as decimal(18, 2)) as attributed_revenue,
    cast(sum(if(path_length > 0, 0, revenue)) as decimal(18, 2)) as unattributed_revenue,
    cast(sum(if(customer_id is null, revenue, 0)) as decimal(18, 2)) as revenue_without_customer,
    cast(0 as decimal(18, 2)) as difference, cast(0 as decimal(18, 6)) as conversions_difference
from marts.conversions cross join (select distinct model from marts.attribution_credits) as m
group by all;

-- Of two conversions, what each model credits to a channel.
create table marts.attribution_model_agreement (
    channel varchar, share_first_touch double, share_last_touch double, share_last_non_direct double,
    share_linear double, share_position_based double, share_time_decay double, share_markov double,
    share_shapley double, spread double, highest_model varchar, lowest_model varchar, rank_first_touch bigint,
    rank_last_touch bigint, rank_last_non_direct bigint, rank_linear bigint, rank_position_based bigint,
    rank_time_decay bigint, rank_markov bigint, rank_shapley bigint
);
insert into marts.attribution_model_agreement values
('Paid Search', 1.0, 0.5, 0.5, 2 / 3, 0.7, 0.625, 5 / 6, 5 / 6, 0.5, 'first_touch', 'last_touch', 1, 1, 1, 1, 1, 1, 1, 1),
('Email', 0.0, 0.0, 0.5, 1 / 6, 0.1, 0.175, 1 / 12, 1 / 12, 0.5, 'last_non_direct', 'first_touch', 2, 3, 1, 2, 3, 3, 2, 2),
('Direct', 0.0, 0.5, 0.0, 1 / 6, 0.2, 0.2, 1 / 12, 1 / 12, 0.5, 'last_touch', 'first_touch', 2, 1, 3, 2, 2, 2, 2, 2);

create table marts.channel_unassigned (
    kind varchar, source varchar, medium varchar, campaign varchar, sessions bigint, customers bigint,
    touchpoints bigint, conversions bigint, spend decimal(18, 2), first_seen_on date, last_seen_on date
);
insert into marts.channel_unassigned values
('ad_campaign', 'google_ads', 'HOTEL', 'Inns', 0, 0, 0, 0, 1.00, date '2024-06-12', date '2024-06-12');

-- Every figure in one step, the spread in a second one.
create table marts.attribution_data_map as
select
    table_name, column_name, cast(s.step as bigint) as step,
    case s.step when 1 then 'marts.attribution_credits' else 'raw_shop.visit' end as reads_table,
    'credit' as reads_columns, 'the columns of compared_by' as joined_by, 'sum(credits.credit)' as formula,
    'model' as compared_by, 'select 1' as query, s.step = 1 as is_published
from information_schema.columns cross join (values (1), (2)) as s (step)
where
    table_schema = 'marts' and (s.step = 1 or column_name = 'spread') and data_type not like 'VARCHAR%'
    and column_name not in ('converted_on', 'month') and table_name in (
        'attribution_by_channel', 'attribution_by_campaign', 'attribution_by_segment', 'attribution_reconciliation',
        'attribution_model_agreement'
    )
    or table_name = 'attribution_model_agreement' and column_name like '%_model' and s.step = 1;

create table marts.customer_rfm (
    customer_id varchar, as_of_date date, recency_days bigint, frequency bigint, monetary decimal(18, 2),
    r_score integer, f_score integer, m_score integer, rfm_cell varchar, rfm_score double, rfm_segment varchar
);
insert into marts.customer_rfm values
(repeat('1', 32), date '2024-06-30', 18, 2, 120, 1, 3, 3, '133', 7.0 / 3, 'cannot_lose'),
(repeat('2', 32), date '2024-06-30', 10, 1, 80, 3, 1, 1, '311', 5.0 / 3, 'about_to_sleep');

-- Customer 1 has two sessions of 2024-06-10 and 11; what nobody did is 0 in every window.
create table marts.customer_features as
select
    c.customer_id, date '2024-06-30' as as_of_date,
    c.lifetime_orders - c.lifetime_orders // 2 as orders_30d, c.lifetime_orders as orders_90d,
    c.lifetime_orders as orders_365d, c.lifetime_orders as orders_lifetime,
    cast(case c.lifetime_orders when 2 then 30 else c.lifetime_net_revenue end as decimal(18, 2)) as net_revenue_30d,
    c.lifetime_net_revenue as net_revenue_90d, c.lifetime_net_revenue as net_revenue_365d,
    c.lifetime_net_revenue as net_revenue_lifetime,
    cast(case when c.lifetime_orders > 0 then c.lifetime_net_revenue / c.lifetime_orders end as decimal(18, 2))
        as average_order_value,
    case when c.lifetime_orders > 0 then (c.lifetime_orders - 1) / c.lifetime_orders end as repeat_rate,
    cast(0 as decimal(18, 2)) as contribution_margin_365d,
    cast(case when c.lifetime_orders > 1 then 33 end as double) as days_between_orders,
    cast(date '2024-06-30' - cast(c.first_seen_at as date) as bigint) as tenure_days,
    0 as sessions_7d, n as sessions_30d, n as sessions_90d,
    0 as engaged_sessions_7d, n // 2 as engaged_sessions_30d, n // 2 as engaged_sessions_90d,
    0 as page_views_7d, 2 * n as page_views_30d, 2 * n as page_views_90d,
    0 as product_views_7d, n // 2 as product_views_30d, n // 2 as product_views_90d,
    0 as comparisons_7d, 0 as comparisons_30d, 0 as comparisons_90d,
    0 as content_downloads_7d, 0 as content_downloads_30d, 0 as content_downloads_90d,
    0 as video_completions_7d, 0 as video_completions_30d, 0 as video_completions_90d,
    0 as cart_adds_7d, n // 2 as cart_adds_30d, n // 2 as cart_adds_90d,
    n as active_days_30d, cast(null as double) as engagement_velocity,
    0.5 as email_open_rate_90d, 0.0 as email_click_rate_90d, cast(1 as bigint) as days_since_last_seen,
    0 as price_page_views_30d, 0 as searches_30d, 0 as checkouts_30d, 0 as carts_abandoned_30d,
    0 as checkouts_abandoned_30d, 0 as leads_90d,
    cast(n as double) as intent_score, case when n > 0 then 'exploring' else 'none' end as intent_class,
    case when n > 0 then 'lamps' end as top_category, case when n > 0 then 0.7 end as top_category_share,
    n as category_count,
    case when n > 0 then 'Direct' end as preferred_channel, case when n > 0 then 'mobile' end as preferred_device,
    case when n > 0 then 'morning' end as preferred_daypart,
    case when c.lifetime_orders > 0 then 0.5 end as discount_share,
    case when c.lifetime_orders > 0 then 0.05 end as average_discount_rate,
    case when n > 0 then 'mid' end as price_band, case when c.lifetime_orders > 0 then 0.5 end as price_sensitivity,
    0 as tickets_365d, 0 as bad_ratings_365d, cast(null as double) as nps_last, cast(null as double) as csat_last,
    case when c.lifetime_orders > 0 then 0.5 end as returns_rate, cast(null as bigint) as loyalty_points,
    c.loyalty_tier, n as products_bought, cast(null as bigint) as time_to_first_purchase_days,
    cast(null as bigint) as first_to_second_purchase_days
from (select *, cast(case when lifetime_orders = 2 then 2 else 0 end as bigint) as n from marts.customers) as c;

create table marts.segments (
    segment varchar, description varchar, owner varchar, goal_metric varchar, goal_target double,
    goal_direction varchar, goal_due_on date, positioning varchar, price_tier varchar, channel_mix varchar,
    key_metrics varchar, action_plan varchar, priority bigint, status varchar, review_due_on date,
    renamed_from varchar, size bigint, "share" double, rule varchar, rule_inputs varchar, file varchar
);
insert into marts.segments
select
    column0, 'Those who are ' || column0, column1, 'conversion_rate_30d', 0.5, 'at_least', date '2024-12-31', 'Value',
    'mid', 'email, search', 'size', 'write; wait', column2, column3, date '2024-09-30', null, column4, column4 / 3,
    'orders_lifetime > 0', 'orders_lifetime', 'dbt_project/models/segments/' || column0 || '.sql'
from (values
    ('core', 'ana', 1, 'active', 1), ('buyers', 'bo', 2, 'active', 2), ('dreamers', 'ana', 3, 'draft', 0),
    ('past', 'bo', 1, 'retired', 0)) as t (column0, column1, column2, column3, column4);

create table marts.segment_membership (customer_id varchar, segment varchar, is_primary boolean);
insert into marts.segment_membership values
(repeat('1', 32), 'core', true), (repeat('1', 32), 'buyers', false), (repeat('2', 32), 'buyers', true);

-- Customer 1 left the buyers once; 9 is a customer of another day.
create table marts.segment_membership_history (customer_id varchar, segment varchar, valid_from date, valid_to date);
insert into marts.segment_membership_history values
(repeat('1', 32), 'core', date '2024-06-12', null),
(repeat('1', 32), 'buyers', date '2024-05-10', date '2024-06-01'),
(repeat('1', 32), 'buyers', date '2024-06-12', date '2024-07-03'),
(repeat('2', 32), 'buyers', date '2024-06-20', null),
(repeat('9', 32), 'past', date '2024-05-01', date '2024-06-01');

create table marts.segment_overlap (segment_a varchar, segment_b varchar, customers bigint, jaccard double);
insert into marts.segment_overlap values ('buyers', 'core', 1, 0.5);

create table marts.segment_performance (
    as_of_date date, segment varchar, size bigint, reach_30d bigint, activation_rate_30d double, purchases_30d bigint,
    conversion_rate_30d double, net_revenue_30d decimal(18, 2), average_order_value decimal(18, 2),
    arpu_30d decimal(18, 2), contribution_margin_30d decimal(18, 2), retention_rate_90d double, churn_rate_90d double,
    engagement_velocity double, nps double, csat double, goal_metric varchar, goal_target double,
    goal_direction varchar, goal_actual double, goal_met boolean
);
insert into marts.segment_performance values
(date '2024-06-29', 'past', 9, 1, 0.0, 0, 0.0, 0, null, 0, 0, null, null, null, null, null, 'size', 10, 'at_least', 9,
    false),
(date '2024-06-30', 'core', 1, 1, 1.0, 1, 1.0, 30, 30, 30, 10, null, null, null, 20, null, 'conversion_rate_30d', 0.5,
    'at_least', 1.0, true),
(date '2024-06-30', 'buyers', 2, 1, 0.5, 2, 1.0, 110, 55, 55, null, 0.25, 0.75, 1.5, null, 4.5, 'conversion_rate_30d',
    0.5, 'at_least', 1.0, true);

create table marts.segment_transitions (as_of_date date, from_segment varchar, to_segment varchar, customers bigint);
insert into marts.segment_transitions values
(date '2024-06-29', 'none', 'past', 9), (date '2024-06-30', 'core', 'core', 1), (date '2024-06-30', 'none', 'buyers', 1),
(date '2024-06-30', 'none', 'none', 1);

create table marts.segment_scorecard (
    as_of_date date, segment varchar, measurable double, members bigint, member_share double, substantial double,
    accessible double, differentiable double, stable double, verdict varchar, reasons varchar
);
insert into marts.segment_scorecard values
(date '2024-06-29', 'core', null, 0, 0.0, 0.0, null, null, null, 'retire', 'no members'),
(date '2024-06-30', 'core', 1.0, 1, 1.0 / 3, 0.6, 1.0, 0.9, 0.5, 'keep', 'every criterion holds'),
(date '2024-06-30', 'buyers', 1.0, 2, 2.0 / 3, 1.0, 0.5, -0.1, null, 'watch', 'differentiable -0.1 is below 0.2');

create table marts.audience_map (
    customer_id varchar, r_score integer, f_score integer, m_score integer, intent_score double,
    audience_score double, segments varchar, segment_count bigint, primary_segment varchar
);
insert into marts.audience_map values
(repeat('1', 32), 1, 3, 3, 2.0, 0.4, 'buyers, core', 2, 'core'),
(repeat('2', 32), 3, 1, 1, 0.0, 0.2, 'buyers', 1, 'buyers'),
(repeat('3', 32), null, null, null, 0.0, 0.0, null, 0, null);

create table marts.customer_triggers (
    customer_id varchar, trigger varchar, fired_at timestamp, segment varchar, offer varchar, evidence varchar,
    expires_at timestamp
);
insert into marts.customer_triggers values
(repeat('1', 32), 'cart_abandoned', timestamp '2024-06-11 10:00', 'core', 'Free shipping', '1 cart of 2024-06-10',
    timestamp '2024-06-18 10:00');

create table marts.funnel_stages (
    as_of_date date, primary_segment varchar, channel varchar, stage varchar, customers bigint, entered_30d bigint,
    left_30d bigint, median_days_in_stage double
);
insert into marts.funnel_stages values
(date '2024-06-29', 'none', 'none', 'lapsed', 7, 0, 0, 12.0),
(date '2024-06-30', 'core', 'Paid Search', 'retention', 1, 1, 0, 18.0),
(date '2024-06-30', 'core', 'Paid Search', 'purchase', 0, 0, 1, null),
(date '2024-06-30', 'buyers', 'none', 'purchase', 1, 1, 0, 10.0),
(date '2024-06-30', 'none', 'none', 'awareness', 1, 0, 0, 60.0);

create table marts.load_ledger as select * from ops.load_ledger;
create table restricted.quarantine as
select source, table_name, file, line, column_name, reason, raw_text from ops.quarantine;
create table marts.quarantine_summary (
    source varchar, table_name varchar, column_name varchar, reason varchar, "rows" bigint, first_file varchar
);
insert into marts.quarantine_summary values
('shop', 'order', 'total', 'not_a_number', 1, 'shop/order/dt=2024-06-23/part.csv');

create table marts.refreshes (
    run_id varchar, as_of_date date, started_at timestamp, finished_at timestamp, status varchar, release varchar,
    reason varchar, rows_loaded bigint, rows_quarantined bigint, code_version varchar
);
insert into marts.refreshes values
('run1', date '2024-06-29', timestamp '2024-06-30 02:00', timestamp '2024-06-30 02:01', 'published', 'r1', null, 700,
    1, 'abc'),
('run2', date '2024-06-29', timestamp '2024-06-30 03:00', null, 'failed', null, 'disk full', 0, 0, 'abc');

create table marts.erasures (
    run_id varchar, request_id varchar, requested_at timestamp, erased_at timestamp, record_count bigint,
    raw_row_count bigint, quarantine_row_count bigint, release_count bigint, searched_value_count bigint,
    found_count bigint
);
-- A first proof that failed, and the next, which did not.
insert into marts.erasures values
('run2', 'e1', timestamp '2024-06-20 10:00', timestamp '2024-06-30 03:00', 1, 2, 0, 1, 3, 1),
('run1', 'e1', timestamp '2024-06-20 10:00', timestamp '2024-07-01 02:00', 1, 2, 0, 1, 3, 0);

create table marts.quality_results (
    run_id varchar, checked_at timestamp, as_of_date date, suite varchar, rule varchar, table_name varchar,
    column_name varchar, expectation varchar, description varchar, fix varchar, severity varchar, owner varchar,
    success boolean, observed_value varchar, unexpected_count bigint, unexpected_percent double, waived_by varchar,
    waived_until date
);
insert into marts.quality_results values
('run1', timestamp '2024-06-30 02:00', date '2024-06-29', 'published.orders', 'orders.one_row_a_order', 'orders',
    'order_id', '(order_id) is unique', 'why', 'what', 'critical', 'commerce', true, '0 failing of 5 rows', 0, 0.0,
    null, null);

create table seeds.channel_overrides (source varchar, medium varchar, campaign varchar, channel varchar, note varchar);
insert into seeds.channel_overrides values ('a', null, null, ' a > b "it''s" 🎈 ', null), (null, null, null, null, null);

create table seeds.waivers (rule varchar, waived_by varchar, waived_until date, reason varchar);
insert into seeds.waivers values
('sessions.campaigns_are_named', 'ana', date '2024-12-31', 'the agency adds the names by the end of the year');

create table marts.data_map (
    table_name varchar, column_name varchar, data_type varchar, description varchar, owner varchar, pii boolean,
    upstream_sources varchar
);
insert into marts.data_map
select
    case when table_schema = 'marts' then table_name else table_schema || '.' || table_name end, column_name,
    data_type, 'What the column holds.', 'data_platform', table_schema = 'restricted', 'shop.order'
from information_schema.columns where table_schema in ('marts', 'restricted');
