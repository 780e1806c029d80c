"""How a session begins: the address, campaign fields and referrer that each channel leaves behind."""

from dataclasses import dataclass
from urllib.parse import quote

from .email import FLOWS
from .partners import LISTINGS, PARTNERS

SITE = "https://www.harbour-lane.example"


@dataclass(frozen=True)
class Arrival:
    """One way in. {c} in the query is replaced by a click id of its own per session."""

    channel: str
    source: str
    medium: str
    campaign: str | None
    weight: float
    query: str = ""
    referrer: str | None = None
    # Campaign fields of the event's context: source, medium, name, term, content.
    context: tuple[str | None, ...] = (None, None, None, None, None)
    # Which ad campaign pays for it.
    ad: str | None = None


@dataclass(frozen=True)
class AdCampaign:
    platform: str
    key: str  # the platform's id
    name: str
    kind: str
    weight: float
    cost_per_click: float
    click_rate: float
    earlier_name: str | None = None


ADS = [
    AdCampaign("google", "18000000001", "Brand Search", "SEARCH", 5, 0.45, 0.09),
    AdCampaign("google", "18000000002", "Generic Search - Coffee", "SEARCH", 4, 1.10, 0.035, "Generic Coffee"),
    AdCampaign("google", "18000000003", "Generic Search - Outdoor", "SEARCH", 2, 1.40, 0.03),
    AdCampaign("google", "18000000004", "Shopping - All Products", "SHOPPING", 5, 0.60, 0.012),
    AdCampaign("google", "18000000005", "Display Remarketing", "DISPLAY", 1.5, 0.25, 0.004),
    AdCampaign("google", "18000000006", "YouTube Prospecting", "VIDEO", 0.8, 0.30, 0.006),
    AdCampaign("google", "18000000007", "Cross-network Max", "PERFORMANCE_MAX", 2, 0.55, 0.01),
    AdCampaign("google", "18000000008", "Hotel test", "HOTEL", 0.0, 0.80, 0.02),
    AdCampaign("facebook", "23851234567890123", "FB Prospecting; lookalike", "social", 4, 0.70, 0.011),
    AdCampaign("facebook", "23851234567890457", "FB Retargeting", "social", 2.5, 0.50, 0.018, "Retargeting (old)"),
    AdCampaign("facebook", "23851234567890891", 'IG Stories "Summer"', "social", 2, 0.60, 0.009),
]


def _tagged(
    channel: str,
    source: str,
    medium: str,
    campaign: str | None,
    weight: float,
    how: str,
    *,
    ad: str | None = None,
    term: str | None = None,
    content: str | None = None,
    referrer: str | None = None,
    click: str = "",
) -> Arrival:
    """A tagged way in. how: 'both' address and context, 'url' or 'context' alone."""
    parts = [
        ("utm_source", source),
        ("utm_medium", medium),
        ("utm_campaign", campaign),
        ("utm_term", term),
        ("utm_content", content),
    ]
    query = "&".join([f"{key}={quote(value)}" for key, value in parts if value] + ([click + "={c}"] if click else []))
    context = (source, medium, campaign, term, content) if how in ("both", "context") else (None,) * 5
    query = query if how in ("both", "url") else click and click + "={c}"
    return Arrival(
        channel,
        source.lower(),
        medium.lower(),
        campaign or "(not set)",
        weight,
        query and "?" + query,
        referrer,
        context,
        ad,
    )


@dataclass(frozen=True)
class WaysIn:
    """Every way in, and where those begin that clicks on e-mails, texts, flows and partners take."""

    ways: list[Arrival]
    first_email: int
    first_sms: int
    first_flow: int
    first_partner: int


