"""Where a session came from, case by case: first event in, source, medium, campaign and channel out."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes

import pytest

HERE = "https://www.shop.co.uk/p/1"


def tagged(source: str | None = None, medium: str | None = None, name: str | None = None, **more: str | None) -> dict:
    """A first event whose tracker read the campaign from the link."""
    return {
        "campaign_source": source,
        "campaign_medium": medium,
        "campaign_name": name,
        "campaign_term": more.get("term"),
        "campaign_content": more.get("content"),
        "url": more.get("url", HERE),
        "referrer": more.get("referrer"),
    }


def link(query: str, referrer: str | None = None) -> dict:
    """A first event with that query in its url."""
    return {"url": f"{HERE}?{query}", "referrer": referrer}


def from_site(referrer: str | None, url: str | None = HERE) -> dict:
    """A first event with that referrer."""
    return {"url": url, "referrer": referrer}


NS = "(not set)"
DIRECT = ("(direct)", "(none)", None, "Direct")

# Channels by source, medium and campaign; tags as a tracker reports them.
CHANNELS = [
    (("(direct)", "(none)", None), "Direct"),
    (("(Direct)", "(None)", None), "Direct"),
    (("(direct)", None, None), "Direct"),
    (("(direct)", NS, "spring"), "Direct"),
    (("direct", "(none)", None), "Unassigned"),
    (("(direct)", "cpc", None), "Paid Other"),
    (("(direct)", "(none)", "cross-network"), "Direct"),
    (("google", "cpc", "Cross-Network"), "Cross-network"),
    (("google", "cpc", "2024 cross-network shopping"), "Cross-network"),
    (("newsletter", "email", "pmax_cross-network"), "Cross-network"),
    (("google", "cpc", "crossnetwork"), "Paid Search"),
    (("google", "cpc", "Shopping_DE"), "Paid Shopping"),
    (("google", "cpc", "shop now"), "Paid Shopping"),
    (("google", "cpc", "spring-shop"), "Paid Shopping"),
    (("google", "cpc", "eshop"), "Paid Shopping"),
    (("google", "cpc", "workshop"), "Paid Search"),
    (("google", "cpc", "bishop"), "Paid Search"),
    (("google", "cpc", "workshopping"), "Paid Shopping"),
    (("amazon", "cpc", None), "Paid Shopping"),
    (("amazon.de", "paid", None), "Paid Shopping"),
    (("ebay.co.uk", "CPC", None), "Paid Shopping"),
    (("etsy.com", "ppc", None), "Paid Shopping"),
    (("walmart", "retargeting", None), "Paid Shopping"),
    (("somewhere", "cpc", "shopping"), "Paid Shopping"),
    (("google", "cpc", None), "Paid Search"),
    (("Google", "CPC", "Brand"), "Paid Search"),
    ((" google ", " cpc ", "brand"), "Paid Search"),
    (("google.com", "ppc", None), "Paid Search"),
    (("google.de", "cpc", None), "Paid Search"),
    (("google", "paidsearch", None), "Paid Search"),
    (("google", "paid_search", None), "Paid Search"),
    (("google", "cpm", None), "Paid Search"),
    (("google", "retargeting", None), "Paid Search"),
    (("bing", "cpc", None), "Paid Search"),
    (("yahoo", "ppc", None), "Paid Search"),
    (("duckduckgo", "cpc", None), "Paid Search"),
    (("yandex.ru", "cpc", None), "Paid Search"),
    (("baidu", "cpc", None), "Paid Search"),
    (("facebook", "cpc", None), "Paid Social"),
    (("facebook", "paid_social", None), "Paid Social"),
    (("facebook", "paidsocial", "retarget"), "Paid Social"),
    (("Facebook", "Paid", None), "Paid Social"),
    (("fb", "cpm", None), "Paid Social"),
    (("ig", "paid", None), "Paid Social"),
    (("instagram", "cpc", None), "Paid Social"),
    (("linkedin", "cpc", None), "Paid Social"),
    (("tiktok", "cpc", None), "Paid Social"),
    (("twitter", "ppc", None), "Paid Social"),
    (("x.com", "cpc", None), "Paid Social"),
    (("pinterest", "cpc", None), "Paid Social"),
    (("reddit", "cpc", None), "Paid Social"),
    (("snapchat", "ecpc", None), "Paid Social"),
    (("youtube", "cpc", None), "Paid Video"),
    (("youtube.com", "paid_video", None), "Paid Video"),
    (("vimeo", "cpv-cpm", None), "Paid Video"),
    (("twitch.tv", "ppc", None), "Paid Video"),
    (("dv360", "display", None), "Display"),
    (("google", "display", None), "Display"),
    (("facebook", "display", None), "Display"),
    (("news-site.example", "banner", None), "Display"),
    (("youtube", "Banner", None), "Display"),
    (("network", "expandable", None), "Display"),
    (("network", "interstitial", None), "Display"),
    (("network", "cpm", None), "Display"),
    (("criteo", "CPM", None), "Display"),
    (("criteo", "cpc", None), "Paid Other"),
    (("criteo", "retargeting", None), "Paid Other"),
    (("taboola", "ppc", None), "Paid Other"),
    (("outbrain", "paid-native", None), "Paid Other"),
    (("partner", "cpa", None), "Paid Other"),
    ((None, "cpc", None), "Paid Other"),
    (("capcut", "tcpx", None), "Paid Other"),
    (("network", "unpaid", None), "Unassigned"),
    (("amazon.com", "referral", None), "Organic Shopping"),
    (("amazon", NS, None), "Organic Shopping"),
    (("shop.app", "referral", None), "Organic Shopping"),
    (("newsletter", "email", "shopping"), "Organic Shopping"),
    (("google", "organic", "Shop"), "Organic Shopping"),
    (("facebook.com", "referral", None), "Organic Social"),
    (("m.facebook.com", "referral", None), "Organic Social"),
    (("instagram", "story", None), "Organic Social"),
    (("instagram", "email", None), "Organic Social"),
    (("t.co", NS, None), "Organic Social"),
    (("buffer", "social", None), "Organic Social"),
    (("buffer", "Social-Network", None), "Organic Social"),
    (("buffer", "social-media", None), "Organic Social"),
    (("buffer", "sm", None), "Organic Social"),
    (("buffer", "social network", None), "Organic Social"),
    (("buffer", "social media", None), "Organic Social"),
    (("buffer", "social_media", None), "Unassigned"),
    (("google", "social", None), "Organic Social"),
    (("youtube", "social", None), "Organic Social"),
    (("youtube", NS, None), "Organic Video"),
    (("youtube.com", "referral", None), "Organic Video"),
    (("vimeo", "link", None), "Organic Video"),
    (("blog", "video", None), "Organic Video"),
    (("blog", "Explainer-Video-1", None), "Organic Video"),
    (("google", "organic", None), "Organic Search"),
    (("google", "email", None), "Organic Search"),
    (("google", NS, None), "Organic Search"),
    (("anything", "organic", None), "Organic Search"),
    (("bing", "maps", None), "Organic Search"),
    (("blog.example.org", "referral", None), "Referral"),
    (("blog", "Referral", None), "Referral"),
    (("partner", "app", None), "Referral"),
    (("partner", "link", None), "Referral"),
    (("email", "referral", None), "Referral"),
    (("newsletter", "email", None), "Email"),
    (("newsletter", "Email", "June"), "Email"),
    (("newsletter", "e-mail", None), "Email"),
    (("newsletter", "e_mail", None), "Email"),
    (("newsletter", "e mail", None), "Email"),
    (("email", "newsletter", None), "Email"),
    (("E-Mail", None, None), "Email"),
    (("email", "affiliate", None), "Email"),
    (("newsletter", "emailing", None), "Unassigned"),
    (("awin", "affiliate", None), "Affiliates"),
    (("awin", "Affiliate", None), "Affiliates"),
    (("awin", "affiliates", None), "Unassigned"),
    (("spotify", "audio", None), "Audio"),
    (("sms", "broadcast", None), "SMS"),
    (("klaviyo", "SMS", None), "SMS"),
    (("sms", "audio", None), "Audio"),
    (("app", "push", None), "Mobile Push"),
    (("app", "web-push", None), "Mobile Push"),
    (("app", "Mobile", None), "Mobile Push"),
    (("app", "in-app-notification", None), "Mobile Push"),
    (("firebase", "message", None), "Mobile Push"),
    (("app", "pushed", None), "Unassigned"),
    (("firebase", "sms", None), "SMS"),
    (("qr", "print", None), "Unassigned"),
    ((None, None, "spring"), "Unassigned"),
    (("mail.google.com", "referral", None), "Referral"),
]

# First event -> source, medium, campaign, channel.
SOURCES = {
    # (a) The tracker's campaign outranks everything else.
    "context": (tagged("Newsletter", "Email", "June Sale"), ("newsletter", "email", "June Sale", "Email")),
    "context outranks utm": (
        tagged("a", "email", "x", url=f"{HERE}?utm_source=b&utm_medium=cpc"),
        ("a", "email", "x", "Email"),
    ),
    "context outranks click id": (tagged("a", "email", url=f"{HERE}?gclid=1"), ("a", "email", NS, "Email")),
    "context outranks referrer": (
        tagged("a", "email", referrer="https://www.google.com/"),
        ("a", "email", NS, "Email"),
    ),
    "context, name alone": (tagged(name="Spring"), (NS, NS, "Spring", "Unassigned")),
    "context, source alone": (tagged("google"), ("google", NS, NS, "Organic Search")),
    "context, medium alone": (tagged(medium="cpc"), (NS, "cpc", NS, "Paid Other")),
    "context, term alone": (
        tagged(term="shoes", url=f"{HERE}?utm_source=b", referrer="https://google.com"),
        (NS, NS, NS, "Unassigned"),
    ),
    "context, content alone": (tagged(content="hero"), (NS, NS, NS, "Unassigned")),
    # (b) utm_* of the link.
    "utm": (
        link("utm_source=google&utm_medium=cpc&utm_campaign=brand"),
        ("google", "cpc", "brand", "Paid Search"),
    ),
    "utm outranks click id": (link("gclid=1&utm_source=x&utm_medium=email"), ("x", "email", NS, "Email")),
    "utm outranks referrer": (link("utm_source=x", "https://www.google.com/"), ("x", NS, NS, "Unassigned")),
    "utm, names in any case": (link("UTM_Source=X&Utm_MEDIUM=Email"), ("x", "email", NS, "Email")),
    "utm, encoded": (
        link("utm_source=My%20Shop&utm_medium=e%2Dmail&utm_campaign=50%25%20off"),
        ("my shop", "e-mail", "50% off", "Email"),
    ),
    "utm, plus is a space": (
        link("utm_source=my+list&utm_medium=e+mail&utm_campaign=a+b%2Bc"),
        ("my list", "e mail", "a b+c", "Email"),
    ),
    "utm, umlauts": (link("utm_source=b%C3%BCro&utm_campaign=Fr%c3%bchling"), ("büro", NS, "Frühling", "Unassigned")),
    "utm, no utf-8": (link("utm_source=b%FCro&utm_medium=email"), ("b%fcro", "email", NS, "Email")),
    "utm, encoded once": (link("utm_source=a%2541"), ("a%41", NS, NS, "Unassigned")),
    "utm, not an encoding": (link("utm_source=100%&utm_medium=email"), ("100%", "email", NS, "Email")),
    "utm, encoded name": (link("utm%5Fsource=a"), ("a", NS, NS, "Unassigned")),
    "utm, trimmed": (link("utm_source=%20Google%20&utm_medium=+CPC+"), ("google", "cpc", NS, "Paid Search")),
    "utm, campaign kept as given": (
        link("utm_source=a&utm_campaign=+Big+Sale+"),
        ("a", NS, " Big Sale ", "Unassigned"),
    ),
    "utm, source alone": (link("utm_source=facebook"), ("facebook", NS, NS, "Organic Social")),
    "utm, campaign alone": (link("utm_campaign=x"), (NS, NS, "x", "Unassigned")),
    "utm, term alone": (link("utm_term=x", "https://google.com/"), (NS, NS, NS, "Unassigned")),
    "utm, empty is missing": (link("utm_source=&utm_medium=email"), (NS, "email", NS, "Email")),
    "utm, blank is missing": (link("utm_source=%20&utm_medium=email"), (NS, "email", NS, "Email")),
    "utm, all empty": (
        link("utm_source=&utm_medium=", "https://bing.com/"),
        ("bing", "organic", None, "Organic Search"),
    ),
    "utm, the first of several": (link("utm_source=a&utm_source=b"), ("a", NS, NS, "Unassigned")),
    "utm, the first that says something": (link("utm_source=&utm_source=b"), ("b", NS, NS, "Unassigned")),
    "utm, similar names": (
        link("xutm_source=a&utm_sources=", "https://x.org/"),
        ("x.org", "referral", None, "Referral"),
    ),
    "utm, value with =": (link("utm_source=a=b"), ("a=b", NS, NS, "Unassigned")),
    "utm, in the fragment": ({"url": f"{HERE}#?utm_source=a", "referrer": None}, DIRECT),
    "utm, before the fragment": ({"url": f"{HERE}?utm_source=a#b", "referrer": None}, ("a", NS, NS, "Unassigned")),
    "utm, second question mark": (link("q=?&utm_source=a"), ("a", NS, NS, "Unassigned")),
    "utm, no scheme": ({"url": "/p?utm_source=a", "referrer": None}, ("a", NS, NS, "Unassigned")),
    "utm, no value": (link("utm_source", "https://x.org/"), ("x.org", "referral", None, "Referral")),
    # (c) Click ids.
    "gclid": (link("gclid=abc"), ("google", "cpc", None, "Paid Search")),
    "gbraid": (link("gbraid=abc"), ("google", "cpc", None, "Paid Search")),
    "wbraid": (link("wbraid=abc"), ("google", "cpc", None, "Paid Search")),
    "msclkid": (link("msclkid=abc"), ("bing", "cpc", None, "Paid Search")),
    "ttclid": (link("ttclid=abc"), ("tiktok", "cpc", None, "Paid Social")),
    "twclid": (link("twclid=abc"), ("twitter", "cpc", None, "Paid Social")),
    "li_fat_id": (link("li_fat_id=abc"), ("linkedin", "cpc", None, "Paid Social")),
    "dclid": (link("dclid=abc"), ("google", "display", None, "Display")),
    "fbclid": (link("fbclid=abc"), ("facebook", "referral", None, "Organic Social")),
    "GCLID": (link("a=b&GCLID=abc"), ("google", "cpc", None, "Paid Search")),
    "gclid empty": (link("gclid="), DIRECT),
    "gclid outranks fbclid": (link("fbclid=1&gclid=2"), ("google", "cpc", None, "Paid Search")),
    "msclkid outranks dclid": (link("dclid=1&msclkid=2"), ("bing", "cpc", None, "Paid Search")),
    "an empty one does not count": (link("gclid=&fbclid=2"), ("facebook", "referral", None, "Organic Social")),
    "fbclid outranks referrer": (
        link("fbclid=1", "https://www.google.com/"),
        ("facebook", "referral", None, "Organic Social"),
    ),
    "no click id": (link("xgclid=1&gclidx=2"), DIRECT),
    # (d) Referrers: own domains.
    "nothing": (from_site(None), DIRECT),
    "no url": (from_site(None, None), DIRECT),
    "own domain": (from_site("https://www.shop.co.uk/cart"), DIRECT),
    "own subdomain": (from_site("https://pay.shop.co.uk/"), DIRECT),
    "own domain, other case": (from_site("HTTPS://WWW.SHOP.CO.UK/"), DIRECT),
    "own domain, port and user": (from_site("https://me:secret@shop.co.uk:8443/x"), DIRECT),
    "own domain, trailing dot": (from_site("https://shop.co.uk./"), DIRECT),
    "sibling under a suffix": (from_site("https://other.co.uk/"), ("other.co.uk", "referral", None, "Referral")),
    "longer name": (from_site("https://myshop.co.uk/"), ("myshop.co.uk", "referral", None, "Referral")),
    "own domain of two labels": (from_site("https://blog.shop.de/x", "https://shop.de/"), DIRECT),
    "own address": (from_site("http://10.1.2.3/x", "http://10.1.2.3:8080/"), DIRECT),
    # An IP address may be a person's, so it is masked wherever it stands.
    "another address": (from_site("http://10.9.2.3/x", "http://10.1.2.3/"), ("[masked]", "referral", None, "Referral")),
    "localhost": (from_site("http://localhost:3000/x", "http://localhost:3000/"), DIRECT),
    "tenants of a hosting firm": (
        from_site("https://b.myshopify.com/", "https://a.myshopify.com/"),
        ("b.myshopify.com", "referral", None, "Referral"),
    ),
    "listed domain": (from_site("https://sister-shop.example/"), DIRECT),
    "listed domain, subdomain": (from_site("https://www.de.sister-shop.example/x"), DIRECT),
    "listed domain, www and case": (from_site("https://outlet.example/"), DIRECT),
    "not the listed domain": (
        from_site("https://not-sister-shop.example/"),
        ("not-sister-shop.example", "referral", None, "Referral"),
    ),
    "without an own url": (
        from_site("https://shop.co.uk/", None),
        ("shop.co.uk", "referral", None, "Referral"),
    ),
    # (d) Referrers: search engines.
    "google.com": (from_site("https://www.google.com/"), ("google", "organic", None, "Organic Search")),
    "google.com, no path": (from_site("https://google.com"), ("google", "organic", None, "Organic Search")),
    "google.com, no scheme": (from_site("www.google.com/search?q=x"), ("google", "organic", None, "Organic Search")),
    "google.co.uk": (from_site("https://www.google.co.uk/"), ("google", "organic", None, "Organic Search")),
    "google.com.au": (from_site("http://google.com.au/search?q=a"), ("google", "organic", None, "Organic Search")),
    "google.de": (from_site("https://www.google.de/"), ("google", "organic", None, "Organic Search")),
    "images.google.fr": (from_site("https://images.google.fr/"), ("google", "organic", None, "Organic Search")),
    "mail.google.com": (from_site("https://mail.google.com/"), ("mail.google.com", "referral", None, "Referral")),
    "docs.google.com": (from_site("https://docs.google.com/d/1"), ("docs.google.com", "referral", None, "Referral")),
    "google in another domain": (
        from_site("https://google.evil.example/"),
        ("google.evil.example", "referral", None, "Referral"),
    ),
    "google at a hosting firm": (
        from_site("https://google.blogspot.com/"),
        ("google.blogspot.com", "referral", None, "Referral"),
    ),
    "notgoogle.com": (from_site("https://notgoogle.com/"), ("notgoogle.com", "referral", None, "Referral")),
    "bing": (from_site("https://www.bing.com/search?q=x"), ("bing", "organic", None, "Organic Search")),
    "cn.bing.com": (from_site("https://cn.bing.com/"), ("bing", "organic", None, "Organic Search")),
    "duckduckgo": (from_site("https://duckduckgo.com/"), ("duckduckgo", "organic", None, "Organic Search")),
    "html.duckduckgo": (from_site("https://html.duckduckgo.com/"), ("duckduckgo", "organic", None, "Organic Search")),
    "search.yahoo.com": (from_site("https://search.yahoo.com/s"), ("yahoo", "organic", None, "Organic Search")),
    "uk.search.yahoo.com": (from_site("https://uk.search.yahoo.com/"), ("yahoo", "organic", None, "Organic Search")),
    "yahoo.co.jp": (from_site("https://search.yahoo.co.jp/"), ("yahoo", "organic", None, "Organic Search")),
    "mail.yahoo.com": (from_site("https://mail.yahoo.com/"), ("mail.yahoo.com", "referral", None, "Referral")),
    "baidu": (from_site("https://www.baidu.com/link"), ("baidu", "organic", None, "Organic Search")),
    "m.baidu": (from_site("https://m.baidu.com/"), ("baidu", "organic", None, "Organic Search")),
    "yandex": (from_site("https://yandex.ru/"), ("yandex", "organic", None, "Organic Search")),
    "yandex.com.tr": (from_site("https://yandex.com.tr/"), ("yandex", "organic", None, "Organic Search")),
    "ya.ru": (from_site("https://ya.ru/"), ("yandex", "organic", None, "Organic Search")),
    "ecosia": (from_site("https://www.ecosia.org/search"), ("ecosia", "organic", None, "Organic Search")),
    "qwant": (from_site("https://www.qwant.com/"), ("qwant", "organic", None, "Organic Search")),
    "brave": (from_site("https://search.brave.com/"), ("brave", "organic", None, "Organic Search")),
    "startpage": (from_site("https://www.startpage.com/"), ("startpage", "organic", None, "Organic Search")),
    "naver": (from_site("https://search.naver.com/"), ("naver", "organic", None, "Organic Search")),
    "blog.naver.com": (from_site("https://blog.naver.com/x"), ("blog.naver.com", "referral", None, "Organic Social")),
    "seznam": (from_site("https://search.seznam.cz/"), ("seznam", "organic", None, "Organic Search")),
    # (d) Referrers: any other site.
    "facebook": (from_site("https://www.facebook.com/"), ("facebook.com", "referral", None, "Organic Social")),
    "l.facebook": (from_site("https://l.facebook.com/l.php"), ("l.facebook.com", "referral", None, "Organic Social")),
    "instagram": (from_site("https://l.instagram.com/"), ("l.instagram.com", "referral", None, "Organic Social")),
    "t.co": (from_site("https://t.co/abc"), ("t.co", "referral", None, "Organic Social")),
    "lnkd.in": (from_site("https://lnkd.in/abc"), ("lnkd.in", "referral", None, "Organic Social")),
    "old.reddit": (from_site("https://old.reddit.com/r/x"), ("old.reddit.com", "referral", None, "Organic Social")),
    "youtube": (from_site("https://www.youtube.com/watch"), ("youtube.com", "referral", None, "Organic Video")),
    "amazon": (from_site("https://www.amazon.co.uk/dp/1"), ("amazon.co.uk", "referral", None, "Organic Shopping")),
    "a blog": (from_site("https://WWW.Blog.Example.org:443/p?x#y"), ("blog.example.org", "referral", None, "Referral")),
    "only one www. goes": (
        from_site("https://www.www.example.org/"),
        ("www.example.org", "referral", None, "Referral"),
    ),
    "www2 stays": (from_site("https://www2.example.org/"), ("www2.example.org", "referral", None, "Referral")),
    "an app": (from_site("android-app://com.slack/"), ("com.slack", "referral", None, "Referral")),
    "protocol-relative": (from_site("//blog.example.org/x"), ("blog.example.org", "referral", None, "Referral")),
    "no host": (from_site("about:blank"), DIRECT),
    "a marker": (from_site("$direct"), DIRECT),
    "a path": (from_site("/cart"), DIRECT),
    "mailto": (from_site("mailto:a@b.example"), DIRECT),
    "at sign in the path": (
        from_site("https://blog.example.org/@me"),
        ("blog.example.org", "referral", None, "Referral"),
    ),
}


def run(warehouse, events: list[dict]) -> list[tuple]:
    """One session an event; its source, medium, campaign and channel in order."""
    started = datetime(2024, 5, 1)
    pages = [
        {"event_id": f"e{n:04}", "anonymous_id": f"d{n:04}", "occurred_at": started + timedelta(hours=n)} | event
        for n, event in enumerate(events)
    ]
    warehouse.insert("staging.stg_segment__pages", pages)
    warehouse.run("int_events_owned", "int_sessions_built", "int_sessions_sourced")
    warehouse.run("int_fx_rates_dated", "ad_spend_daily", "int_campaigns_aliased", "sessions")
    found = warehouse.rows("select source, medium, campaign, channel from marts.sessions order by started_at")
    assert len(found) == len(events)
    return found


def test_the_source_of_each_case(warehouse):
    found = run(warehouse, [event for event, _ in SOURCES.values()])
    wrong = {
        name: {"expected": expected, "found": got}
        for (name, (_, expected)), got in zip(SOURCES.items(), found, strict=True)
        if got != expected
    }
    assert not wrong


def test_the_channel_of_each_case(warehouse):
    found = run(warehouse, [tagged(*parts) for parts, _ in CHANNELS])
    wrong = {
        parts: {"expected": expected, "found": got}
        for (parts, expected), got in zip(CHANNELS, found, strict=True)
        if got[3] != expected
    }
    assert not wrong


def test_the_cases_reach_every_channel():
    channels = {
        "Direct", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other",
        "Organic Shopping", "Organic Social", "Organic Video", "Organic Search", "Referral", "Email", "Affiliates",
        "Audio", "SMS", "Mobile Push", "Unassigned",
    }  # fmt: skip
    assert {channel for _, channel in CHANNELS} == channels
    assert len(CHANNELS) + len(SOURCES) >= 150


@pytest.mark.parametrize("kind", ["pages", "tracks"])
def test_a_track_is_read_like_a_page(warehouse, kind):
    event = {"event_id": "e", "anonymous_id": "d", "occurred_at": datetime(2024, 5, 1), **link("gclid=1")}
    event |= {"path": "/p/1", "device_type": "tablet", "locale": "en_GB.UTF-8", "event_name": "Product Viewed"}
    warehouse.insert(f"staging.stg_segment__{kind}", [event])
    warehouse.run("int_events_owned", "int_sessions_built", "int_sessions_sourced")
    found = warehouse.rows(
        "select source, medium, landing_path, device_type, country_code from intermediate.int_sessions_sourced"
    )
    assert found == [("google", "cpc", "/p/1", "tablet", "GB")]


def decoded(part: str) -> str:
    """A part of a query as a browser reads it; what is no UTF-8 stays."""
    try:
        return unquote_to_bytes(part.replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        return part


def expected_of_query(query: str) -> tuple[str, str, str | None]:
    pairs = [(decoded(name).lower(), decoded(value)) for name, _, value in (p.partition("=") for p in query.split("&"))]
    said = [(name, value) for name, value in pairs if value.strip(" ")]
    utm = [pair for pair in said if pair[0].startswith("utm_")]
    if utm:
        first = {name: value for name, value in reversed(utm)}
        source, medium = (first.get(f"utm_{part}", NS).strip(" ").lower() for part in ("source", "medium"))
        return source, medium, first.get("utm_campaign", NS)
    clicks = [("gclid", "google", "cpc"), ("msclkid", "bing", "cpc"), ("fbclid", "facebook", "referral")]
    for click, source, medium in clicks:
        if any(name == click for name, _ in said):
            return source, medium, None
    return "(direct)", "(none)", None


@pytest.mark.parametrize("seed", range(3))
def test_random_queries_are_read_as_a_browser_reads_them(warehouse, seed):
    rng = random.Random(seed)
    names = [
        "utm_source",
        "UTM_medium",
        "utm_campaign",
        "utm%5Fterm",
        "gclid",
        "MSCLKID",
        "fbclid",
        "q",
        "xutm_source",
        "",
    ]
    bits = ["a", "B", " ", "+", "%20", "%2B", "%C3%A4", "%E4", "%", "%4", "=", "?", "ä", "%2541", "%26", "%3D", "/"]
    queries = []
    for _ in range(500):
        parts = []
        for _ in range(rng.randrange(5)):
            value = "".join(rng.choice(bits) for _ in range(rng.randrange(4)))
            parts.append(rng.choice(names) + rng.choice(["=", "=", "=", ""]) + value)
        queries.append("&".join(parts))
    found = run(warehouse, [link(query) for query in queries])
    wrong = {
        query: {"expected": expected_of_query(query), "found": got[:3]}
        for query, got in zip(queries, found, strict=True)
        if got[:3] != expected_of_query(query)
    }
    assert not wrong
