"""Exchange rates: working days only, some days missing, one currency that starts late and one that has none."""

import numpy as np

from .scene import Scene
from .store import Store

# Currency: units a US dollar buys, roughly. PLN is charged now and then, and finance never sends a rate for it.
PER_DOLLAR = {
    "USD": 1.0,
    "EUR": 0.92,
    "GBP": 0.79,
    "CAD": 1.36,
    "AUD": 1.51,
    "SEK": 10.5,
    "JPY": 151.0,
    "PLN": 3.95,
}


def quote_rates(scene: Scene, store: Store) -> None:
    rng = scene.rng("finance")
    # A week of rates from before the world, so that its first day has one.
    ordinal = np.arange(-7, scene.days) + scene.start // 86_400
    weekday = (ordinal + 3) % 7
    dates, froms, tos, rates = [], [], [], []
    for currency, per_dollar in PER_DOLLAR.items():
        if currency in ("USD", "PLN"):
            continue
        walk = np.exp(np.cumsum(rng.normal(0, 0.003, len(ordinal))))
        quoted = (weekday < 5) & (rng.random(len(ordinal)) > 0.02)
        quoted[0:7] |= weekday[0:7] == 4
        if currency == "SEK":
            # The desk took up the krona some weeks into the world: earlier orders have no rate.
            quoted[: 7 + scene.days // 6] = False
        direct = np.round(walk / per_dollar, 6)
        inverse = np.round(per_dollar / walk, 6)
        for from_currency, to_currency, rate in ((currency, "USD", direct), ("USD", currency, inverse)):
            dates.append(ordinal[quoted])
            rates.append(rate[quoted])
            froms.append(np.full(quoted.sum(), from_currency, dtype=object))
            tos.append(np.full(quoted.sum(), to_currency, dtype=object))
    store.add(
        "finance/fx_rate",
        {
            "date": np.concatenate(dates).astype("datetime64[D]"),
            "from_currency": np.concatenate(froms),
            "to_currency": np.concatenate(tos),
            "rate": np.concatenate(rates),
        },
    )