def ways_in(email_campaigns: list[str]) -> WaysIn:
    google, none = "https://www.google.com/", "(none)"
    ways = [
        Arrival("Direct", "(direct)", none, None, 21),
        Arrival("Direct", "(direct)", none, None, 3, referrer=SITE + "/collections/home"),
        Arrival("Direct", "(direct)", none, None, 1, referrer="https://checkout.harbour-lane.example/pay"),
        Arrival("Organic Search", "google", "organic", None, 19, referrer=google),
        Arrival("Organic Search", "google", "organic", None, 3, referrer="https://www.google.de/search?q=kaffee"),
        Arrival(
            "Organic Search",
            "bing",
            "organic",
            None,
            2.5,
            referrer="https://www.bing.com/search?q=coffee+grinder",
        ),
        Arrival("Organic Search", "duckduckgo", "organic", None, 1.2, referrer="https://duckduckgo.com/"),
        Arrival("Organic Search", "yahoo", "organic", None, 0.8, referrer="https://search.yahoo.com/"),
        Arrival(
            "Organic Social",
            "l.facebook.com",
            "referral",
            None,
            2,
            referrer="https://l.facebook.com/l.php?u=x",
        ),
        Arrival("Organic Social", "instagram.com", "referral", None, 2, referrer="https://www.instagram.com/"),
        Arrival("Organic Social", "t.co", "referral", None, 0.6, referrer="https://t.co/a1b2"),
        Arrival("Organic Social", "reddit.com", "referral", None, 0.5, referrer="https://www.reddit.com/r/coffee"),
        Arrival("Organic Social", "facebook", "referral", None, 1, "?fbclid={c}", "https://m.facebook.com/"),
        Arrival(
            "Organic Video",
            "youtube.com",
            "referral",
            None,
            0.8,
            referrer="https://www.youtube.com/watch?v=x",
        ),
        Arrival("Organic Shopping", "ebay.com", "referral", None, 0.3, referrer="https://www.ebay.com/itm/1"),
        Arrival(
            "Referral",
            "blog.kettle-notes.example",
            "referral",
            None,
            2.5,
            referrer="https://blog.kettle-notes.example/best-grinders",
        ),
        Arrival(
            "Referral",
            "gift-lists.example",
            "referral",
            None,
            1,
            referrer="https://www.gift-lists.example/for-her?page=2",
        ),
        # Click ids alone.
        Arrival("Paid Search", "google", "cpc", None, 1.5, "?gclid={c}", google, ad="18000000001"),
        Arrival("Paid Search", "google", "cpc", None, 0.3, "?gbraid={c}"),
        Arrival("Paid Search", "bing", "cpc", None, 0.6, "?msclkid={c}", "https://www.bing.com/"),
        Arrival("Paid Social", "tiktok", "cpc", None, 0.5, "?ttclid={c}", "https://www.tiktok.com/"),
        Arrival("Paid Social", "linkedin", "cpc", None, 0.2, "?li_fat_id={c}"),
        Arrival("Display", "google", "display", None, 0.3, "?dclid={c}"),
        # Tags of teams that pay for no ad account.
        _tagged("Organic Social", "instagram", "social", "bio-link", 1.2, "both"),
        _tagged(
            "Affiliates",
            "couponkeen",
            "affiliate",
            "couponkeen-summer",
            1.0,
            "both",
            referrer="https://couponkeen.example/harbour-lane",
        ),
        _tagged("Audio", "podwave", "audio", "podcast-q2", 0.4, "both"),
        _tagged("Mobile Push", "app", "push", "back-in-stock", 0.5, "context"),
        _tagged("Paid Other", "sponsorbrew", "cpc", "sponsored-post", 0.5, "url"),
        _tagged("Unassigned", "flyer", "qr", "Spring Flyer", 0.5, "url"),
        _tagged("Unassigned", "Partner-Day", "print", None, 0.2, "url"),
        _tagged(
            "Email",
            "supplier-news",
            "E-Mail",
            "guest feature",
            0.4,
            "url",
            referrer="https://mail.example.com/",
        ),
        _tagged("Referral", "kettle-notes", "referral", "writer@kettle-notes.example", 0.1, "both"),
    ]
    labels = {
        "SEARCH": ("Paid Search", "google", "cpc"),
        "SHOPPING": ("Paid Shopping", "google", "cpc"),
        "DISPLAY": ("Display", "google", "display"),
        "VIDEO": ("Paid Video", "youtube", "cpc"),
        "PERFORMANCE_MAX": ("Cross-network", "google", "cpc"),
        "social": ("Paid Social", "facebook", "paid_social"),
    }
    for ad in ADS:
        if ad.weight == 0:
            continue
        channel, source, medium = labels[ad.kind]
        click = "gclid" if ad.platform == "google" else "fbclid"
        ways.append(
            _tagged(
                channel,
                source,
                medium,
                ad.name,
                ad.weight * 0.6,
                "both",
                ad=ad.key,
                click=click,
                content="v1",
            )
        )
        ways.append(_tagged(channel, source, medium, ad.name.lower(), ad.weight * 0.3, "url", ad=ad.key, term="brand"))
        # Some tags carry the platform's id in place of the name; a channel that the name decides is then another.
        channel = "Paid Search" if channel in ("Paid Shopping", "Cross-network") else channel
        ways.append(_tagged(channel, source, medium, ad.key, ad.weight * 0.1, "both", ad=ad.key, click=click))
    first_email = len(ways)
    ways += [_tagged("Email", "klaviyo", "email", name, 0, "both") for name in email_campaigns]
    first_sms = len(ways)
    ways += [_tagged("SMS", "klaviyo", "sms", name, 0, "url") for name in email_campaigns]
    first_flow = len(ways)
    ways += [_tagged("Email", "klaviyo", "email", "flow-" + flow.lower(), 0, "url") for flow in FLOWS]
    first_partner = len(ways)
    for partner, how in zip(PARTNERS, ("both", "url"), strict=True):
        referrer = f"https://{partner}.example/" if how == "both" else None
        ways.append(_tagged("Affiliates", partner, "affiliate", LISTINGS[partner], 0, how, referrer=referrer))
    return WaysIn(ways, first_email, first_sms, first_flow, first_partner)
