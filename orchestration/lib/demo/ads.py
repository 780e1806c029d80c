"""What was paid for clicks: per campaign and day, in step with the sessions that carry the campaign."""

import numpy as np

from .arrivals import ADS
from .scene import DAY, EPOCH, Scene, at, where
from .site import Visits
from .store import Store

ACCOUNTS = {"google": "412-555-0001", "facebook": "act_90017"}


def spend_on_ads(scene: Scene, store: Store, visits: Visits) -> None:
    rng = scene.rng("ads")
    position: dict[str | None, int] = {ad.key: number for number, ad in enumerate(ADS)}
    campaign = np.array([position.get(way.ad, -1) for way in visits.ways])[visits.way]
    paid = campaign >= 0
    day = scene.day_index(visits.start[paid])
    sessions = np.bincount(campaign[paid] * scene.days + day, minlength=len(ADS) * scene.days).reshape(
        len(ADS), scene.days
    )
    # Not every click becomes a session; days without one still cost a little. HOTEL spends and brings nobody.
    clicks = np.ceil(sessions * rng.uniform(1.05, 1.4, sessions.shape)).astype(np.int64)
    clicks += rng.poisson(0.3, clicks.shape)
    rate = np.array([ad.click_rate for ad in ADS])[:, None]
    impressions = (clicks / rate * rng.uniform(0.8, 1.25, clicks.shape)).astype(np.int64) + rng.integers(
        0, 60, clicks.shape
    )
    price = np.array([ad.cost_per_click for ad in ADS])[:, None] * rng.uniform(0.85, 1.2, clicks.shape)
    dates = np.arange(scene.days) + scene.start // DAY
    google = np.array([n for n, ad in enumerate(ADS) if ad.platform == "google"])
    facebook = np.array([n for n, ad in enumerate(ADS) if ad.platform == "facebook"])
    _google(scene, rng, store, google, dates, impressions, clicks, price)
    _facebook(scene, rng, store, facebook, dates, impressions, clicks, price)


def _google(
    scene: Scene,
    rng: np.random.Generator,
    store: Store,
    rows: np.ndarray,
    dates: np.ndarray,
    impressions: np.ndarray,
    clicks: np.ndarray,
    price: np.ndarray,
) -> None:
    _history(scene, store, "google", "google_ads/campaign_history", "updated_at", "customer_id")
    campaign, day = (grid.ravel() for grid in np.meshgrid(rows, np.arange(len(dates)), indexing="ij"))
    parts = []
    left_clicks, left_impressions = clicks[campaign, day], impressions[campaign, day]
    for device_name, network_name, share in (
        ("MOBILE", "SEARCH", 0.55),
        ("DESKTOP", "SEARCH", 0.7),
        ("TABLET", "CONTENT", 1.0),
    ):
        taken = np.floor(left_clicks * share).astype(np.int64)
        seen = np.floor(left_impressions * share).astype(np.int64)
        left_clicks, left_impressions = left_clicks - taken, left_impressions - seen
        parts.append(
            (
                campaign,
                day,
                np.full(len(campaign), device_name, dtype=object),
                np.full(len(campaign), network_name, dtype=object),
                taken,
                seen,
            )
        )
    campaign, day, device, network, taken, seen = (np.concatenate(column) for column in zip(*parts, strict=True))
    some = np.flatnonzero(seen > 0)
    order = some[np.argsort(day[some], kind="stable")]
    campaign, day, device, network, taken, seen = (c[order] for c in (campaign, day, device, network, taken, seen))
    euro = np.array([ad.kind == "VIDEO" for ad in ADS])[campaign]
    cost = (taken * price[campaign, day] * 1_000_000).astype(np.int64)
    bought = rng.binomial(taken, 0.04)
    # No network for a few: part of the key, and null.
    network = where(np.array([ad.kind == "PERFORMANCE_MAX" for ad in ADS])[campaign], None, network)
    store.add(
        "google_ads/campaign_stats",
        {
            "id": np.array([ad.key for ad in ADS], dtype=object)[campaign],
            "date": dates[day].astype("datetime64[D]"),
            "customer_id": where(euro, "412-555-0002", ACCOUNTS["google"]).astype(object),
            "device": device,
            "ad_network_type": network,
            "impressions": seen,
            "clicks": taken,
            "cost_micros": cost,
            "conversions": bought * 1.0,
            "conversions_value": np.round(bought * rng.uniform(30, 90, len(bought)), 2),
            "currency_code": where(euro, "EUR", "USD").astype(object),
        },
        landed=dates[day],
    )


def _facebook(
    scene: Scene,
    rng: np.random.Generator,
    store: Store,
    rows: np.ndarray,
    dates: np.ndarray,
    impressions: np.ndarray,
    clicks: np.ndarray,
    price: np.ndarray,
) -> None:
    _history(scene, store, "facebook", "facebook_ads/campaign_history", "updated_time", "account_id")
    day, campaign = (grid.ravel() for grid in np.meshgrid(np.arange(len(dates)), rows, indexing="ij"))
    some = np.flatnonzero(impressions[campaign, day] > 0)
    campaign, day = campaign[some], day[some]
    store.add(
        "facebook_ads/basic_campaign",
        {
            "campaign_id": np.array([int(ad.key) for ad in ADS])[campaign],
            "date": dates[day].astype("datetime64[D]"),
            "account_id": np.full(len(day), ACCOUNTS["facebook"], dtype=object),
            "impressions": impressions[campaign, day],
            "inline_link_clicks": clicks[campaign, day],
            "spend": np.round(clicks[campaign, day] * price[campaign, day], 2),
            "account_currency": np.full(len(day), "USD", dtype=object),
        },
        landed=dates[day],
    )


def _history(scene: Scene, store: Store, platform: str, path: str, updated: str, account: str) -> None:
    """Names over time: some campaigns were renamed in mid world, one within the increments."""
    ads = [ad for ad in ADS if ad.platform == platform]
    keys, names, kinds, times = [], [], [], []
    for number, ad in enumerate(ads):
        if ad.earlier_name:
            keys.append(ad.key)
            names.append(ad.earlier_name)
            kinds.append(ad.kind)
            times.append(scene.start - 3_600 * number)
        keys.append(ad.key)
        names.append(ad.name)
        kinds.append(ad.kind)
        renamed = scene.start + scene.days // 2 * DAY if number % 2 else scene.stop - min(3, scene.days) * DAY + 40_000
        times.append(renamed if ad.earlier_name else scene.start - 3_600 * number)
    columns = {
        "id": np.array(keys, dtype=object),
        updated: at(np.array(times)),
        account: np.full(len(keys), ACCOUNTS[platform], dtype=object),
        "name": np.array(names, dtype=object),
    }
    if platform == "google":
        columns["advertising_channel_type"] = np.array(kinds, dtype=object)
    store.add(path, columns, landed=np.maximum(np.array(times) // DAY, (scene.first_date - EPOCH).days))
