"""Who lives in the world: names, addresses, ways to reach them, what they like, and the hard cases among them."""

import unicodedata
from dataclasses import dataclass

import numpy as np

from .phones import national_numbers
from .scene import DAY, EPOCH, Scene, pick, ranks, where
from .words import CITIES, COUNTRIES, NAMES, STREETS

_MAIL = (
    ["example.com", "example.org", "example.net", "post.example.com", "mail.example.org"],
    [5.0, 3.0, 2.0, 1.0, 1.0],
)


@dataclass(frozen=True)
class People:
    """One entry a person in every column; person ids are their positions."""

    country: np.ndarray  # position in COUNTRIES
    female: np.ndarray
    first: np.ndarray
    last: np.ndarray
    born: np.ndarray  # datetime64[D]
    street: np.ndarray
    city: np.ndarray
    province: np.ndarray
    postcode: np.ndarray
    email: np.ndarray
    other_email: np.ndarray
    national: np.ndarray  # national significant number
    phone: np.ndarray  # E.164
    home_ip: np.ndarray
    household: np.ndarray
    since: np.ndarray  # when they first turn up, in seconds
    role: np.ndarray  # shop, guest or lead
    tastes: np.ndarray  # two favourite categories
    thrift: np.ndarray  # propensity to use a coupon
    kinds: dict[str, np.ndarray]  # positions of people with a hard case, by its name

    def __len__(self) -> int:
        return len(self.country)

    def addresses(self) -> set[str]:
        """Every e-mail address that is somebody's."""
        return {*self.email.tolist(), *self.other_email.tolist()}

    def code(self, field: int) -> np.ndarray:
        """A column of COUNTRIES per person."""
        values = np.array([row[field] for row in COUNTRIES], dtype=object)
        return values[self.country]


