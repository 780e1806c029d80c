"""What attribution must be, touch by touch: plain loops over rows and exact fractions, without a thought for speed.

Written from the definitions alone; it shares nothing with the SQL. Rows come as dictionaries, named as the marts name
their columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import factorial
from typing import Any
from zoneinfo import ZoneInfo

RULE_MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")
MODELS = (*RULE_MODELS, "markov", "shapley")
TYPES = ("first_purchase", "repeat_purchase", "lead", "sign_up")
MICROSECOND = timedelta(microseconds=1)
ZERO = Fraction(0)

Row = dict[str, Any]
Path = tuple[str, ...]
# Of a group of rows: conversions, first purchases and revenue.
Sums = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Settings:
    zone: str = "UTC"
    lookback_days: int = 30
    half_life_days: float = 7
    markov_order: int = 1

    def variables(self) -> dict[str, Any]:
        return {
            "attribution_lookback_days": self.lookback_days,
            "attribution_half_life_days": self.half_life_days,
            "attribution_markov_order": self.markov_order,
        }


@dataclass(frozen=True)
class Conversion:
    conversion_id: str
    conversion_type: str
    customer_id: str | None
    converted_at: datetime
    revenue: Decimal
    order_id: str | None = None


@dataclass
class Given:
    """The rows that attribution reads."""

    touchpoints: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    deals: list[Row] = field(default_factory=list)
    deal_contacts: list[Row] = field(default_factory=list)
    # Identifiers of the CRM, by customer.
    crm_ids: dict[str, str] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)
    spend: list[Row] = field(default_factory=list)
    stays: list[Row] = field(default_factory=list)
    # Ids of the past, by what they lead to.
    redirects: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


class Oracle:
    """Attribution of one world; effects of channels may be given as the models read them, in doubles."""

    def __init__(self, given: Given, settings: Settings) -> None:
        self.given, self.settings = given, settings

    def day(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.settings.zone)).date()

    # Conversions and their paths.

    @cached_property
    def conversions(self) -> list[Conversion]:
        found = []
        for order in self.given.orders:
            net = order["net_revenue"]
            if order["status"] == "cancelled" or net is None or net <= 0:
                continue
            is_repeat = order["customer_id"] is not None and order["order_number"] > 1
            found.append(
                Conversion(
                    f"order:{order['order_id']}",
                    "repeat_purchase" if is_repeat else "first_purchase",
                    order["customer_id"],
                    order["ordered_at"],
                    net,
                    order["order_id"],
                )
            )
        for deal in self.given.deals:
            if deal["is_deleted"]:
                continue
            contacts = [c["crm_id"] for c in self.given.deal_contacts if c["deal_id"] == deal["deal_id"]]
            known = [c for c in contacts if c in self.given.crm_ids]
            owner = self.given.crm_ids[min(known, key=str.encode)] if known else None
            found.append(Conversion(f"deal:{deal['deal_id']}", "lead", owner, deal["created_at"], Decimal("0.00")))
        for event in self.given.events:
            if event["event_kind"] == "track" and event["event_name"] == "signed_up":
                found.append(
                    Conversion(
                        f"signup:{event['event_id']}",
                        "sign_up",
                        event["customer_id"],
                        event["occurred_at"],
                        Decimal("0.00"),
                    )
                )
        assert len({c.conversion_id for c in found}) == len(found)
        return found

    @property
    def lookback(self) -> timedelta:
        return timedelta(hours=24 * self.settings.lookback_days)

    def touches(self, customer: str | None) -> list[Row]:
        """In the order of a path."""
        mine = [t for t in self.given.touchpoints if customer is not None and t["customer_id"] == customer]
        return sorted(mine, key=lambda t: (t["touched_at"], t["touchpoint_id"].encode()))

    @cached_property
    def paths(self) -> dict[str, list[Row]]:
        """Touches of every conversion, none where it has no path."""
        return {
            c.conversion_id: [
                t
                for t in self.touches(c.customer_id)
                if c.converted_at - self.lookback <= t["touched_at"] < c.converted_at
            ]
            for c in self.conversions
        }

    @cached_property
    def non_converting(self) -> dict[str, list[Row]]:
        """Touches of every customer who never converted, up to the last one and as far back as the lookback."""
        converted = {c.customer_id for c in self.conversions}
        found = {}
        for customer in {t["customer_id"] for t in self.given.touchpoints} - converted:
            touches = self.touches(customer)
            last = touches[-1]["touched_at"]
            found[customer] = [t for t in touches if t["touched_at"] >= last - self.lookback]
        return found

    def unattributed_reason(self, conversion: Conversion) -> str | None:
        if conversion.customer_id is None:
            return "no_customer"
        return None if self.paths[conversion.conversion_id] else "no_touch_in_lookback"

    @cached_property
    def attributed(self) -> list[Conversion]:
        return [c for c in self.conversions if self.paths[c.conversion_id]]

    def conversions_table(self) -> dict[str, Row]:
        return {
            c.conversion_id: {
                "conversion_id": c.conversion_id,
                "conversion_type": c.conversion_type,
                "customer_id": c.customer_id,
                "converted_at": c.converted_at,
                "converted_on": self.day(c.converted_at),
                "revenue": c.revenue,
                "order_id": c.order_id,
                "path_length": len(self.paths[c.conversion_id]),
                "unattributed_reason": self.unattributed_reason(c),
            }
            for c in self.conversions
        }

    # Paths of channels.

    @cached_property
    def full_paths(self) -> dict[Path, tuple[int, int, Decimal]]:
        """Conversions, non-conversions and revenue by path."""
        found: dict[Path, tuple[int, int, Decimal]] = defaultdict(lambda: (0, 0, Decimal("0.00")))
        for c in self.attributed:
            path = channels(self.paths[c.conversion_id])
            count, lost, revenue = found[path]
            found[path] = (count + 1, lost, revenue + c.revenue)
        for touches in self.non_converting.values():
            path = channels(touches)
            count, lost, revenue = found[path]
            found[path] = (count, lost + 1, revenue)
        return dict(found)

    def conversion_paths(self) -> dict[tuple[str, Path], Row]:
        table: dict[tuple[str, Path], Row] = {}
        for transform in ("full", "collapsed"):
            for path, (count, lost, revenue) in self.full_paths.items():
                shown = path if transform == "full" else collapsed(path)
                row = table.setdefault(
                    (transform, shown),
                    {
                        "path": list(shown),
                        "path_transform": transform,
                        "path_length": len(shown),
                        "conversions": 0,
                        "non_conversions": 0,
                        "revenue": Decimal("0.00"),
                    },
                )
                row["conversions"] += count
                row["non_conversions"] += lost
                row["revenue"] += revenue
        return table

    # Effects of channels.

    @cached_property
    def effects(self) -> dict[tuple[str, str], Fraction]:
        """By model and channel, for every channel that occurs in a path."""
        seen = sorted({channel for path in self.full_paths for channel in path})
        removal = removal_effects(self.full_paths, self.settings.markov_order)
        values = shapley_values(self.full_paths)
        return {("markov", c): removal[c] for c in seen} | {("shapley", c): values.get(c, ZERO) for c in seen}

    def channel_effects(self) -> dict[tuple[str, str], Row]:
        table = {}
        total = len(self.attributed)
        revenue = sum((Fraction(c.revenue) for c in self.attributed), ZERO)
        for (model, channel), effect in self.effects.items():
            whole = sum(e for (m, _), e in self.effects.items() if m == model)
            share = effect / whole if whole else None
            table[model, channel] = {
                "model": model,
                "channel": channel,
                "effect": effect,
                "share": share,
                "textbook_conversions": None if share is None else share * total,
                "textbook_revenue": None if share is None else share * revenue,
            }
        return table

    # Credits.

    def credits(
        self, effects: Mapping[tuple[str, str], float | Fraction] | None = None
    ) -> dict[tuple[str, str, str], Fraction]:
        """By conversion, touchpoint and model."""
        effect_of = self.effects if effects is None else effects
        found = {}
        for c in self.attributed:
            touches = self.paths[c.conversion_id]
            for model in MODELS:
                if model in ("markov", "shapley"):
                    shares = proportional([Fraction(effect_of[model, t["channel"]]) for t in touches])
                else:
                    shares = self._rule(model, c, touches)
                assert abs(sum(shares) - 1) < Fraction(1, 10**30), (model, c)
                for touch, share in zip(touches, shares, strict=True):
                    found[c.conversion_id, touch["touchpoint_id"], model] = share
        return found

    def _rule(self, model: str, conversion: Conversion, touches: list[Row]) -> list[Fraction]:
        n = len(touches)
        last = n - 1
        if model == "first_touch":
            return whole_to(0, n)
        if model == "last_touch":
            return whole_to(last, n)
        if model == "last_non_direct":
            return whole_to(max((i for i, t in enumerate(touches) if t["channel"] != "Direct"), default=last), n)
        if model == "linear":
            return [Fraction(1, n)] * n
        if model == "position_based":
            if n <= 2:
                return [Fraction(1, n)] * n
            return [Fraction(2, 5), *[Fraction(1, 5) / (n - 2)] * (n - 2), Fraction(2, 5)]
        assert model == "time_decay"
        with localcontext() as context:
            # Weights far in the past are small, and only their ratios count.
            context.prec, context.Emin, context.Emax = 60, -999_999_999, 999_999_999
            half_life = Decimal(str(self.settings.half_life_days)) * 86_400 * 1_000_000
            ages = [Decimal((conversion.converted_at - t["touched_at"]) // MICROSECOND) for t in touches]
            youngest = min(ages)
            return proportional([Fraction(Decimal(2) ** ((youngest - age) / half_life)) for age in ages])

    # What is told of credits.

    def credits_table(self, credits: Mapping[tuple[str, str, str], Fraction]) -> dict[tuple[str, str, str], Row]:
        reported = self.reported_campaigns
        table = {}
        for c in self.attributed:
            touches = self.paths[c.conversion_id]
            for position, t in enumerate(touches, start=1):
                for model in MODELS:
                    credit = credits[c.conversion_id, t["touchpoint_id"], model]
                    table[c.conversion_id, t["touchpoint_id"], model] = {
                        "conversion_id": c.conversion_id,
                        "conversion_type": c.conversion_type,
                        "touchpoint_id": t["touchpoint_id"],
                        "model": model,
                        "customer_id": c.customer_id,
                        "converted_at": c.converted_at,
                        "converted_on": self.day(c.converted_at),
                        "channel": t["channel"],
                        "source": t["source"],
                        "medium": t["medium"],
                        "campaign": t["campaign"],
                        "reported_campaign": reported[t["campaign"]],
                        "position": position,
                        "path_length": len(touches),
                        "credit": credit,
                        "credited_revenue": credit * Fraction(c.revenue),
                    }
        return table

    def by_channel(self, table: Mapping[Any, Row]) -> dict[tuple[date, str, str | None], Row]:
        """By day, model and channel; a day with spend has a row of each model."""
        spend = added((s["spend_date"], s["channel"], s["spend"]) for s in self.given.spend)
        return self._figures(table, "channel", spend)

    def by_campaign(self, table: Mapping[Any, Row]) -> dict[tuple[date, str, str | None], Row]:
        """By day, model and campaign as reported."""
        spend = added((s["spend_date"], self.campaign_of_spend(s), s["spend"]) for s in self.given.spend)
        return self._figures(table, "reported_campaign", spend)

    def _figures(
        self, table: Mapping[Any, Row], name: str, spend: Mapping[tuple[date, Any], Decimal | None]
    ) -> dict[tuple[date, str, str | None], Row]:
        sums = self._sums(table.values(), lambda row: (row["converted_on"], row["model"], row[name]))
        keys = set(sums) | {(day, model, value) for day, value in spend for model in MODELS}
        return {
            key: figures(sums.get(key, (ZERO, ZERO, ZERO)), spend.get((key[0], key[2]), Decimal(0))) for key in keys
        }

    @staticmethod
    def _sums(rows: Iterable[Row], key_of: Any) -> dict[Any, Sums]:
        sums: dict[Any, Sums] = defaultdict(lambda: (ZERO, ZERO, ZERO))
        for row in rows:
            conversions, first, revenue = sums[key_of(row)]
            credit = row["credit"]
            sums[key_of(row)] = (
                conversions + credit,
                first + (credit if row["conversion_type"] == "first_purchase" else 0),
                revenue + row["credited_revenue"],
            )
        return dict(sums)

    # Campaigns.

    def campaign_of_spend(self, spend: Row) -> str | None:
        """What spend is reported under: what the campaign's own name, else its id, means."""
        own = self._own_name(spend)
        return None if own is None else self._meaning(own)

    @staticmethod
    def _own_name(spend: Row) -> str | None:
        written = spend["campaign"] if spend["campaign"] is not None else spend["campaign_id"]
        return None if written is None else written.strip(" ").lower()

    @cached_property
    def _own_names(self) -> set[str | None]:
        return {self._own_name(s) for s in self.given.spend}

    @cached_property
    def _names_of_ids(self) -> dict[str, str]:
        """The own name of the campaign that an id means: the first platform's."""
        found: dict[str, list[tuple[bytes, bytes, str]]] = defaultdict(list)
        for s in self.given.spend:
            own = self._own_name(s)
            if s["campaign_id"] is not None and own is not None:
                found[s["campaign_id"].strip(" ").lower()].append((s["platform"].encode(), own.encode(), own))
        return {number: min(names)[2] for number, names in found.items()}

    def _meaning(self, spelled: str) -> str:
        """An alias leads to a campaign, by its name or else by its id, whose own name may be an alias in turn."""
        meant = self._named(self.given.aliases.get(spelled, spelled))
        return self._named(self.given.aliases.get(meant, meant))

    def _named(self, spelled: str) -> str:
        return spelled if spelled in self._own_names else self._names_of_ids.get(spelled, spelled)

    @cached_property
    def reported_campaigns(self) -> dict[str | None, str | None]:
        """By campaign as touchpoints write it."""
        reported = {self.campaign_of_spend(s) for s in self.given.spend}
        found: dict[str | None, str | None] = {}
        for t in self.given.touchpoints:
            written = t["campaign"]
            spelled = None if written is None else written.strip(" ").lower()
            # What spend is reported as stands for itself, where it is no alias and no campaign's own name.
            stands = spelled in reported and spelled not in self.given.aliases and spelled not in self._own_names
            found[written] = spelled if spelled is None or stands else self._meaning(spelled)
        return found

    # Segments.

    def segment_on(self, customer: str, day: date) -> str:
        """The primary segment that a customer held on a day, by its id of today or one that leads to it."""
        ids = {customer} | {retired for retired, current in self.given.redirects.items() if current == customer}
        held = [
            (stay["customer_id"] != customer, stay["customer_id"].encode(), stay["segment"])
            for stay in self.given.stays
            if stay["customer_id"] in ids
            and stay["valid_from"] <= day
            and (stay["valid_to"] is None or day < stay["valid_to"])
        ]
        return min(held)[2] if held else "none"

    def by_segment(self, table: Mapping[Any, Row]) -> dict[tuple[date, str, str, str | None], Sums]:
        """Conversions, first purchases and revenue by month, model, segment and channel."""

        def key_of(row: Row) -> tuple[date, str, str, str | None]:
            segment = self.segment_on(row["customer_id"], row["converted_on"])
            return row["converted_on"].replace(day=1), row["model"], segment, row["channel"]

        return self._sums(table.values(), key_of)

    def monthly_spend(self) -> dict[tuple[date, str | None], Decimal | None]:
        return added((s["spend_date"].replace(day=1), s["channel"], s["spend"]) for s in self.given.spend)

    # What adds up, and where models agree.

    def reconciliation(self) -> dict[tuple[date, str, str], Row]:
        table: dict[tuple[date, str, str], Row] = {}
        for c in self.conversions:
            for model in MODELS:
                month = self.day(c.converted_at).replace(day=1)
                row = table.setdefault(
                    (month, c.conversion_type, model),
                    {
                        f"{what}_{unit}": 0 if unit == "conversions" else Decimal("0.00")
                        for what in ("booked", "attributed", "unattributed")
                        for unit in ("conversions", "revenue")
                    }
                    | {"difference": Decimal("0.00"), "conversions_difference": 0},
                )
                what = "unattributed" if self.unattributed_reason(c) else "attributed"
                for side in ("booked", what):
                    row[f"{side}_conversions"] += 1
                    row[f"{side}_revenue"] += c.revenue
        return table

    def shares(self, table: Mapping[Any, Row]) -> dict[str, dict[str, Fraction]]:
        """Of all credited conversions, by channel and model."""
        sums = self._sums(table.values(), lambda row: (row["channel"], row["model"]))
        total = len(self.attributed)
        return {
            channel: {model: sums[channel, model][0] / total for model in MODELS}
            for channel in {channel for channel, _ in sums}
        }


