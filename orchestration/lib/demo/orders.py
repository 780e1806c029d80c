"""Orders, their lines and refunds: many buy once, a few very often; money in cents until it is written."""

from dataclasses import dataclass

import numpy as np

from .accounts import Accounts
from .catalogue import Catalogue, choose_products
from .finance import PER_DOLLAR
from .people import People
from .phones import written
from .scene import DAY, Scene, at, money, pick, spread, text, where
from .store import Store

FIRST_ORDER, FIRST_LINE, FIRST_REFUND, FIRST_REFUND_LINE = (
    5_200_000_000_000,
    13_100_000_000_000,
    910_000_000_000,
    430_000_000_000,
)
# The number under which the call centre keys in orders for people who ring up.
CALL_CENTRE = "+1 800 555 0199"
COUPONS = [
    ("WELCOME10", 10, 0.4),
    ("SPRING15", 15, 0.2),
    ("VIP20", 20, 0.15),
    ("SUMMER-25", 25, 0.15),
    ("thanks;5", 5, 0.1),
]


@dataclass(frozen=True)
class Orders:
    ids: np.ndarray
    person: np.ndarray  # -1 for an unknown person at the till
    account: np.ndarray  # -1 for guests
    email: np.ndarray
    placed: np.ndarray  # seconds
    product: np.ndarray  # of the first line, position in the catalogue; -1 without lines
    category: np.ndarray
    total_cents: np.ndarray
    currency: np.ndarray
    online: np.ndarray
    genuine: np.ndarray  # neither test, voided nor cancelled

    def __len__(self) -> int:
        return len(self.ids)


