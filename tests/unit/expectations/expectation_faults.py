"""A planted fault for every rule: the statement that breaks the warehouse of warehouse.sql in that one respect."""

from __future__ import annotations

from expectations.rules import Rule, Suite, quoted
from expectations.suites import funnel_stages, identity_health, segment_performance, segment_scorecard

ONE = "repeat('1', 32)"

# A second copy of one row breaks the grain of any table.
_TWICE = "insert into {relation} select * from {relation} limit 1"

PLANTED: dict[str, str] = {
    # What arrives.
    "ledger.status_is_known": "update ops.load_ledger set status = 'lost' where table_name = 'visit'",
    "ledger.rows_add_up": "update ops.load_ledger set rows_read = rows_read + 1 where table_name = 'visit'",
    "ledger.quarantine_agrees": "delete from ops.quarantine",
    "ledger.every_folder_is_known": "insert into ops.load_ledger values ('shop', 'ordr', 'shop/ordr/a.csv', null, '', "
    "0, 0, 0, 'unknown_table', 'no contract', null, timestamp '2024-07-01')",
    "ledger.failures_give_a_reason": "insert into ops.load_ledger values ('shop', 'visit', 'shop/visit/b.csv', null, "
    "'', 0, 0, 0, 'rejected', ' ', null, timestamp '2024-07-01')",
    "shop.order.required_values_are_there": "update raw_shop.\"order\" set currency = null where id = 'o7'",
    "shop.visit.required_values_are_there": "update raw_shop.visit set id = null",
    "shop.order.rows_are_all_there": "delete from raw_shop.\"order\" where id = 'o7'",
    "shop.visit.rows_are_all_there": "insert into raw_shop.visit values ('v2', null, 'shop/gone.csv', 2, null)",
    # 10 of 100 rows of the newest export, 11 of 800 in all: more than rare, far from the limit.
    "shop.order.quarantine_is_rare": "update ops.load_ledger set rows_loaded = 90, rows_quarantined = 10 "
    "where export_date = date '2024-06-30' and table_name = 'order'",
    "shop.visit.quarantine_is_rare": "update ops.load_ledger set rows_read = 50, rows_quarantined = 1 "
    "where file = 'shop/visit.csv'",
    "shop.order.quarantine_is_limited": "update ops.load_ledger set rows_read = 150, rows_loaded = 50, "
    "rows_quarantined = 100 where export_date = date '2024-06-30' and table_name = 'order'",
    "shop.visit.quarantine_is_limited": "update ops.load_ledger set rows_read = 101, rows_quarantined = 100 "
    "where file = 'shop/visit.csv'",
    "shop.order.every_file_is_read": "insert into ops.load_ledger values ('shop', 'order', "
    "'shop/order/dt=2024-06-30/b.csv', date '2024-06-30', '', 0, 0, 0, 'rejected', 'required column missing: id', "
    "null, timestamp '2024-07-01')",
    "shop.visit.every_file_is_read": "update ops.load_ledger set status = 'unreadable' "
    "where file = 'shop/visit/dt=2024-06-30/a.csv'",
    "shop.order.is_fresh": "delete from ops.load_ledger where export_date > date '2024-06-26'",
    "shop.visit.is_fresh": "update ops.load_ledger set export_date = export_date - 4 where export_date is not null",
    "shop.order.volume_holds": "update ops.load_ledger set rows_read = 9, rows_loaded = 9 "
    "where export_date = date '2024-06-30' and table_name = 'order'",
    "shop.visit.volume_holds": "insert into ops.load_ledger select 'shop', 'visit', 'shop/visit/' || i, "
    "cast(date '2024-06-30' - cast(i as integer) as date), '', 100, 100, 0, 'loaded', null, null, "
    "timestamp '2024-07-01' from range(1, 6) as t (i)",
    "shop.order.columns_are_as_agreed": "update ops.load_ledger set drift = 'unknown: channel' "
    "where export_date = date '2024-06-30' and table_name = 'order'",
    "shop.visit.columns_are_as_agreed": "update ops.load_ledger set drift = 'missing: seen_at' "
    "where file = 'shop/visit/dt=2024-06-30/a.csv'",
    "shop.order.keys_arrive_once": "update raw_shop.\"order\" set id = 'o1' where id = 'o2'",
    # Who is who.
    "customers.country_code_is_well_formed": "update marts.customers set country_code = 'Portugal' "
    "where country_code is not null",
    "customers.birth_year_is_in_range": f"update marts.customers set birth_year = 2042 where customer_id = {ONE}",
    "customers.profile_completeness_is_in_range": "update marts.customers set profile_completeness = 1.01 "
    f"where customer_id = {ONE}",
    "customers.source_count_is_in_range": f"update marts.customers set source_count = 0 where customer_id = {ONE}",
    "customers.identifier_count_is_in_range": "update marts.customers set identifier_count = 0 "
    f"where customer_id = {ONE}",
    "customers.seen_in_order": "update marts.customers set last_seen_at = timestamp '2024-04-30' "
    f"where customer_id = {ONE}",
    "customers.seen_by_the_cutoff": "update marts.customers set first_seen_at = timestamp '2024-07-01', "
    f"last_seen_at = null where customer_id = {ONE}",
    "customers.lifecycle_stage_is_filled": "update marts.customers set lifecycle_stage = null "
    "where lifetime_orders = 0",
    "customers.lifecycle_stage_is_known": "update marts.customers set lifecycle_stage = 'churned' "
    f"where customer_id = {ONE}",
    "customers.acquisition_channel_is_known": "update marts.customers set acquisition_channel = 'Billboard' "
    f"where customer_id = {ONE}",
    "customers.stage_fits_the_orders": "update marts.customers set lifecycle_stage = 'awareness' "
    f"where customer_id = {ONE}",
    "touchpoints.customer_id_exists_in_customers": "update marts.touchpoints set customer_id = repeat('9', 32) "
    "where kind = 'email_click'",
    "touchpoints.kind_is_known": "update marts.touchpoints set kind = 'billboard' where kind = 'email_click'",
    "touchpoints.channel_is_known": "update marts.touchpoints set channel = 'Billboard' where kind = 'email_click'",
    "touchpoints.seen_by_the_cutoff": "update marts.touchpoints set touched_at = timestamp '2024-07-01' "
    "where kind = 'email_click'",
    "touchpoints.clicks_are_no_sessions": "update marts.touchpoints set touched_at = timestamp '2024-06-11 09:30:01' "
    "where kind = 'email_click'",
    # Attribution.
    "conversions.path_length_is_in_range": "update marts.conversions set path_length = -1",
    "conversions.reason_fits_the_path": "update marts.conversions set unattributed_reason = null "
    "where conversion_id = 'order:o3'",
    "conversions.only_purchases_earn": "update marts.conversions set revenue = 0.01 where conversion_type = 'lead'",
    "conversions.seen_by_the_cutoff": "update marts.conversions set converted_at = timestamp '2024-07-01' "
    "where conversion_type = 'lead'",
    "conversions.converted_on_is_its_date": "update marts.conversions set converted_on = date '2024-06-11' "
    "where conversion_type = 'lead'",
    "conversions.agrees_with_orders": "update marts.conversions set revenue = 30.01 where conversion_id = 'order:o2'",
    "conversions.some_have_a_path": "update marts.conversions set path_length = 0",
    "conversion_paths.path_length_is_the_paths": "update marts.conversion_paths set path_length = 2 "
    "where path = ['SMS']",
    "conversion_paths.counts_are_counts": "update marts.conversion_paths set revenue = 1 where path = ['SMS']",
    "conversion_paths.collapsed_paths_do_not_repeat": "update marts.conversion_paths "
    "set path = ['SMS', 'Email', 'Email'] where path = ['SMS']",
    "conversion_paths.agrees_with_conversions": "update marts.conversion_paths set non_conversions = 2 "
    "where path = ['SMS'] and path_transform = 'full'",
    "channel_effects.effects_are_plausible": "update marts.channel_effects set effect = 1.1 "
    "where model = 'markov' and channel = 'SMS'",
    "channel_effects.shares_are_of_their_model": "update marts.channel_effects set effect = 0.1 where channel = 'SMS'",
    "channel_effects.intervals_are_intervals": "update marts.channel_effects set share_low = 0.95",
    "channel_effects.textbook_adds_up": "update marts.channel_effects set textbook_conversions = 1 "
    "where channel = 'SMS'",
    "channel_effects.every_channel_of_a_path_is_there": "delete from marts.channel_effects "
    "where model = 'shapley' and channel = 'SMS'",
    "attribution_credits.grain_is_unique": "insert into marts.attribution_credits "
    "select * from marts.attribution_credits where conversion_id = 'deal:d1'",
    "attribution_credits.credit_is_in_range": "update marts.attribution_credits set credit = credit - 1 "
    "where model = 'last_touch'",
    # The other models stand; the sum of all eight does, too.
    "attribution_credits.credits_sum_to_one": "update marts.attribution_credits set credit = "
    "credit + case model when 'linear' then 1e-8 when 'markov' then -1e-8 else 0 end where position = 1",
    "attribution_credits.positions_run_from_one": "update marts.attribution_credits set position = 3 "
    "where conversion_id = 'order:o2' and position = 2 and model = 'markov'",
    "attribution_credits.every_conversion_is_credited": "delete from marts.attribution_credits "
    "where conversion_id = 'deal:d1' and model = 'shapley'",
    "attribution_credits.credited_revenue_adds_up": "update marts.attribution_credits "
    "set credited_revenue = credited_revenue + 0.01 where model = 'linear' and position = 1",
    # A microsecond late.
    "attribution_credits.touches_lead_to_the_conversion": "update marts.touchpoints "
    "set touched_at = timestamp '2024-06-12 12:00' where touchpoint_id = 'session:s2'",
    **{
        fault: text
        for table, group in (("channel", "channel"), ("campaign", "campaign"), ("segment", "channel"))
        for fault, text in {
            f"attribution_by_{table}.credit_is_not_negative": f"update marts.attribution_by_{table} "
            "set first_purchases = 3",
            f"attribution_by_{table}.ratios_are_of_their_row": f"update marts.attribution_by_{table} "
            "set cpa = 0 where cpa is null",
            # The spend of a day without a conversion is left out under one model.
            f"attribution_by_{table}.spend_is_joined_once": f"update marts.attribution_by_{table} "
            "set spend = spend - 12.34 where model = 'markov' and spend >= 12.34",
            f"attribution_by_{table}.agrees_with_credits": f"update marts.attribution_by_{table} "
            f"set revenue = revenue + 1e-6 where model = 'markov' and {group} = 'spring' or {group} = 'Email'",
        }.items()
        if not (table == "segment" and fault.endswith("agrees_with_credits"))
    },
    "attribution_by_segment.agrees_with_channels": "update marts.attribution_by_segment "
    "set conversions = conversions + 0.1 where segment = 'core'",
    "attribution_by_segment.month_is_a_month": "update marts.attribution_by_segment set month = date '2024-06-02'",
    "attribution_reconciliation.month_is_a_month": "update marts.attribution_reconciliation "
    "set month = date '2024-06-02' where month = date '2024-06-01'",
    "attribution_reconciliation.nothing_is_lost": "update marts.attribution_reconciliation set difference = 0.01 "
    "where model = 'shapley'",
    "attribution_reconciliation.agrees_with_conversions": "delete from marts.attribution_reconciliation "
    "where conversion_type = 'sign_up' and model = 'linear'",
    # A cent moves from attributed to unattributed, so that the row itself adds up.
    "attribution_reconciliation.agrees_with_credits": "update marts.attribution_reconciliation "
    "set attributed_revenue = attributed_revenue - 0.01, unattributed_revenue = unattributed_revenue + 0.01 "
    "where conversion_type = 'repeat_purchase'",
    "attribution_model_agreement.shares_sum_to_one": "update marts.attribution_model_agreement "
    "set share_markov = 0.5 where channel = 'Email'",
    "attribution_model_agreement.ranks_are_of_the_shares": "update marts.attribution_model_agreement "
    "set rank_markov = 3 where channel = 'Direct'",
    "attribution_model_agreement.spread_is_of_the_shares": "update marts.attribution_model_agreement "
    "set highest_model = 'linear' where channel = 'Email'",
    "attribution_model_agreement.agrees_with_channels": "delete from marts.attribution_model_agreement "
    "where channel = 'Direct'",
    "channel_unassigned.counts_are_plausible": "update marts.channel_unassigned set conversions = 1",
    "channel_unassigned.seen_in_order": "update marts.channel_unassigned set first_seen_on = date '2024-06-13'",
    "channel_unassigned.no_session_is_lost": "update marts.sessions set channel = 'Unassigned' "
    "where session_id = sha256('s3')",
    "channel_unassigned.no_spend_is_lost": "delete from marts.channel_unassigned",
    "attribution_data_map.steps_run_from_one": "update marts.attribution_data_map set step = 3 where step = 2",
    "attribution_data_map.what_is_read_is_there": "drop table raw_shop.visit",
    "attribution_data_map.every_figure_is_there": "delete from marts.attribution_data_map where column_name = 'spread'",
    "customers.identifiers_agree": f"update marts.customers set identifier_count = 4 where customer_id = {ONE}",
    "customers.lifetime_agrees_with_orders": "update marts.customers set lifetime_net_revenue = 120.01 "
    f"where customer_id = {ONE}",
    "customer_contacts.every_customer_is_there": f"delete from restricted.customer_contacts where customer_id = {ONE}",
    "customer_contacts.email_is_lower_case": "update restricted.customer_contacts set email = 'Ana@example.com' "
    f"where customer_id = {ONE}",
    "customer_contacts.date_of_birth_is_past": "update restricted.customer_contacts "
    f"set date_of_birth = date '2024-07-01' where customer_id = {ONE}",
    "customer_identifiers.match_probability_is_in_range": "update marts.customer_identifiers "
    "set match_probability = -0.1 where identifier_type = 'phone'",
    "customer_identifiers.seen_in_order": "update marts.customer_identifiers set last_seen_at = timestamp '2024-01-01' "
    f"where identifier_type = 'user_id' and customer_id = {ONE}",
    "customer_identifiers.seen_by_the_cutoff": "update marts.customer_identifiers "
    "set first_seen_at = timestamp '2024-07-01' where identifier_type = 'phone'",
    "customer_redirects.never_chains": "insert into marts.customer_redirects values (repeat('d', 32), repeat('c', 32))",
    "customer_redirects.retired_is_no_customer": "update marts.customer_redirects "
    "set retired_customer_id = repeat('3', 32) where retired_customer_id = repeat('a', 32)",
    "customer_redirects.every_identifier_leads_somewhere": "delete from marts.customer_redirects "
    "where retired_customer_id = repeat('c', 32)",
    "identity_suppressed.linked_count_is_in_range": "update marts.identity_suppressed set linked_count = 0",
    "identity_suppressed.suppressed_joins_nobody": "update marts.identity_suppressed "
    "set identifier_hash = sha256('ana@example.com')",
    "identity_review.match_probability_is_in_range": "update marts.identity_review set match_probability = 1.2",
    "identity_review.a_pair_is_two_customers": "update marts.identity_review set left_customer_id = right_customer_id",
    "identity_review.evidence_names_nobody": "update marts.identity_review "
    'set evidence = \'{"e-mail": "ana@example.com"}\'',
    "identity_device_links.match_probability_is_in_range": "update marts.identity_device_links "
    "set match_probability = 1.2",
    "identity_device_links.linked_device_is_no_identifier": "insert into marts.customer_identifiers "
    "select customer_id, 'anonymous_id', anonymous_id_hash, 'segment', null, null, 'deterministic', 1 "
    "from marts.identity_device_links",
    "customer_identifiers.no_probability_outweighs_evidence": "insert into intermediate.int_identity_conflicts_found "
    f"values ({ONE}, 'birth_dates', 'probabilistic', 1)",
    "customer_identifiers.records_agree_on_birth_dates": "insert into intermediate.int_identity_conflicts_found "
    f"values ({ONE}, 'birth_dates', 'deterministic', 1)",
    "customer_identifiers.customers_are_of_plausible_size": "insert into marts.customer_identifiers "
    f"select {ONE}, 'email', sha256('many' || i), 'shop', null, null, 'deterministic', 1 from range(48) as t (i)",
    "customer_identifiers.no_bridge_holds_two_halves": "insert into computed.identity_bridges "
    "values (1, 3, 1, 1, 8, 9)",
    "customer_identifiers.stewards_decisions_hold": "update computed.steward_rules set status = 'outranked'",
    "identity_changes.only_the_new_come_from_nobody": "update marts.identity_changes set from_customer_id = null "
    "where effect = 'merged'",
    "identity_changes.records_moved_is_in_range": "update marts.identity_changes set records_moved = -1",
    "identity_changes.orders_are_records": "update marts.identity_changes set orders_moved = 9",
    "identity_changes.todays_customers_are_there": "update marts.identity_changes set to_customer_id = repeat('8', 32) "
    "where as_of_date = date '2024-06-30'",
    **{
        f"identity_health.{column}_is_in_range": f"update marts.identity_health set {column} = -1"
        for column in identity_health.COUNTS
    },
    "identity_health.sizes_are_in_order": "update marts.identity_health set p99_cluster = 4",
    "identity_health.agrees_with_customer_identifiers": "delete from marts.identity_health "
    "where as_of_date = date '2024-06-30'",
    "identity_health.largest_cluster_does_not_jump": "insert into marts.customer_identifiers "
    f"select {ONE}, 'email', sha256('many' || i), 'shop', null, null, 'deterministic', 1 from range(48) as t (i)",
    "identity_health.merges_do_not_jump": "insert into intermediate.int_identity_changes_found "
    "select 'r1', repeat('2', 32), 'merged', 'merged', sha256('c' || i), repeat('2', 32), 'records', 1, 0 "
    "from range(20) as t (i)",
    # Orders and money.
    "orders.ordered_by_the_cutoff": "update marts.orders set ordered_at = timestamp '2024-07-01' where order_id = 'o5'",
    "orders.ordered_at_is_plausible": "update marts.orders set ordered_at = timestamp '1970-01-01' "
    "where order_id = 'o5'",
    "orders.currency_is_well_formed": "update marts.orders set currency = 'US$' where order_id = 'o5'",
    "orders.net_revenue_adds_up": "update marts.orders set net_revenue = net_revenue + 0.01 where order_id = 'o1'",
    "orders.amount_is_known": "update marts.orders set gross_revenue = null, net_revenue = null where order_id = 'o5'",
    "orders.gross_revenue_is_in_range": "update marts.orders set gross_revenue = -1, net_revenue = -1 "
    "where order_id = 'o5'",
    "orders.discount_is_in_range": "update marts.orders set discount = -1, net_revenue = 26 where order_id = 'o5'",
    "orders.refunded_is_in_range": "update marts.orders set refunded = -1, net_revenue = 26 where order_id = 'o5'",
    "orders.refunded_within_paid": "update marts.orders set refunded = 30, net_revenue = -5 where order_id = 'o5'",
    "orders.margin_is_below_net_revenue": "update marts.orders set contribution_margin = 91 where order_id = 'o1'",
    "orders.purchases_are_numbered": "update marts.orders set order_number = 2 where order_id = 'o4'",
    "orders.order_number_counts_up": "update marts.orders set order_number = 3 where order_id = 'o2'",
    "orders.first_purchase_is_number_one": "update marts.orders set is_first_purchase = true where order_id = 'o2'",
    "order_lines.order_is_not_cancelled": "update marts.order_lines set order_id = 'o4' where order_line_id = 'l4'",
    "order_lines.customer_is_the_orders": "update marts.order_lines set customer_id = null where order_line_id = 'l4'",
    "order_lines.net_revenue_adds_up": "update marts.order_lines set net_revenue = 54.01 where order_line_id = 'l1'",
    "order_lines.quantity_is_positive": "update marts.order_lines set quantity = 0 where order_line_id = 'l4'",
    "order_lines.gross_revenue_agrees_with_orders": "update marts.order_lines "
    "set gross_revenue = 80.02, net_revenue = 80.02 where order_line_id = 'l4'",
    "order_lines.discount_agrees_with_orders": "update marts.order_lines set discount = 6.03, net_revenue = 53.97 "
    "where order_line_id = 'l1'",
    "order_lines.all_lines_are_there": "delete from marts.order_lines where order_line_id = 'l4'",
    "order_lines.category_is_known": "update marts.order_lines set product_id = 'p9' where order_line_id = 'l4'",
    "refunds.order_is_not_cancelled": "update marts.refunds set order_id = 'o4'",
    "refunds.customer_is_the_orders": "update marts.refunds set customer_id = repeat('2', 32)",
    "refunds.refunded_by_the_cutoff": "update marts.refunds set refunded_at = timestamp '2024-07-01'",
    "refunds.refunded_after_the_order": "update marts.refunds set refunded_at = timestamp '2024-06-12 11:59'",
    "refunds.amount_is_in_range": "update marts.refunds set amount = -12.50 where refund_id = 'r1'",
    "refunds.quantity_is_in_range": "update marts.refunds set quantity = -1",
    "refunds.amount_agrees_with_orders": "update marts.refunds set amount = 12.53 where refund_id = 'r1'",
    "money_reconciliation.month_is_a_month": "update marts.money_reconciliation set month = date '2024-05-02' "
    "where month = date '2024-05-01'",
    "money_reconciliation.agrees_with_orders": "update marts.money_reconciliation set orders = 3 "
    "where currency = 'EUR'",
    "money_reconciliation.net_revenue_adds_up": "update marts.money_reconciliation set net_revenue = 80.01 "
    "where currency = 'EUR'",
    "money_reconciliation.orders_without_rate_are_orders": "update marts.money_reconciliation "
    "set orders_without_rate = 2 where currency = 'EUR'",
    "money_reconciliation.every_order_has_a_rate": "update marts.money_reconciliation set orders_without_rate = 1 "
    "where currency = 'EUR'",
    "cohort_retention.cohort_month_is_a_month": "update marts.cohort_retention set cohort_month = date '2024-06-02' "
    "where cohort_month = date '2024-06-01'",
    "cohort_retention.retention_is_in_range": "update marts.cohort_retention set retention = 1.5 "
    "where cohort_month = date '2024-06-01'",
    "cohort_retention.retention_is_the_share": "update marts.cohort_retention set retention = 0.99 "
    "where cohort_month = date '2024-06-01'",
    "cohort_retention.starts_complete": "update marts.cohort_retention set active_customers = 0, retention = 0 "
    "where cohort_month = date '2024-06-01'",
    "cohort_retention.customers_stay_the_same": "update marts.cohort_retention set customers = 2, retention = 0.5 "
    "where cohort_month = date '2024-05-01' and month_number = 1",
    "cohort_retention.has_every_month": "delete from marts.cohort_retention "
    "where cohort_month = date '2024-05-01' and month_number = 1",
    "cohort_retention.agrees_with_orders": "update marts.cohort_retention set net_revenue = 81 "
    "where cohort_month = date '2024-06-01'",
    "ad_spend_daily.spent_by_the_as_of_date": "update marts.ad_spend_daily set spend_date = date '2024-07-01'",
    "ad_spend_daily.impressions_is_in_range": "update marts.ad_spend_daily set impressions = -1, clicks = -2",
    "ad_spend_daily.clicks_is_in_range": "update marts.ad_spend_daily set clicks = -1",
    "ad_spend_daily.spend_is_in_range": "update marts.ad_spend_daily set spend = -0.01",
    "ad_spend_daily.clicks_are_impressions": "update marts.ad_spend_daily set clicks = 101",
    # Behaviour.
    "sessions.ends_after_it_starts": "update marts.sessions set ended_at = timestamp '2024-06-10 09:59' "
    "where session_id = sha256('s3')",
    "sessions.seen_by_the_cutoff": "update marts.sessions set ended_at = timestamp '2024-07-01' "
    "where session_id = sha256('s3')",
    "sessions.few_are_unassigned": "update marts.sessions set channel = 'Unassigned' where session_id = sha256('s3')",
    "sessions.never_overlap": "update marts.sessions set ended_at = timestamp '2024-06-11 10:01' "
    "where session_id = sha256('s1')",
    "sessions.source_is_normalised": "update marts.sessions set source = 'Google' where source = 'google'",
    "sessions.medium_is_normalised": "update marts.sessions set medium = ' cpc' where medium = 'cpc'",
    "sessions.counts_are_not_negative": "update marts.sessions set searches = -1 where session_id = sha256('s3')",
    "sessions.engaged_where_it_counts": "update marts.sessions set cart_adds = 1 where session_id = sha256('s2')",
    "sessions.campaigns_are_named": "update marts.sessions set campaign = '(not set)' where channel = 'Paid Search'",
    "customer_rfm.r_score_is_in_range": "update marts.customer_rfm set r_score = 6",
    "customer_rfm.f_score_is_in_range": "update marts.customer_rfm set f_score = 0",
    "customer_rfm.m_score_is_in_range": "update marts.customer_rfm set m_score = 6",
    "customer_rfm.rfm_score_is_in_range": "update marts.customer_rfm set rfm_score = 5.1",
    "customer_rfm.recency_days_is_in_range": "update marts.customer_rfm set recency_days = 540",
    "customer_rfm.as_of_date_is_the_days": "update marts.customer_rfm set as_of_date = date '2024-06-29'",
    "customer_rfm.cell_is_the_scores": "update marts.customer_rfm set rfm_cell = '555'",
    "customer_rfm.ties_share_a_score": "update marts.customer_rfm set frequency = 2",
    "customer_rfm.agrees_with_orders": f"delete from marts.customer_rfm where customer_id = {ONE}",
    # Features and segments.
    "customer_features.every_customer_is_there": f"delete from marts.customer_features where customer_id = {ONE}",
    "customer_features.as_of_date_is_the_days": "update marts.customer_features set as_of_date = date '2024-06-29'",
    "customer_features.counts_are_counts": "update marts.customer_features set tickets_365d = null "
    f"where customer_id = {ONE}",
    "customer_features.revenues_are_known": "update marts.customer_features set net_revenue_30d = null "
    f"where customer_id = {ONE}",
    "customer_features.windows_nest": f"update marts.customer_features set page_views_7d = 5 where customer_id = {ONE}",
    "customer_features.shares_are_shares": "update marts.customer_features set email_open_rate_90d = 1.1",
    "customer_features.shares_of_money_are_plausible": "update marts.customer_features set top_category_share = 1.2 "
    f"where customer_id = {ONE}",
    "customer_features.ratios_have_a_denominator": "update marts.customer_features set average_order_value = 0 "
    "where orders_lifetime = 0",
    "customer_features.intent_class_fits_the_score": "update marts.customer_features set intent_class = 'considering' "
    "where intent_score = 0",
    "customer_features.purchases_agree_with_orders": "update marts.customer_features set orders_lifetime = 3 "
    f"where customer_id = {ONE}",
    "customer_features.sessions_agree_with_sessions": "update marts.customer_features set engaged_sessions_30d = 2 "
    f"where customer_id = {ONE}",
    "segments.priorities_differ": "update marts.segments set priority = 2 where segment = 'dreamers'",
    "segments.size_is_the_members": "update marts.segments set size = 2 where segment = 'core'",
    "segments.share_is_of_customers": "update marts.segments set \"share\" = 0.9 where segment = 'core'",
    "segments.active_segments_are_few": "insert into marts.segments "
    "select segments.* replace (segment || i as segment, priority + 10 * i as priority) "
    "from marts.segments cross join range(1, 6) as t (i) where status = 'active'",
    **{
        f"segments.{name}.review_is_not_overdue": "update marts.segments set review_due_on = date '2024-06-29', "
        f"status = 'draft' where segment = '{name}'"
        for name in ("core", "buyers", "dreamers", "past")
    },
    **{
        f"segments.{name}.is_worth_having": "insert into marts.segment_scorecard values (date '2024-06-30', "
        f"'{name}', 0.1, 1, 0.1, 0, 0, 0, 0, 'retire', 'four criteria fail')"
        for name in ("core", "buyers", "dreamers", "past")
    },
    "segment_membership.segments_are_active": "update marts.segments set status = 'retired' where segment = 'core'",
    "segment_membership.primary_is_the_smallest_priority": "update marts.segment_membership "
    f"set is_primary = not is_primary where customer_id = {ONE}",
    "segment_membership.primary_agrees_with_customers": "update marts.customers set primary_segment = 'buyers' "
    f"where customer_id = {ONE}",
    "segment_membership_history.a_stay_ends_after_it_begins": "update marts.segment_membership_history "
    "set valid_to = valid_from where segment = 'past'",
    # The second stay begins on the day on which the first one ends.
    "segment_membership_history.stays_never_meet": "update marts.segment_membership_history "
    "set valid_from = date '2024-06-01' where segment = 'buyers' and valid_to = date '2024-07-03'",
    "segment_membership_history.agrees_with_membership": "update marts.segment_membership_history "
    "set valid_to = date '2024-06-30' where segment = 'core'",
    "segment_overlap.a_pair_stands_once": "update marts.segment_overlap set segment_a = 'core', segment_b = 'buyers'",
    "segment_overlap.customers_is_in_range": "update marts.segment_overlap set customers = 0",
    "segment_overlap.jaccard_is_in_range": "update marts.segment_overlap set jaccard = 1.5",
    "segment_overlap.jaccard_adds_up": "update marts.segment_overlap set jaccard = 0.4",
    **{
        f"segment_performance.{column}_is_in_range": f"update marts.segment_performance set {column} = -1"
        for column in (*segment_performance.COUNTS, *segment_performance.RATES)
    },
    "segment_performance.nps_is_in_range": "update marts.segment_performance set nps = 101",
    "segment_performance.reach_is_of_members": "update marts.segment_performance set reach_30d = 10",
    "segment_performance.churn_is_the_rest": "update marts.segment_performance set churn_rate_90d = 0.5 "
    "where segment = 'buyers'",
    "segment_performance.goal_met_is_what_it_says": "update marts.segment_performance set goal_met = true "
    "where segment = 'past'",
    "segment_performance.agrees_with_segments": "delete from marts.segment_performance where segment = 'core'",
    **{
        f"segment_scorecard.{column}_is_in_range": f"update marts.segment_scorecard set {column} = 1.1"
        for column in segment_scorecard.SHARES
    },
    "segment_scorecard.an_empty_segment_is_not_kept": "update marts.segment_scorecard set members = 0 "
    "where verdict = 'keep'",
    "segment_scorecard.agrees_with_segments": "update marts.segment_scorecard set members = 2 "
    "where segment = 'core' and as_of_date = date '2024-06-30'",
    "segment_transitions.customers_is_in_range": "update marts.segment_transitions set customers = 0 "
    "where to_segment = 'past'",
    "segment_transitions.add_up_to_customers": "update marts.segment_transitions set to_segment = 'none' "
    "where to_segment = 'buyers'",
    "audience_map.r_score_is_in_range": "update marts.audience_map set r_score = 6",
    "audience_map.f_score_is_in_range": "update marts.audience_map set f_score = 0",
    "audience_map.m_score_is_in_range": "update marts.audience_map set m_score = 6",
    "audience_map.audience_score_is_in_range": "update marts.audience_map set audience_score = 1.1",
    "audience_map.agrees_with_membership": "update marts.audience_map set segment_count = 0",
    "customer_triggers.opens_an_active_segment": "update marts.customer_triggers set segment = 'dreamers'",
    "customer_triggers.fired_by_the_cutoff": "update marts.customer_triggers set fired_at = timestamp '2024-07-01', "
    "expires_at = timestamp '2024-07-02'",
    "customer_triggers.expires_after_it_fires": "update marts.customer_triggers set expires_at = fired_at",
    **{
        f"funnel_stages.{column}_is_in_range": f"update marts.funnel_stages set {column} = -1"
        for column in funnel_stages.COUNTS
    },
    "funnel_stages.entered_are_there": "update marts.funnel_stages set entered_30d = 8 where stage = 'lapsed'",
    "funnel_stages.add_up_to_customers": "update marts.funnel_stages set channel = 'Direct' where stage = 'awareness'",
    # Operations.
    "load_ledger.rows_add_up": "update marts.load_ledger set rows_read = rows_read + 1 where table_name = 'visit'",
    "load_ledger.landed_by_the_as_of_date": "update marts.load_ledger set export_date = date '2024-07-01' "
    "where table_name = 'visit'",
    "load_ledger.only_loaded_files_have_rows": "update marts.load_ledger set status = 'rejected' "
    "where file = 'shop/visit.csv'",
    "quarantine_summary.rows_is_in_range": 'update marts.quarantine_summary set "rows" = 0',
    "quarantine_summary.only_malformed_rows_lack_a_column": "update marts.quarantine_summary set column_name = null",
    "quarantine_summary.agrees_with_the_ledger": 'update marts.quarantine_summary set "rows" = 2',
    "refreshes.finishes_after_it_starts": "update marts.refreshes set finished_at = timestamp '2024-06-30 01:59' "
    "where run_id = 'run1'",
    "refreshes.published_names_its_release": "update marts.refreshes set release = null where run_id = 'run1'",
    "refreshes.not_published_says_why": "update marts.refreshes set reason = ' ' where run_id = 'run2'",
    "erasures.nothing_is_left": "update marts.erasures set found_count = 2 where run_id = 'run1'",
    "erasures.requested_before_it_was_erased": "update marts.erasures set requested_at = timestamp '2024-07-02' "
    "where run_id = 'run1'",
    "quality_results.published_only_what_passed": "update marts.quality_results set success = false",
    "quality_results.waivers_are_complete": "update marts.quality_results set waived_by = 'ana'",
    "waivers.rule_exists": "update seeds.waivers set rule = 'sessions.campaigns_have_names'",
    "data_map.columns_are_described": "update marts.data_map set description = ' ' where column_name = 'coupon'",
    "data_map.identifying_columns_are_restricted": "alter table marts.customers add column postcode varchar",
    "data_map.every_column_is_there": "delete from marts.data_map where column_name = 'coupon'",
}


def fault_of(rule: Rule, suite: Suite, text_columns: list[str]) -> str | None:
    """The planted fault of a rule: its own, else that of its family; None where there is neither."""
    if rule.id in PLANTED:
        return PLANTED[rule.id]
    name = rule.id.rpartition(".")[2]
    if name == "grain_is_unique":
        return _TWICE.format(relation=suite.relation)
    column = quoted(rule.column) if rule.column else ""
    if name.endswith(("_is_filled", "_is_given")):
        return f"update {suite.relation} set {column} = null"
    if name.endswith(("_is_known", "_is_well_formed")) or "_exists_in_" in name:
        return f"update {suite.relation} set {column} = 'Nothing Known!' where {column} is not null"
    planted = {
        "no_email_in_clear": "ask%20ana.silva%40example.co.uk",
        "no_phone_in_clear": "call +351 912 345 678 now",
        "no_ip_address_in_clear": "from 192.168.17.4",
    }.get(name)
    if planted:
        column = quoted(next(c for c in reversed(text_columns) if not c.endswith(("_hash", "customer_id"))))
        return f"update {suite.relation} set {column} = '{planted}'"
    return None