def channels(touches: Sequence[Row]) -> Path:
    return tuple(t["channel"] for t in touches)


def collapsed(path: Path) -> Path:
    return tuple(channel for i, channel in enumerate(path) if i == 0 or path[i - 1] != channel)


def whole_to(place: int, n: int) -> list[Fraction]:
    return [Fraction(int(i == place)) for i in range(n)]


def proportional(weights: Sequence[Fraction]) -> list[Fraction]:
    total = sum(weights)
    return [w / total if total else Fraction(1, len(weights)) for w in weights]


def added(amounts: Iterable[tuple[date, Any, Decimal | None]]) -> dict[tuple[date, Any], Decimal | None]:
    """Sums by day and name; unknown where one amount is."""
    found: dict[tuple[date, Any], Decimal | None] = {}
    for day, name, amount in amounts:
        before = found.get((day, name), Decimal("0.00"))
        found[day, name] = None if before is None or amount is None else before + amount
    return found


def figures(sums: Sums, spend: Decimal | None) -> Row:
    conversions, first, revenue = sums
    spent = None if spend is None else Fraction(spend)
    return {
        "conversions": conversions,
        "first_purchases": first,
        "revenue": revenue,
        "spend": spend,
        "roas": revenue / spent if spent else None,
        "cpa": spent / conversions if spent is not None and conversions else None,
        "cac": spent / first if spent is not None and first else None,
    }


