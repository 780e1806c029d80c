"""What is for sale."""

from dataclasses import dataclass

import numpy as np

from .scene import Scene, at, pick, text, where
from .store import Store
from .words import CATEGORIES, PRODUCT_ADJECTIVES

PER_CATEGORY = 24
FIRST_ID = 8_100_000_000_000


@dataclass(frozen=True)
class Catalogue:
    ids: np.ndarray
    category: np.ndarray  # position in CATEGORIES; products stand category by category
    title: np.ndarray
    handle: np.ndarray
    cents: np.ndarray  # price in US cents
    popularity: np.ndarray  # within its category, sums to 1


def stock_catalogue(scene: Scene, store: Store) -> Catalogue:
    rng = scene.rng("catalogue")
    category = np.repeat(np.arange(len(CATEGORIES)), PER_CATEGORY)
    size = len(category)
    ids = FIRST_ID + np.arange(size) * 3_217
    titles, handles, cents = [], [], []
    for position, (_, median, nouns) in enumerate(CATEGORIES):
        # Two adjectives apart per noun: every title of a category is its own.
        start = rng.integers(0, len(PRODUCT_ADJECTIVES))
        for number in range(PER_CATEGORY):
            adjective = PRODUCT_ADJECTIVES[(start + number + position) % len(PRODUCT_ADJECTIVES)]
            noun = nouns[number % len(nouns)]
            titles.append(f"{adjective} {noun}")
            handles.append(f"{adjective} {noun}".lower().replace("'", "").replace(" ", "-"))
            cents.append(round(median * float(np.exp(rng.normal(0, 0.45)))) * 100 + int(pick(rng, [99, 50, 0], 1)[0]))
    title = text(np.array(titles, dtype=object))
    # Titles as people type them into a back office.
    for position, odd in enumerate(
        [
            '12" Skillet; cast iron',
            "=1+1 Twin Pack",
            "Tea 🍵 for Two",
            'Lamp, "Noon"',
            "Two-line\ntitle",
            "  Padded Mug  ",
        ]
    ):
        title[(position * 31 + 5) % size] = odd
    unit_cost = np.round(np.array(cents) * rng.uniform(0.3, 0.65, size)) / 100
    created = scene.start - rng.integers(30, 900, size) * 86_400
    changed = scene.moments(rng, scene.start, scene.stop, size)
    updated = where(rng.random(size) < 0.6, changed, created)
    store.add(
        "shopify/product",
        {
            "id": ids,
            "title": title,
            "product_type": text(np.array([CATEGORIES[c][0] for c in category], dtype=object), rng.random(size) > 0.01),
            "vendor": pick(rng, ["Harbour Lane", "Ember & Oak", "Nordlys", "Atelier Doré", "O'Malley; Sons"], size),
            "unit_cost": where(rng.random(size) < 0.04, np.nan, unit_cost),
            "created_at": at(created),
            "updated_at": at(updated, rng.random(size) > 0.02),
        },
    )
    weight = 1 / (1 + np.arange(PER_CATEGORY)) ** 0.8
    return Catalogue(
        ids,
        category,
        title,
        np.array(handles, dtype=object),
        np.array(cents),
        np.tile(weight / weight.sum(), len(CATEGORIES)),
    )


def choose_products(rng: np.random.Generator, tastes: np.ndarray) -> np.ndarray:
    """A product per row of two favourite categories: mostly of those, the popular ones more often."""
    size = len(tastes)
    roll = rng.random(size)
    anything = rng.integers(0, len(CATEGORIES), size)
    category = np.select([roll < 0.6, roll < 0.82], [tastes[:, 0], tastes[:, 1]], anything)
    weight = 1 / (1 + np.arange(PER_CATEGORY)) ** 0.8
    rank = np.searchsorted(np.cumsum(weight / weight.sum()), rng.random(size))
    return category * PER_CATEGORY + np.minimum(rank, PER_CATEGORY - 1)