def invent_people(scene: Scene) -> People:
    rng = scene.rng("people")
    size = scene.customers
    kinds = _hard_cases(rng, size)
    country = rng.choice(len(COUNTRIES), size=size, p=[row[1] for row in COUNTRIES])
    household = np.arange(size)
    for name in ("twins", "father_and_son", "couple", "shared_tablet", "shared_landline"):
        for left, right in kinds[name].reshape(-1, 2):
            household[right] = left
    country = country[household]
    female = rng.random(size) < 0.53
    female[kinds["father_and_son"]] = False
    first, last = _names(rng, country, female)
    age_days = rng.integers(18 * 365, 80 * 365, size)
    born = (scene.end - EPOCH).days - age_days
    street, city, province, postcode = _addresses(rng, country)
    for column in (street, city, province, postcode):
        column[:] = column[household]
    _shape_households(rng, kinds, female, first, last, born)
    home_ip = _addresses_on_the_net(rng, size)[household]
    national, phone = national_numbers(country, np.arange(size))
    national[kinds["shared_landline"][1::2]] = national[kinds["shared_landline"][0::2]]
    phone[kinds["shared_landline"][1::2]] = phone[kinds["shared_landline"][0::2]]
    email, other_email = _emails(rng, first, last)

    role = rng.choice(np.array(["shop", "guest", "lead"], dtype=object), size=size, p=[0.82, 0.08, 0.10])
    for name, members in kinds.items():
        if name != "business":
            role[members] = "shop"
    role[kinds["business"]] = "lead"
    since = scene.moments(rng, scene.start, scene.stop, size)
    # A third were there, or came in the opening weeks.
    early = rng.random(size) < 0.33
    opening = min(scene.stop, scene.start + max(1, scene.days // 9) * DAY)
    since = where(early, scene.moments(rng, scene.start, opening, size), since)
    tastes = np.stack([rng.integers(0, 8, size), rng.integers(0, 8, size)], axis=1)
    return People(
        country,
        female,
        first,
        last,
        born.astype("datetime64[D]"),
        street,
        city,
        province,
        postcode,
        email,
        other_email,
        national,
        phone,
        home_ip,
        household,
        since,
        role,
        tastes,
        rng.beta(0.6, 2.2, size),
        kinds,
    )


def _hard_cases(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Disjoint people for each hard case: a small share, but at least one case where the world has room for it."""
    order = rng.permutation(size)
    taken = 0
    kinds = {}
    for name, share, group in [
        ("twins", 0.003, 2),
        ("father_and_son", 0.003, 2),
        ("couple", 0.03, 2),
        ("shared_tablet", 0.005, 2),
        ("shared_landline", 0.001, 2),
        ("shared_inbox", 0.001, 3),
        ("two_accounts", 0.008, 1),
        ("corrected_email", 0.006, 2),
        ("stranger_copy", 0.03, 1),
        ("business", 0.05, 1),
        ("erased", 0.002, 1),
    ]:
        count = max(1, round(share * size / group)) * group
        count = min(count, (size - taken) // group * group)
        kinds[name] = order[taken : taken + count]
        taken += count
    return kinds


def _names(rng: np.random.Generator, country: np.ndarray, female: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first = np.empty(len(country), dtype=object)
    last = np.empty(len(country), dtype=object)
    for position, row in enumerate(COUNTRIES):
        words = NAMES[row[2]]
        here = np.flatnonzero(country == position)
        for sex, given in ((True, words["female"]), (False, words["male"])):
            chosen = here[female[here] == sex]
            # Popular names first: a square makes the head of the list about three times as common.
            first[chosen] = np.array(given, dtype=object)[(rng.random(len(chosen)) ** 1.5 * len(given)).astype(int)]
        last[here] = pick(rng, words["stems"], len(here)) + pick(rng, words["endings"], len(here))
    double = rng.random(len(country)) < 0.03
    last[double] = last[double] + "-" + np.roll(last[double], 1)
    irish = (country == 1) & (rng.random(len(country)) < 0.03)
    last[irish] = "O'" + last[irish]
    return first, last


def _addresses(rng: np.random.Generator, country: np.ndarray) -> tuple[np.ndarray, ...]:
    street, city, province, postcode = (np.empty(len(country), dtype=object) for _ in range(4))
    for position, row in enumerate(COUNTRIES):
        here = np.flatnonzero(country == position)
        size = len(here)
        number = rng.integers(1, 240, size).astype(str).astype(object)
        left, right = STREETS[row[2]]
        name = pick(rng, left, size)
        kind = pick(rng, right, size)
        if row[2] == "en":
            street[here] = number + " " + name + " " + kind
        elif row[2] in ("fr", "it"):
            street[here] = number + ", " + name + " " + kind
        else:
            street[here] = name + kind + " " + number
        place = rng.integers(0, len(CITIES[row[0]]), size)
        for target, field in ((city, 0), (province, 1)):
            target[here] = np.array([entry[field] for entry in CITIES[row[0]]], dtype=object)[place]
        prefix = np.array([entry[2] for entry in CITIES[row[0]]], dtype=object)[place]
        digit = [rng.integers(0, 10, size).astype(str).astype(object) for _ in range(4)]
        letter = [pick(rng, list("ABDEFGHJLNPQRSTUWXYZ"), size) for _ in range(2)]
        postcode[here] = {
            "US": lambda p, d, a: p + d[0] + d[1],
            "GB": lambda p, d, a: p + " " + d[0] + a[0] + a[1],
            "DE": lambda p, d, a: p + d[0] + d[1] + d[2],
            "FR": lambda p, d, a: p + d[0] + d[1] + d[2],
            "NL": lambda p, d, a: p + d[0] + d[1] + " " + a[0] + a[1],
            "CA": lambda p, d, a: p + " " + d[0] + a[0] + d[1],
            "AU": lambda p, d, a: p + d[0] + d[1],
            "IT": lambda p, d, a: p + d[0] + d[1],
            "SE": lambda p, d, a: p + d[0] + " " + d[1] + d[2],
            "JP": lambda p, d, a: p + "-" + d[0] + d[1] + d[2] + d[3],
        }[row[0]](prefix, digit, letter)
    return street, city, province, postcode


def _shape_households(
    rng: np.random.Generator,
    kinds: dict[str, np.ndarray],
    female: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    born: np.ndarray,
) -> None:
    """Twins share name, address and birthday; a father and son share both names; couples mostly the surname."""
    twin, other = kinds["twins"][0::2], kinds["twins"][1::2]
    last[other], born[other] = last[twin], born[twin]
    same = first[other] == first[twin]
    first[other[same]] = first[twin[same]] + "-Marie"
    father, son = kinds["father_and_son"][0::2], kinds["father_and_son"][1::2]
    last[son], first[son] = last[father], first[father]
    # Old enough that the son has come of age.
    born[father] -= where(born[father] > np.median(born), 30 * 365, 0)
    born[son] = born[father] + rng.integers(22 * 365, 34 * 365, len(son))
    for name in ("couple", "shared_tablet", "shared_landline"):
        left, right = kinds[name][0::2], kinds[name][1::2]
        shares = rng.random(len(left)) < 0.7
        last[right[shares]] = last[left[shares]]


def plain(name: str) -> str:
    """A name as people write it in an address: ASCII letters only."""
    spelled = name.replace("ß", "ss").replace("ø", "o")
    ascii_name = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return "".join(c for c in ascii_name.lower() if c.isalpha())


def _emails(rng: np.random.Generator, first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = len(first)
    style = rng.integers(0, 4, size)
    given = np.array([plain(name) for name in first], dtype=object)
    family = np.array([plain(name) for name in last], dtype=object)
    initial = np.array([name[:1] for name in given], dtype=object)
    main = np.select(
        [style == 0, style == 1, style == 2],
        [given + "." + family, initial + family, given + "_" + family],
        family + "." + given,
    )
    other = given + family + np.array(["", "shop", "mail"], dtype=object)[rng.integers(0, 3, size)]
    stems = np.concatenate([main, other])
    _, group = np.unique(stems.astype(str), return_inverse=True)
    # A digit only ever tells namesakes apart, so no two addresses are equal whatever their domain.
    number = ranks(group)
    suffix = where(number == 0, "", (number + 1).astype(str)).astype(object)
    full = stems + suffix + "@" + pick(rng, _MAIL[0], 2 * size, _MAIL[1])
    return full[:size], full[size:]


def _addresses_on_the_net(rng: np.random.Generator, size: int) -> np.ndarray:
    """Addresses of the block that is set aside for shared carriers (100.64.0.0/10): nobody's own."""
    value = rng.integers(0, 2**22, size)
    parts = [64 + (value >> 16), (value >> 8) & 255, value & 255]
    dot = [part.astype(str).astype(object) for part in parts]
    return "100." + dot[0] + "." + dot[1] + "." + dot[2]
