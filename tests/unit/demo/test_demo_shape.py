"""The world holds what a real one does: every case that a warehouse must get right occurs in it."""

from __future__ import annotations

from tests.support.demo_world import CUSTOMERS, World

# The newest version of each order.
ORDERS = """(select * from (select *, row_number() over (partition by id order by updated_at desc, _file desc) as nth
    from "shopify/order") where nth = 1)"""


def share(world: World, table: str, condition: str) -> float:
    return world.one(f"select avg(case when {condition} then 1.0 else 0 end) from {table}")


def test_orders_of_every_kind_occur(world: World) -> None:
    assert 0.05 < share(world, ORDERS, "customer_id is null") < 0.35
    assert share(world, ORDERS, "customer_id is null and email is null and phone is null") > 0
    assert 0 < share(world, ORDERS, "lower(test) = 'true'") < 0.03
    assert 0 < share(world, ORDERS, "cancelled_at is not null") < 0.1
    for status in ("paid", "pending", "authorized", "voided", "refunded", "partially_refunded"):
        assert share(world, ORDERS, f"financial_status = '{status}'") > 0, status
    assert 0.1 < share(world, ORDERS, "discount_code is not null") < 0.6
    assert share(world, ORDERS, "total_discounts is null") > 0
    assert share(world, ORDERS, "processed_at is null") > 0
    assert share(world, ORDERS, 'id not in (select order_id from "shopify/order_line")') > 0
    currencies = {row[0] for row in world.sql(f"select distinct trim(upper(currency)) from {ORDERS}")}
    assert {"USD", "EUR", "GBP", "CAD", "SEK"} <= currencies
    assert share(world, ORDERS, "currency <> trim(upper(currency))") > 0


def test_totals_add_up(world: World) -> None:
    wrong = world.sql(
        f"""select o.id from {ORDERS} o
        join (select order_id, sum(round(cast(price as double) * 100) * cast(quantity as int)) as gross,
                sum(round(cast(total_discount as double) * 100)) as off
            from "shopify/order_line" group by 1) l on l.order_id = o.id
        where round(cast(subtotal_price as double) * 100)
            <> gross - coalesce(round(cast(total_discounts as double) * 100), off)"""
    )
    assert wrong == []


def test_few_buy_very_often(world: World) -> None:
    counts = [
        n for (n,) in world.sql(f"select count(*) from {ORDERS} where customer_id is not null group by customer_id")
    ]
    assert sum(n == 1 for n in counts) / len(counts) > 0.3
    assert max(counts) > 4 * sum(counts) / len(counts)
    assert sum(counts) < 3 * CUSTOMERS


def test_refunds_come_in_later_months_too(world: World) -> None:
    later = world.one(
        f"""select count(*) from "shopify/refund" r join {ORDERS} o on o.id = r.order_id
        where cast(r.created_at as timestamp) > cast(o.created_at as timestamp)
            and r.created_at[:7] > o.created_at[:7]"""
    )
    assert later > 0
    assert share(world, '"shopify/order_line_refund"', "order_line_id is null") > 0
    too_much = world.sql(
        """select r.order_line_id from "shopify/order_line_refund" r
        join "shopify/order_line" l on l.id = r.order_line_id
        group by r.order_line_id having sum(cast(r.quantity as int)) > max(cast(l.quantity as int))
            or sum(cast(r.subtotal as double)) > max(cast(l.price as double) * cast(l.quantity as int)) + 0.005"""
    )
    assert too_much == []


def test_rates_have_gaps(world: World) -> None:
    days = dict(
        world.sql("select from_currency, count(*) from \"finance/fx_rate\" where to_currency = 'USD' group by 1")
    )
    assert all(n < world.about["days"] for n in days.values())
    assert days["SEK"] < days["EUR"]
    assert "PLN" not in days
    assert world.one("select count(*) from \"finance/fx_rate\" where from_currency = 'USD'") > 0


def test_every_channel_is_planted(world: World) -> None:
    channels = {row[0] for row in world.sql("select distinct channel from '{truth}/sessions.parquet'")}
    assert len(channels) == 19
    for click in ("gclid", "gbraid", "msclkid", "fbclid", "ttclid", "dclid"):
        assert share(world, '"segment/pages"', f"url like '%{click}=%'") > 0, click


def test_spend_follows_the_sessions_that_carry_the_campaign(world: World) -> None:
    clicks, sessions = world.sql(
        """select (select sum(cast(clicks as int)) from "google_ads/campaign_stats" where id = '18000000002'),
            (select count(*) from '{truth}/sessions.parquet'
                where lower(campaign) in ('generic search - coffee', '18000000002'))"""
    )[0]
    assert sessions < clicks < 4 * sessions


def test_mail_is_sent_opened_clicked_and_left(world: World) -> None:
    metrics = {
        row[0]
        for row in world.sql(
            'select distinct m.name from "klaviyo/event" e join "klaviyo/metric" m on m.id = e.metric_id'
        )
    }
    assert {
        "Received Email",
        "Opened Email",
        "Clicked Email",
        "Unsubscribed",
        "Bounced Email",
        "Received SMS",
    } <= metrics
    assert share(world, '"klaviyo/event"', "flow_id is not null") > 0
    assert {row[0] for row in world.sql('select distinct status from "consent/event"')} == {"granted", "withdrawn"}
    assert world.one('select count(distinct purpose) from "consent/event"') == 5
    assert world.one('select count(*) from "consent/erasure_request"') > 0
    assert world.one("select count(*) from \"campaigns/send\" where variation_id = 'holdout'") > 0
    assert world.one('select count(customer_id) from "campaigns/send"') > 0


def test_identities_are_as_muddled_as_in_life(world: World) -> None:
    shared = world.one(
        """select count(*) from (select anonymous_id from "segment/tracks" where user_id is not null group by 1
        having count(distinct user_id) >= 2 and count(*) filter (lower(event) = 'signed out') > 0)"""
    )
    assert shared > 0
    unknown = share(world, '(select anonymous_id, max(user_id) as u from "segment/pages" group by 1)', "u is null")
    assert 0.3 < unknown < 0.9
    assert world.one("select count(distinct customer_id) from \"shopify/order\" where phone = '+1 800 555 0199'") >= 3
    assert world.one('select count(*) from "hubspot/contact" where property_hs_merged_object_ids is not null') > 0
    assert world.one("select count(*) from \"hubspot/contact\" where lower(_fivetran_deleted) = 'true'") > 0
    placeholders = world.one(
        """select count(*) from "shopify/order"
        where lower(email) in ('guest', 'null', 'test@example.com', 'n/a', 'noreply@example.org')
            or phone in ('000-000', '0000000000', '1111111111')"""
    )
    assert placeholders > 0
    kinds = {row[0] for row in world.sql("select distinct kind from '{truth}/persons.parquet' where kind is not null")}
    assert kinds == {
        "twins", "father_and_son", "couple", "shared_tablet", "shared_landline", "shared_inbox", "two_accounts",
        "corrected_email", "stranger_copy", "business", "erased",
    }  # fmt: skip


def test_texts_are_as_odd_as_in_life(world: World) -> None:
    for table, column in (("survey/response", "answer"), ("shopify/product", "title")):
        texts = "\0".join(row[0] or "" for row in world.sql(f'select distinct "{column}" from "{table}"'))
        for odd in ('"', ";", "\n", "=1+1"):
            assert odd in texts, (table, odd)
    assert share(world, '"survey/response"', "answer like '%☕%'") > 0