def take_orders(scene: Scene, store: Store, people: People, accounts: Accounts, catalogue: Catalogue) -> Orders:
    rng = scene.rng("orders")
    person, placed = _purchases(scene, rng, people)
    # People at a till whom nobody knows.
    strangers = round(len(person) * 0.012)
    person = np.concatenate([person, np.full(strangers, -1)])
    placed = np.concatenate([placed, scene.moments(rng, scene.start, scene.stop, strangers)])
    order = np.argsort(placed, kind="stable")
    person, placed = person[order], placed[order]
    size = len(person)
    known = person >= 0
    who = np.maximum(person, 0)
    ids = FIRST_ORDER + np.arange(size) * 1_031 + rng.integers(0, 1_000, size)

    source = pick(rng, ["web", "mobile_app", "pos", "marketplace", "phone"], size, [76, 11, 7, 5, 1])
    source[~known] = "pos"
    account = where(known, accounts.of_person[who], -1)
    second = _second_accounts(people, accounts)
    use_second = known & (second[who] >= 0) & (rng.random(size) < 0.5) & (accounts.opened(second)[who] < placed)
    account = where(use_second, second[who], account)
    guest = known & ((account < 0) | (rng.random(size) < 0.05))
    has_account = known & ~guest
    customer_id = text(account, has_account)

    email = where(known, people.email[who], None)
    elsewhere = guest & (people.role[who] == "shop") & (rng.random(size) < 0.3)
    email = where(elsewhere, people.other_email[who], email)
    inbox = np.isin(who, people.kinds["shared_inbox"]) & has_account
    if inbox.any():
        shared = people.email.copy()
        for group in people.kinds["shared_inbox"].reshape(-1, 3):
            shared[group] = "office." + people.email[group[0]]
        email = where(inbox, shared[who], email)
    upper = known & (rng.random(size) < 0.03)
    email[upper] = np.array([e.upper() for e in email[upper]], dtype=object)
    email = where(known & (source == "pos") & (rng.random(size) < 0.4) & has_account, None, email)
    placeholder = guest & (rng.random(size) < 0.015)
    email = where(
        placeholder,
        pick(rng, ["guest", "null", "test@example.com", "noreply@example.org", "N/A"], size),
        email,
    )
    # Away from an account the country is not known, so those numbers are written in full.
    style = where(guest, rng.integers(0, 3, size) % 2, rng.integers(0, 5, size))
    has_phone = known & (rng.random(size) < 0.4)
    phone = np.full(size, None, dtype=object)
    rows = np.flatnonzero(has_phone)
    phone[rows] = written(people.country[who[rows]], people.national[who[rows]], style[rows])
    called = source == "phone"
    phone[called] = CALL_CENTRE
    empty_phone = guest & ~called & (rng.random(size) < 0.015)
    phone = where(
        empty_phone,
        pick(rng, ["000-000", "0000000000", "1111111111", "+1 212 000 0000", "123456"], size),
        phone,
    )

    currency = where(known, people.code(3)[who], "USD")
    currency = where(rng.random(size) < 0.015, pick(rng, ["USD", "EUR", "PLN"], size, [4, 4, 1]), currency)
    lines = _lines(scene, rng, catalogue, people, who, known, currency, placed)
    gross = np.bincount(lines["order"], weights=lines["cents"] * lines["quantity"], minlength=size).astype(np.int64)
    off_lines = np.bincount(lines["order"], weights=lines["off"], minlength=size).astype(np.int64)
    no_lines = np.bincount(lines["order"], minlength=size) == 0
    # Gift cards are sold without lines: an amount is all there is.
    gross = where(no_lines, 2_500 + rng.integers(0, 4, size) * 2_500, gross)
    thrift = where(known, people.thrift[who], 0.1)
    coupon = rng.choice(len(COUPONS), size=size, p=[c[2] for c in COUPONS])
    uses = rng.random(size) < thrift
    off_coupon = where(uses, (gross - off_lines) * np.array([c[1] for c in COUPONS])[coupon] // 100, 0)
    free = rng.random(size) < 0.004
    off_coupon = where(free, gross - off_lines, off_coupon)
    code = np.array([c[0] for c in COUPONS], dtype=object)[coupon]
    code = where(free, "REPLACEMENT-100", where(uses, code, None))
    # A coupon that carries an address, as those of a referral scheme do.
    friends = uses & known & (rng.random(size) < 0.01)
    code = where(friends, "FRIEND-OF-" + people.email[who], code)
    discount = off_lines + off_coupon
    subtotal = gross - discount
    rate = np.array([0, 20, 19, 20, 21, 13, 10, 22, 25, 10])[people.country[who]]
    tax = where(rate == 0, subtotal * 7 // 100, subtotal - subtotal * 100 // (100 + rate))
    shipping = where((subtotal >= 5_000) | (source == "pos") | no_lines, 0, 495)
    shipping = where(currency == "JPY", shipping * 100, shipping)
    total = subtotal + shipping + where(rate == 0, tax, 0)
    unsaid = (off_coupon == 0) & (rng.random(size) < 0.05)

    test = rng.random(size) < 0.005
    voided = ~test & (rng.random(size) < 0.012)
    pending = ~test & ~voided & (rng.random(size) < 0.025)
    cancelled_at = placed + rng.integers(600, 6 * DAY, size)
    cancelled = ~test & ~voided & (rng.random(size) < 0.03) & (cancelled_at < scene.stop)
    plain = ~test & ~voided & ~pending & ~cancelled
    refunds = _refunds(scene, rng, lines, placed, plain & ~no_lines & (subtotal > 0), subtotal, off_coupon, gross)
    refunded = np.bincount(refunds["order"], weights=refunds["cents"], minlength=size).astype(np.int64)
    last_refund = np.zeros(size, dtype=np.int64)
    np.maximum.at(last_refund, refunds["refund_order"], refunds["refund_at"])
    shipped_at = placed + rng.integers(DAY // 4, 4 * DAY, size)
    shipped = plain & (shipped_at < scene.stop) & (rng.random(size) < 0.97)
    touched = where(shipped, shipped_at, placed)
    touched = where(cancelled, cancelled_at, np.maximum(touched, last_refund))
    status = np.select(
        [
            voided,
            pending,
            (refunded > 0) & (refunded >= subtotal),
            refunded > 0,
            cancelled & (rng.random(size) < 0.5),
        ],
        [
            "voided",
            pick(rng, ["pending", "authorized"], size, [3, 1]),
            "refunded",
            "partially_refunded",
            "refunded",
        ],
        "paid",
    ).astype(object)
    spelled = where(rng.random(size) < 0.01, np.array([" " + c.lower() for c in currency], dtype=object), currency)
    processed = placed + rng.integers(0, 40, size)
    fixed = {
        "id": ids,
        "name": text(np.char.add("#", (1001 + np.arange(size)).astype(str))),
        "customer_id": customer_id,
        "email": email,
        "phone": phone,
        "created_at": at(placed),
        "processed_at": at(processed, rng.random(size) > 0.03),
        "currency": spelled,
        "subtotal_price": money(subtotal),
        "total_price": money(total),
        "total_discounts": money(discount, ~unsaid),
        "total_tax": money(tax),
        "total_shipping": money(shipping, rng.random(size) > 0.02),
        "source_name": source,
        "referring_site": pick(
            rng,
            [
                None,
                "https://www.google.com/",
                "https://www.instagram.com/",
                "android-app://com.google.android.gm/",
            ],
            size,
            [70, 18, 8, 4],
        ),
        "landing_site_base_url": pick(
            rng, [None, "/", "/collections/coffee?utm_source=google&utm_medium=cpc", "/search"], size
        ),
        "browser_ip": where(known & (source != "pos"), people.home_ip[who], None),
        "discount_code": code,
        "test": where(test, True, where(rng.random(size) < 0.1, None, False)),
    }
    # As placed, and as it stood after its last change, where an export could have shown both.
    later = touched > placed
    early = np.flatnonzero(~later | ((touched >= scene.dump_stop) & (touched // DAY > placed // DAY)))
    final = np.flatnonzero(later)
    rows = np.concatenate([early, final])
    is_final = np.arange(len(rows)) >= len(early)
    open_status = where(voided | pending, status, "paid")
    moving = {
        "updated_at": at(where(is_final, touched[rows], processed[rows])),
        "cancelled_at": at(cancelled_at[rows], is_final & cancelled[rows]),
        "financial_status": where(is_final, status[rows], open_status[rows]),
        "fulfillment_status": where(is_final & shipped[rows], "fulfilled", None),
    }
    store.add(
        "shopify/order",
        {name: column[rows] for name, column in fixed.items()} | moving,
        landed=where(is_final, touched[rows], placed[rows]) // DAY,
        person=person[rows],
        phone=where(known & has_phone & ~called & ~empty_phone, people.phone[who], None)[rows],
    )
    _add_lines(store, lines, ids, person, catalogue, placed)
    _add_refunds(store, refunds, lines, ids, person)
    first_line = np.full(size, -1)
    first_line[lines["order"][::-1]] = lines["product"][::-1]
    return Orders(
        ids,
        person,
        where(has_account, account, -1),
        email,
        placed,
        first_line,
        catalogue.category[np.maximum(first_line, 0)],
        total,
        currency,
        known & np.isin(source, ["web", "mobile_app"]),
        plain,
    )


def _second_accounts(people: People, accounts: Accounts) -> np.ndarray:
    second = np.full(len(people), -1)
    extra = accounts.ids != accounts.of_person[accounts.person]
    second[accounts.person[extra]] = accounts.ids[extra]
    return second


def _purchases(scene: Scene, rng: np.random.Generator, people: People) -> tuple[np.ndarray, np.ndarray]:
    """Who bought when: a rate per person (gamma), a chance per purchase to be lost for good (beta), and the seasons."""
    buyers = np.flatnonzero(people.role != "lead")
    buyers = buyers[rng.random(len(buyers)) < where(people.role[buyers] == "guest", 1.0, 0.72)]
    per_day = rng.gamma(0.75, 1 / 55.0, len(buyers))
    lost = rng.beta(0.9, 3.2, len(buyers))
    prompt = rng.random(len(buyers)) < 0.55
    now = people.since[buyers] + where(prompt, 60, rng.exponential(18 * DAY, len(buyers)))
    people_of, times = [], []
    peak = scene.season.max()
    alive = np.flatnonzero(now < scene.stop)
    first = True
    while len(alive):
        day = scene.day_index(now[alive].astype(np.int64))
        happens = first | (rng.random(len(alive)) < scene.season[day] / peak)
        people_of.append(buyers[alive[happens]])
        times.append(now[alive[happens]].astype(np.int64))
        stays = ~happens | (rng.random(len(alive)) > lost[alive])
        alive = alive[stays]
        # Thinned by the season: the step is shorter by as much, so that the rate holds on average.
        now[alive] += np.maximum(rng.exponential(1.0, len(alive)) / (per_day[alive] * peak) * DAY, 1800)
        alive = alive[now[alive] < scene.stop]
        first = False
    person = np.concatenate(people_of) if people_of else np.array([], dtype=np.int64)
    exact = np.concatenate(times) if times else np.array([], dtype=np.int64)
    hour = scene.at_hour(rng, exact)
    since = people.since[person]
    return person, where(hour > since, hour, exact)


def _lines(
    scene: Scene,
    rng: np.random.Generator,
    catalogue: Catalogue,
    people: People,
    who: np.ndarray,
    known: np.ndarray,
    currency: np.ndarray,
    placed: np.ndarray,
) -> dict[str, np.ndarray]:
    counts = where(rng.random(len(who)) < 0.006, 0, np.minimum(rng.geometric(0.58, len(who)), 9))
    order, number = spread(counts)
    tastes = where(known[order, None], people.tastes[who[order]], rng.integers(0, 8, (len(order), 2)))
    product = choose_products(rng, tastes)
    factor = np.array([PER_DOLLAR[c] for c in currency[order]])
    # Prices rise by some four percent a year.
    factor = factor * (1 + 0.04 * (placed[order] - scene.start) / (365 * DAY))
    cents = np.maximum(np.round(catalogue.cents[product] * factor), 1).astype(np.int64)
    yen = currency[order] == "JPY"
    cents = where(yen, np.maximum(cents // 100, 1) * 100, cents)
    quantity = np.minimum(rng.geometric(0.8, len(order)), 12)
    on_sale = rng.random(len(order)) < 0.06
    off = where(on_sale, cents * quantity * rng.choice([5, 10, 30], len(order)) // 100, 0)
    return {
        "order": order,
        "number": number,
        "product": product,
        "cents": cents,
        "quantity": quantity,
        "off": off,
    }


def _refunds(
    scene: Scene,
    rng: np.random.Generator,
    lines: dict[str, np.ndarray],
    placed: np.ndarray,
    open_to: np.ndarray,
    subtotal: np.ndarray,
    off_coupon: np.ndarray,
    gross: np.ndarray,
) -> dict[str, np.ndarray]:
    """Some orders come back: whole, a line of them, or a gesture of goodwill without a line; often in a later month."""
    size = len(placed)
    lag = np.minimum(rng.gamma(1.3, 17 * DAY, size), 120 * DAY).astype(np.int64) + DAY
    when = scene.at_hour(rng, placed + lag)
    comes_back = open_to & (rng.random(size) < 0.075) & (when < scene.stop)
    kind = rng.choice(3, size=size, p=[0.35, 0.5, 0.15])
    # The last day is never without: a feed that stands still is something else.
    recent = np.flatnonzero(open_to & (placed < scene.stop - 2 * DAY) & (placed >= scene.stop - 60 * DAY))
    recent = rng.permutation(recent)[:2]
    comes_back[recent], kind[recent] = True, 1
    when[recent] = scene.moments(rng, scene.stop - DAY, scene.stop, len(recent))
    order, quantity = lines["order"], lines["quantity"]
    value = lines["cents"] * quantity - lines["off"]
    # The line's share of the coupon, rounded up, so that nothing is paid back twice.
    base = np.maximum((gross - np.bincount(order, weights=lines["off"], minlength=size).astype(np.int64))[order], 1)
    paid = np.maximum(value - -(-off_coupon[order] * value // base), 0)
    whole = comes_back[order] & (kind[order] == 0)
    single = comes_back[order] & (kind[order] == 1) & (lines["number"] == 0)
    returned = where(whole, quantity, where(single, np.maximum(1, quantity // 2), 0))
    line_rows = np.flatnonzero((returned > 0) & (paid > 0))
    cents = paid[line_rows] * returned[line_rows] // quantity[line_rows]
    # What is still paid for after the lines have come back.
    left = subtotal - np.bincount(order[line_rows], weights=cents, minlength=size).astype(np.int64)
    goodwill = np.flatnonzero(comes_back & (kind == 2) & (left > 200))
    # Every fourth single return is followed by a gesture as a refund of its own.
    again_at = scene.at_hour(rng, when + 9 * DAY)
    follows = comes_back & (kind == 1) & (rng.random(size) < 0.25) & (again_at < scene.stop) & (left > 2_000)
    again = np.flatnonzero(follows)
    has_lines = np.unique(order[line_rows])
    refund_order = np.concatenate([has_lines, goodwill, again])
    refund_at = np.concatenate([when[has_lines], when[goodwill], again_at[again]])
    sequence = np.argsort(refund_at, kind="stable")
    position = np.empty(len(sequence), dtype=np.int64)
    position[sequence] = np.arange(len(sequence))
    refund_of_order = np.full(size, -1)
    refund_of_order[has_lines] = position[: len(has_lines)]
    extra = position[len(has_lines) :]
    # Round amounts: yen have no cents.
    gesture = np.maximum(np.minimum(left[refund_order[sequence[extra]]] // 10, 1_000) // 100 * 100, 100)
    return {
        "refund_order": refund_order[sequence],
        "refund_at": refund_at[sequence],
        "refund": np.concatenate([refund_of_order[order[line_rows]], extra]),
        "order": np.concatenate([order[line_rows], refund_order[sequence[extra]]]),
        "line": np.concatenate([line_rows, np.full(len(extra), -1)]),
        "quantity": np.concatenate([returned[line_rows], np.zeros(len(extra), dtype=np.int64)]),
        "cents": np.concatenate([cents, gesture]),
    }


def _add_lines(
    store: Store,
    lines: dict[str, np.ndarray],
    ids: np.ndarray,
    person: np.ndarray,
    catalogue: Catalogue,
    placed: np.ndarray,
) -> None:
    size = len(lines["order"])
    product = lines["product"]
    variant = catalogue.ids[product] + 40_000_000_000_000 + lines["number"]
    store.add(
        "shopify/order_line",
        {
            "id": FIRST_LINE + np.arange(size) * 11,
            "order_id": ids[lines["order"]],
            "product_id": catalogue.ids[product],
            "variant_id": variant,
            "sku": np.array([f"HL-{p:04d}" for p in range(len(catalogue.ids))], dtype=object)[product],
            "name": catalogue.title[product],
            "quantity": lines["quantity"],
            "price": money(lines["cents"]),
            "total_discount": money(lines["off"]),
        },
        landed=placed[lines["order"]] // DAY,
        person=person[lines["order"]],
    )


def _add_refunds(
    store: Store,
    refunds: dict[str, np.ndarray],
    lines: dict[str, np.ndarray],
    ids: np.ndarray,
    person: np.ndarray,
) -> None:
    refund_ids = FIRST_REFUND + np.arange(len(refunds["refund_at"])) * 7
    store.add(
        "shopify/refund",
        {"id": refund_ids, "order_id": ids[refunds["refund_order"]], "created_at": at(refunds["refund_at"])},
        landed=refunds["refund_at"] // DAY,
        person=person[refunds["refund_order"]],
    )
    size = len(refunds["order"])
    has_line = refunds["line"] >= 0
    store.add(
        "shopify/order_line_refund",
        {
            "id": FIRST_REFUND_LINE + np.arange(size) * 13,
            "refund_id": refund_ids[refunds["refund"]],
            "order_line_id": text(FIRST_LINE + np.maximum(refunds["line"], 0) * 11, has_line),
            "quantity": where(has_line, refunds["quantity"], np.nan),
            "subtotal": money(refunds["cents"]),
            "total_tax": money(refunds["cents"] * 7 // 107),
        },
        landed=refunds["refund_at"][refunds["refund"]] // DAY,
        person=person[refunds["order"]],
    )