def removal_effects(paths: Mapping[Path, tuple[int, int, Decimal]], order: int = 1) -> dict[str, Fraction]:
    """Of every channel: which part of conversions is lost where it leads nowhere.

    A state is the last touches of a path, as many as the order says; every path begins in the state of none.
    """
    counts: dict[Path, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    for path, (conversions, lost, _) in paths.items():
        state: Path = ()
        for channel in path:
            counts[state][channel] += conversions + lost
            state = (*state, channel)[-order:]
        counts[state]["conversion", None] += conversions
        counts[state]["null", None] += lost
    if not paths:
        return {}
    seen = {channel for path in paths for channel in path}
    whole = chance_of_conversion(counts, order, None)
    return {c: 1 - chance_of_conversion(counts, order, c) / whole if whole else ZERO for c in seen}


def chance_of_conversion(counts: Mapping[Path, Mapping[Any, int]], order: int, removed: str | None) -> Fraction:
    """From the beginning of a path, by Gaussian elimination of the chain's equations."""
    states = sorted(counts, key=lambda s: (len(s), s), reverse=True)
    # p[state] = constant + sum of factor * p[next]; states are eliminated one after the other.
    equations: dict[Path, tuple[Fraction, dict[Path, Fraction]]] = {}
    for state in states:
        total = sum(counts[state].values())
        constant, factors = ZERO, defaultdict(lambda: ZERO)
        for step, count in counts[state].items():
            if isinstance(step, tuple):
                constant += Fraction(count, total) if step[0] == "conversion" else 0
            elif step != removed:
                factors[(*state, step)[-order:]] += Fraction(count, total)
        equations[state] = (constant, dict(factors))
    for state in states:
        constant, factors = equations.pop(state)
        stays = factors.pop(state, ZERO)
        constant, factors = constant / (1 - stays), {s: f / (1 - stays) for s, f in factors.items()}
        if state == ():
            assert not factors
            return constant
        for other, (their_constant, their_factors) in equations.items():
            factor = their_factors.pop(state, None)
            if factor is not None:
                merged = dict(their_factors)
                for s, f in factors.items():
                    merged[s] = merged.get(s, ZERO) + factor * f
                equations[other] = (their_constant + factor * constant, merged)
    raise AssertionError("a chain has a beginning")


def shapley_values(paths: Mapping[Path, tuple[int, int, Decimal]]) -> dict[str, Fraction]:
    """Closed form of v(S) = conversions whose channels all lie in S: each is divided equally among its channels."""
    values: dict[str, Fraction] = defaultdict(lambda: ZERO)
    for path, (conversions, _, _) in paths.items():
        for channel in set(path):
            values[channel] += Fraction(conversions, len(set(path)))
    return dict(values)


def enumerated_shapley_values(paths: Mapping[Path, tuple[int, int, Decimal]]) -> dict[str, Fraction]:
    """By the definition, over every set of channels."""
    seen = sorted({channel for path in paths for channel in path})
    worth = {
        frozenset(team): sum(count for path, (count, _, _) in paths.items() if set(path) <= set(team))
        for size in range(len(seen) + 1)
        for team in combinations(seen, size)
    }
    n = len(seen)
    return {
        channel: sum(
            (
                Fraction(factorial(len(team)) * factorial(n - len(team) - 1), factorial(n))
                * (worth[team | {channel}] - worth[team])
                for team in worth
                if channel not in team
            ),
            ZERO,
        )
        for channel in seen
    }
