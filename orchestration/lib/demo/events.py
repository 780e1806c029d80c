"""From planted sessions to page views, tracked events and identifies."""

from dataclasses import dataclass

import numpy as np

from .arrivals import SITE, Arrival
from .catalogue import Catalogue, choose_products
from .plan import Cast
from .scene import DAY, Scene, spread, where
from .scripts import NAMES, Steps
from .sessions import PLACEHOLDER_DEVICES, Sessions
from .store import LANDED, PERSON, PHONE, ROW, Store
from .words import CATEGORIES, COUNTRIES, SEARCHES

_PAGES = {
    "home": ("/", "Harbour Lane"),
    "category": ("/collections/", "Collection"),
    "product": ("/products/", ""),
    "search": ("/search", "Search"),
    "cart": ("/cart", "Your cart"),
    "checkout": ("/checkout", "Checkout"),
    "account": ("/account", "Your account"),
    "blog": ("/blogs/notes/how-to-brew", 'Notes: "how to brew"; part 1'),
    "pricing": ("/pages/wholesale-prices", "Wholesale prices"),
    "contact": ("/pages/contact", "Contact"),
    "unsubscribe": ("/unsubscribe/", "Goodbye"),
}
# Odd, so that multiplying modulo a power of two gives every row an id of its own.
_MIX = 0x9E3779B1


@dataclass(frozen=True)
class Events:
    """Every event of every session, in the order of time."""

    session: np.ndarray
    place: np.ndarray  # which step of which script
    step: np.ndarray  # number within the session
    at_ms: np.ndarray
    received_ms: np.ndarray
    user: np.ndarray
    product: np.ndarray


def unfold(
    scene: Scene,
    rng: np.random.Generator,
    cast: Cast,
    catalogue: Catalogue,
    sessions: Sessions,
    offsets: np.ndarray,
    steps: Steps,
) -> Events:
    people, orders, devices = cast.people, cast.orders, cast.devices
    counts = steps.script_length[sessions.script]
    session, step = spread(counts)
    place = steps.script_start[sessions.script[session]] + step
    at_ms = sessions.start[session] + offsets
    late = rng.random(len(session)) < 0.004
    delay = where(late, rng.integers(3_600_000, 2 * DAY * 1000, len(session)), rng.integers(20, 4_000, len(session)))
    received = np.minimum(at_ms + delay, scene.stop * 1000 - 1)
    signed = step >= sessions.signed_from[session]
    user = where(signed, sessions.user[session], -1)

    owner = devices.person[sessions.device]
    tastes = where(owner[:, None] >= 0, people.tastes[np.maximum(owner, 0)], rng.integers(0, 8, (len(owner), 2)))
    shown = choose_products(rng, tastes)
    ordered = where(sessions.order >= 0, orders.product[np.maximum(sessions.order, 0)] if len(orders) else -1, -1)
    shown = where(ordered >= 0, ordered, shown)
    product = where(steps.other_product[place], (shown[session] + 7) % len(catalogue.ids), shown[session])
    order = np.argsort(at_ms, kind="stable")
    return Events(session[order], place[order], step[order], at_ms[order], received[order], user[order], product[order])


def put_into_words(
    store: Store,
    cast: Cast,
    catalogue: Catalogue,
    sessions: Sessions,
    events: Events,
    ways: list[Arrival],
    steps: Steps,
    person: np.ndarray,
) -> None:
    """Load the numbers, and define the two event tables as views that look the texts up when they are written."""
    people, orders, devices = cast.people, cast.orders, cast.devices
    country = np.array([[row[4], row[5]] for row in COUNTRIES], dtype=object)
    store.load(
        "_devices",
        {
            "device": np.arange(len(devices)),
            "anonymous_id": devices.anonymous_id,
            "ip": devices.ip,
            "user_agent": devices.user_agent,
            "kind": devices.kind,
            "locale": country[devices.country, 0],
            "timezone": where(np.arange(len(devices)) % 53 == 0, None, country[devices.country, 1]),
            "person": devices.person,
            "email": where(devices.person >= 0, people.email[np.maximum(devices.person, 0)], None),
        },
        {"email": "VARCHAR", "timezone": "VARCHAR"},
    )
    store.load(
        "_ways",
        {
            "way": np.arange(len(ways)),
            "query": np.array([way.query for way in ways], dtype=object),
            "referrer": np.array([way.referrer for way in ways], dtype=object),
            **{
                name: np.array([way.context[position] for way in ways], dtype=object)
                for position, name in enumerate(["source", "medium", "name", "term", "content"])
            },
            "channel": np.array([way.channel for way in ways], dtype=object),
            "true_source": np.array([way.source for way in ways], dtype=object),
            "true_medium": np.array([way.medium for way in ways], dtype=object),
            "true_campaign": np.array([way.campaign for way in ways], dtype=object),
        },
        {"term": "VARCHAR", "content": "VARCHAR"},
    )
    store.load(
        "_steps",
        {
            "place": np.arange(len(steps.page)),
            "page": steps.page,
            "path": np.array([_PAGES[page][0] for page in steps.page], dtype=object),
            "title": np.array([_PAGES[page][1] for page in steps.page], dtype=object),
            "event": steps.event,
        },
    )
    store.load(
        "_products",
        {
            "product": np.arange(len(catalogue.ids)),
            "product_id": catalogue.ids,
            "handle": catalogue.handle,
            "title": catalogue.title,
            "category": np.array([CATEGORIES[c][0].lower() for c in catalogue.category], dtype=object),
            "price": catalogue.cents / 100,
        },
    )
    store.load("_searches", {"n": np.arange(len(SEARCHES)), "query": np.array(SEARCHES, dtype=object)})
    store.load("_lost", {"placeholder": np.arange(3), "anonymous_id": np.array(PLACEHOLDER_DEVICES, dtype=object)})
    store.load(
        "_orders",
        {
            "order": np.arange(len(orders)),
            "order_id": orders.ids,
            "account": orders.account,
            "total": orders.total_cents / 100,
            "currency": orders.currency,
        },
        {"currency": "VARCHAR"},
    )
    store.load(
        "_sessions",
        {
            "session": np.arange(len(sessions.device)),
            "device": sessions.device,
            "started_ms": sessions.start,
            "way": sessions.way,
            "placeholder": sessions.placeholder,
            "edge": sessions.edge,
            "events": steps.script_length[sessions.script],
            "person": person,
            "user": sessions.user,
            "order": sessions.order,
        },
    )
    is_page = steps.is_page[events.place]
    for name, rows in (("pages", np.flatnonzero(is_page)), ("tracks", np.flatnonzero(~is_page))):
        store.load(
            f"_{name}",
            {
                "row": np.arange(len(rows)),
                "session": events.session[rows].astype(np.int32),
                "place": events.place[rows].astype(np.int16),
                "first": events.step[rows] == 0,
                "at_ms": events.at_ms[rows],
                "received_ms": events.received_ms[rows],
                "user": events.user[rows],
                "product": events.product[rows].astype(np.int16),
                LANDED: (events.received_ms[rows] // (DAY * 1000)).astype("datetime64[D]"),
            },
            {LANDED: "DATE"},
        )
    store.con.execute(_view("pages", "pg", ""))
    store.con.execute(_view("tracks", "tr", _TRACK_COLUMNS))


_TRACK_COLUMNS = """,
    case when d.kind = 'app' then lower(replace(k.event, ' ', '_')) else k.event end as event,
    case when k.event like 'Product %' and k.event <> 'Product List Viewed'
        then cast(p.product_id as varchar) end as product_id,
    case when k.event = 'Order Completed' then cast(o.order_id as varchar) end as order_id,
    case when k.event = 'Products Searched' then q.query end as query,
    case k.event when 'Product Added' then p.price when 'Order Completed' then o.total end as value,
    case k.event when 'Product Added' then 'USD' when 'Order Completed' then o.currency end as currency,
    case when k.event in ('Experiment Viewed', 'Offer Shown', 'Offer Accepted') then 'exp-free-shipping' end
        as experiment_id,
    case when k.event in ('Experiment Viewed', 'Offer Shown', 'Offer Accepted')
        then case when e.session % 2 = 0 then 'control' else 'treatment' end end as variation_id,
    case k.event
        when 'Product List Viewed'
            then '{"list": "' || p.category || '", "position": ' || cast(e.product % 12 as varchar) || '}'
        when 'Store Locator Opened'
            then '{"radius_km": 5.0, "note": "the \\"old\\" shop, über\\n☕", "tags": ["a", null]}'
        when 'Products Searched' then '{"results": ' || cast(e.product as varchar) || '}'
    end as properties"""


def _view(name: str, prefix: str, more: str) -> str:
    path = """case k.page
        when 'product' then '/products/' || p.handle
        when 'category' then '/collections/' || p.category
        when 'unsubscribe' then '/unsubscribe/' || coalesce(d.email, 'done')
        else k.path end"""
    click = f"printf('%012x', (e.session * {_MIX}) % 281474976710656)"
    query = f"case when e.first then replace(w.query, '{{c}}', {click}) else '' end"
    return f"""
create view "segment/{name}" as
select
    printf('{prefix}%012x', ((e.row + 1) * {_MIX}) % 281474976710656) as id,
    coalesce(l.anonymous_id, d.anonymous_id) as anonymous_id,
    case when e.user >= 0 then cast(e.user as varchar) end as user_id,
    epoch_ms(e.at_ms) as "timestamp",
    epoch_ms(e.received_ms) as received_at,
    '{SITE}' || {path} || {query} as url,
    {path} as path,
    case k.page when 'product' then p.title else k.title end as title,
    case when e.first then w.referrer else '{SITE}/' end as referrer,
    nullif({query}, '') as search,
    case when e.first then w.source end as context_campaign_source,
    case when e.first then w.medium end as context_campaign_medium,
    case when e.first then w.name end as context_campaign_name,
    case when e.first then w.term end as context_campaign_term,
    case when e.first then w.content end as context_campaign_content,
    d.ip as context_ip,
    d.user_agent as context_user_agent,
    d.kind as context_device_type,
    d.locale as context_locale,
    d.timezone as context_timezone{more},
    e.{LANDED},
    s.person as {PERSON},
    cast(null as varchar) as {PHONE},
    e.row as {ROW}
from "_{name}" as e
join "_sessions" as s on s.session = e.session
join "_devices" as d on d.device = s.device
join "_ways" as w on w.way = s.way
join "_steps" as k on k.place = e.place
join "_products" as p on p.product = e.product
join "_searches" as q on q.n = e.session % {len(SEARCHES)}
left join "_orders" as o on o."order" = s."order"
left join "_lost" as l on l.placeholder = s.placeholder
"""


def identify(
    store: Store,
    rng: np.random.Generator,
    cast: Cast,
    sessions: Sessions,
    events: Events,
    steps: Steps,
    person: np.ndarray,
) -> None:
    """Identifies: at a sign-in, and where somebody known to us leaves an address in a form."""
    people, devices = cast.people, cast.devices
    script = sessions.script[events.session]
    signing = sessions.signs_in[events.session] & (events.step == sessions.signed_from[events.session])
    forms = np.isin(script, [NAMES.index("lead"), NAMES.index("sign_up")]) & (person[events.session] >= 0)
    forms &= events.step == steps.script_length[script] - 1
    rows = np.flatnonzero(signing | forms)
    who = person[events.session[rows]]
    by_form = ~signing[rows]
    size = len(rows)
    email = where(by_form | (rng.random(size) < 0.5), people.email[np.maximum(who, 0)], None)
    phone = where(rng.random(size) < 0.08, people.phone[np.maximum(who, 0)], None)
    user = where(events.user[rows] >= 0, events.user[rows].astype(str).astype(object), None)
    received = events.received_ms[rows]
    store.add(
        "segment/identifies",
        {
            "id": np.array([f"id{n * 7_919 % 1_000_000_007:09d}" for n in range(size)], dtype=object),
            "anonymous_id": devices.anonymous_id[sessions.device[events.session[rows]]],
            "user_id": user,
            "email": email,
            "phone": phone,
            "timestamp": events.at_ms[rows].astype("datetime64[ms]"),
            "received_at": received.astype("datetime64[ms]"),
        },
        landed=received // (DAY * 1000),
        person=who,
        phone=phone,
    )
