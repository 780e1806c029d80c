"""The answer as tables with a title and a sentence each: what both the console and the page show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from expectations.suites.vocabulary import ATTRIBUTION_MODELS

from .conversions import TOLD_MODELS, leaders, runs, stretch

Told = dict[str, Any]
# What stands in a cell; of several lines, one below the other.
Cell = str | tuple[str, ...]

_STATUS = {
    "in_effect": "in effect",
    "outranked": "outranked by a newer decision",
    "unknown_identifier": "without effect: an identifier is unknown",
    "same_identifier": "without effect: both sides are one identifier",
    "unknown_rule": "without effect: there is no such rule",
}
_OUTCOME = {"review": "for review", "held_back": "held back", "applied": "applied"}
_UNATTRIBUTED = {
    "no_customer": "nobody knows whose it is",
    "no_touch_in_lookback": "no touch in the lookback",
}
# Channels of a path that are told from either end, and those that are named where they are credited alike.
_STEPS, _TIED = 4, 2
_HOLDS = {True: "yes", False: "no", None: "unknown"}
_REASONS = {
    "placeholder": "a placeholder, written where nothing was known",
    "shared_device": "a device that several people sign in on; what happens on it belongs to whoever is signed in",
    "shared_contact": "a contact that several people share",
    "invalid": "no valid value of its type",
}


@dataclass(frozen=True)
class Section:
    """A table. lead: what it says, in a sentence. numeric: columns aligned right. is_whole: on the console too.

    total: a last row, shown however many others are left out.
    """

    key: str
    title: str
    lead: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    is_whole: bool = False
    total: tuple[Cell, ...] | None = None


def sections(told: Told, currency: str) -> list[Section]:
    """All tables of a customer that have a row."""
    made = [
        _known(told),
        _totals(told, currency),
        conversions_section(told["conversions"], currency),
        _segments(told),
        _rules(told),
        _triggers(told),
        _identifiers(told),
        _edges(told),
        _links(told),
        _decisions(told),
        _cuts(told["cuts"]),
        _parts(told),
        pair_section(told["pairs"]),
        _records(told),
        _devices(told),
        _redirects(told),
    ]
    return [section for section in made if section.rows]


def conversions_section(rows: Iterable[Told], currency: str) -> Section:
    """Conversions with the channels before them and the ones that are credited most."""
    return Section(
        "conversions",
        "What led to each conversion",
        "The latest first: the channel that a model credits most, with its part, and the channels of the path. Asked "
        "for a conversion, tributary explain tells it touch by touch.",
        ("conversion", "type", "when", f"revenue, {currency}", "touches", *TOLD_MODELS, "path"),
        tuple(
            (
                row["conversion_id"],
                words(row["conversion_type"]),
                minute(row["converted_at"]),
                money(row["revenue"]),
                number(row["path_length"]),
                *(_led(row["credits"][model]) for model in TOLD_MODELS),
                _path(row["path"]) or f"none: {_UNATTRIBUTED[row['unattributed_reason']]}",
            )
            for row in rows
        ),
        frozenset((3, 4)),
    )


def _led(credits: dict[str, float]) -> str:
    """The channels that have the most credit, and how much of it each has where that is not all."""
    names, most = leaders(credits)
    if not names:
        return ""
    if most > 1 - 1e-9:
        return names[0]
    part = f"{min(round(most * 100), 99)}%"
    if len(names) > _TIED:
        return f"{len(names)} alike, {part} each"
    return f"{' and '.join(names)} {part}" + (" each" if len(names) > 1 else "")


def _path(channels: Sequence[str]) -> str:
    """Channels in their order, repeats in a row counted, the middle of a long path left out."""
    steps = [channel + (f" x{times}" if times > 1 else "") for channel, times in runs(channels)]
    if len(steps) > 2 * _STEPS:
        steps = [*steps[:_STEPS], f"{len(steps) - 2 * _STEPS} more", *steps[-_STEPS:]]
    return " > ".join(steps)


def touches_section(told: Told) -> Section:
    """The path of a conversion, a row a touch."""
    return Section(
        "touches",
        "The path",
        "The touches of its customer within the lookback before it, the first first. Times are UTC.",
        ("#", "when", "before", "kind", "channel", "source", "medium", "campaign"),
        tuple(
            (
                number(touch["position"]),
                second(touch["touched_at"]),
                "" if touch["seconds_before"] is None else stretch(touch["seconds_before"]),
                words(touch["kind"] or ""),
                touch["channel"],
                touch["source"] or "",
                touch["medium"] or "",
                _campaign(touch),
            )
            for touch in told["touches"]
        ),
        frozenset((0, 2)),
    )


def _campaign(touch: Told) -> str:
    """The campaign as it was written, and what it is reported under where that is another name."""
    written, reported = touch["campaign"] or "", touch["reported_campaign"] or ""
    return f"{written} ({reported})" if reported and reported != written.strip().lower() else written


def credits_section(told: Told, currency: str) -> Section:
    """What each model credits to each touch, in parts of the conversion and in money."""
    touches = told["touches"]
    given = {model for touch in touches for model in touch["credits"]}
    earns = told["order_id"] is not None
    models = [*(m for m in ATTRIBUTION_MODELS if m in given), *sorted(given - set(ATTRIBUTION_MODELS))]

    def line(credits: Sequence[Told], model: str) -> Cell:
        own = [credit[model] for credit in credits if model in credit]
        part = f"{math.fsum(c['credit'] for c in own):.4f}"
        return (part, money(math.fsum(c["credited_revenue"] for c in own))) if earns else part

    def row(head: str, channel: str, credits: Sequence[Told]) -> tuple[Cell, ...]:
        return (head, channel, ("credit", currency) if earns else "credit", *(line(credits, model) for model in models))

    earned = (
        f"; below it, that part of its revenue in {currency}, rounded here. The parts of each model add up to 1, and "
        "to the revenue."
        if earns
        else ". The parts of each model add up to 1."
    )
    return Section(
        "credits",
        "Credit by model",
        f"The part of the conversion that a model credits to a touch{earned}",
        ("#", "channel", "", *models),
        tuple(row(number(touch["position"]), touch["channel"], [touch["credits"]]) for touch in touches),
        frozenset((0, *range(3, 3 + len(models)))),
        total=row("", "all", [touch["credits"] for touch in touches]),
    )


def path_section(hops: Iterable[Told]) -> Section:
    """The way from one identifier to another, a row a hop."""
    return Section(
        "path",
        "The way from one to the other",
        "Each step is made by records that carry both identifiers, by a steward, or by likeness.",
        ("step", "from", "to", "when", "by"),
        tuple(
            (str(number), identifier(hop["left"]), identifier(hop["right"]), _when_of(hop), _by(hop))
            for number, hop in enumerate(hops, 1)
        ),
    )


def between_sections(between: Told) -> list[Section]:
    """What keeps two customers apart."""
    made = [
        _cuts(between["cuts"]),
        _decisions({"decisions": between["decisions"]}),
        replace(pair_section(between["pairs"]), title="Records of both that are alike"),
        Section(
            "shared",
            "Values that both carry and nobody is merged on",
            "Records of both name them, and that says nothing.",
            ("type", "value", "why", "count", "records of the one", "records of the other"),
            tuple(
                (
                    row["type"],
                    row["value"],
                    reason(row["reason"]),
                    number(row["count"]),
                    number(row["left_records"]),
                    number(row["right_records"]),
                )
                for row in between["suppressed"]
            ),
            frozenset((3, 4, 5)),
        ),
    ]
    return [section for section in made if section.rows]


def suppressed_section(rows: Iterable[Told]) -> Section:
    """Values that nobody is merged on."""
    return Section(
        "suppressed",
        "Nobody is merged on",
        "Such a value joins no records. The count is of records that carry it, or of the accounts that share it.",
        ("type", "value", "hash", "why", "count"),
        tuple(
            (
                row["type"],
                row["value"] or "",
                short(row["hash"]),
                reason(row["reason"]),
                number(row["count"]),
            )
            for row in rows
        ),
        frozenset((4,)),
    )


def why_one(told: Told) -> str:
    """In a sentence, why this customer is one."""
    totals = told["totals"]
    parts, identifiers = totals["parts"], totals["identifiers"]
    if identifiers == 1:
        return "One identifier: nothing had to be joined."
    stewards = sum(link["match_type"] == "steward" for link in told["links"])
    alike = [link["probability"] for link in told["links"] if link["match_type"] == "probabilistic"]
    if parts == 1:
        return (
            f"{identifiers:,} identifiers that records alone join, by {_count(totals['edges'], 'pair')} that they "
            "carry together."
        )
    ways = []
    if stewards:
        ways.append(f"{_count(stewards, 'decision')} of stewards")
    if alike:
        weakest = ", the weakest" if len(alike) > 1 else ""
        ways.append(f"{_count(len(alike), 'link')} by likeness{weakest} of probability {likely(min(alike))}")
    return (
        f"{identifiers:,} identifiers in {parts:,} parts. Within a part records carry them together; the parts are "
        f"joined by {' and '.join(ways) or 'links that are no longer listed'}."
    )


def identifier(told: Told | None) -> str:
    """An identifier in one cell; by number where it is the customer's own."""
    if told is None:
        return "unknown"
    name = f"{told['type']} {told['value']}"
    if told.get("number"):
        return f"#{told['number']} {name}"
    return name + (f" of {told['customer_id'][:8]}" if told.get("customer_id") else "")


def place(told: Told | None) -> str:
    """A record in one cell."""
    if told is None:
        return ""
    name = f"{told['source']} {told['type']}"
    return f"{name} {told['id']}" if told.get("id") else name


def _known(told: Told) -> Section:
    return Section(
        "known",
        "What is known",
        "The value that survives, where it comes from, and how many different ones there are.",
        ("attribute", "value", "source", "updated", "candidates"),
        tuple(
            (row["attribute"], row["value"], row["source"], day(row["updated_at"]), number(row["candidates"]))
            for row in told["known"]
        ),
        frozenset((4,)),
    )


def _totals(told: Told, currency: str) -> Section:
    totals = told["totals"]
    rows = [
        ("orders", number(totals["orders"])),
        ("net revenue of them", f"{totals['net_revenue']:,.2f} {currency}"),
        ("sessions", number(totals["sessions"])),
        *((name.replace("_", " "), value_of(value)) for name, value in told["published"].items()),
    ]
    return Section(
        "totals",
        "What hangs on it",
        "As published of this customer.",
        ("what", "value"),
        tuple(r for r in rows if r[1]),
    )


def _segments(told: Told) -> Section:
    return Section(
        "segments",
        "Segments",
        "Every active segment by priority, and every other that ever held the customer. Of those that hold the "
        "customer the first is the primary one. Days are those that were published.",
        ("segment", "in", "since", "left on", "owner"),
        tuple(
            (
                row["segment"] + ("" if row["status"] == "active" else f" ({row['status']})"),
                ("primary" if row["is_primary"] else "yes") if row["is_member"] else "no",
                date_of(row["since"]) if row["is_member"] else "",
                date_of(row["left_on"]),
                row["owner"] or "",
            )
            for row in told["segments"]
        ),
        is_whole=True,
    )


def _rules(told: Told) -> Section:
    """A row a condition; the segment stands on the first of its rule."""
    return Section(
        "rules",
        "Why in a segment, why not",
        "A customer is in a segment where every condition of its rule holds. What is unknown does not hold.",
        ("segment", "in", "condition", "holds", "values"),
        tuple(
            (
                row["segment"],
                "yes" if row["is_member"] else "no",
                part["condition"],
                _HOLDS[part["holds"]],
                ", ".join(
                    f"{i['name']} {'unknown' if i['value'] is None else figure(i['value'])}" for i in part["inputs"]
                ),
            )
            for row in told["segments"]
            for part in row["conditions"]
        ),
        is_whole=True,
    )


def _triggers(told: Told) -> Section:
    return Section(
        "triggers",
        "Triggers",
        "What fired for this customer, the latest first, and until when its offer stands.",
        ("trigger", "fired", "segment", "offer", "until", "open", "evidence"),
        tuple(
            (
                row["trigger"],
                minute(row["fired_at"]),
                row["segment"] or "",
                row["offer"] or "",
                minute(row["expires_at"]),
                "yes" if row["is_open"] else "no",
                row["evidence"] or "",
            )
            for row in told["triggers"]
        ),
    )


def _identifiers(told: Told) -> Section:
    return Section(
        "identifiers",
        "Identifiers",
        "In the order in which they were first seen; the first one names the customer.",
        ("#", "type", "value", "hash", "source", "seen", "joined by", "probability", "part"),
        tuple(
            (
                str(row["number"]),
                row["type"],
                row["value"],
                short(row["hash"]),
                row["source"],
                span(row["first_seen_at"], row["last_seen_at"]),
                row["match_type"],
                likely(row["match_probability"]),
                str(row["part"]),
            )
            for row in told["identifiers"]
        ),
        frozenset((0, 7, 8)),
    )


def _edges(told: Told) -> Section:
    names = _names(told)
    return Section(
        "edges",
        "Edges",
        "Two identifiers that records carry together.",
        ("one", "other", "records", "when", "rule", "which"),
        tuple(
            (
                names(row["left"]),
                names(row["right"]),
                number(row["records"]),
                span(row["first_at"], row["last_at"]),
                row["rule"],
                counted(row["by"]),
            )
            for row in told["edges"]
        ),
        frozenset((2,)),
    )


def _links(told: Told) -> Section:
    return Section(
        "links",
        "Links between parts",
        "A steward's decision, or two records that are likely one person's: what was compared, and its weight in bits.",
        ("parts", "by", "probability", "records", "evidence"),
        tuple(
            (
                f"{row['left_part']} and {row['right_part']}",
                "a steward" if row["match_type"] == "steward" else "likeness",
                likely(row["probability"]),
                " and ".join(filter(None, (place(row["left_record"]), place(row["right_record"])))),
                weighed(row),
            )
            for row in told["links"]
        ),
        frozenset((2,)),
    )


def _decisions(told: Told) -> Section:
    return Section(
        "decisions",
        "Decisions of stewards",
        "Every decision that names an identifier of this customer, and what became of it.",
        ("rule", "one", "other", "status", "who", "when", "why"),
        tuple(
            (
                row["rule"] or "",
                identifier(row["left"]),
                identifier(row["right"]),
                _STATUS.get(row["status"], str(row["status"])),
                row["author"] or "",
                day(row["decided_at"]),
                row["reason"] or "",
            )
            for row in told["decisions"]
        ),
    )


def _cuts(rows: Sequence[Told]) -> Section:
    return Section(
        "cuts",
        "Cuts",
        "Identifiers that records carry together and that a steward's do_not_link parts.",
        ("one", "other", "records lost", "decision", "who", "why"),
        tuple(
            (
                identifier(row["left"]),
                identifier(row["right"]),
                number(row["records"]),
                f"{row['rule_number']}, {day(row['decided_at'])}",
                row["author"] or "",
                row["reason"] or "",
            )
            for row in rows
        ),
        frozenset((2,)),
    )


def _parts(told: Told) -> Section:
    rows = told["parts"] if len(told["parts"]) > 1 or any(p["was_cut"] for p in told["parts"]) else []
    return Section(
        "parts",
        "Parts",
        "What records alone join, after cuts; how each part came to the first one.",
        ("part", "identifiers", "joined by", "probability", "cut"),
        tuple(
            (
                str(row["number"]),
                number(row["identifiers"]),
                row["match_type"],
                likely(row["match_probability"]),
                "yes" if row["was_cut"] else "no",
            )
            for row in rows
        ),
        frozenset((0, 1, 3)),
    )


def pair_section(rows: Iterable[Told]) -> Section:
    """Pairs of records that are alike, besides those that are links."""
    return Section(
        "pairs",
        "Other records that are alike",
        "Held back for what speaks against it, or for review: not joined. Applied: it speaks for this customer too.",
        ("outcome", "probability", "record", "other record", "evidence"),
        tuple(
            (
                _OUTCOME.get(row["outcome"], str(row["outcome"])),
                likely(row["probability"]),
                place(row["record"]),
                place(row["other_record"]) + _elsewhere(row["other_record"], row["record"]),
                weighed(row),
            )
            for row in rows
        ),
        frozenset((1,)),
    )


def _elsewhere(record: Told | None, own: Told | None) -> str:
    """Whose a record is, where it is another customer's."""
    whose, mine = (side.get("customer_id") if side else None for side in (record, own))
    return f" of {whose[:8]}" if whose and whose != mine else ""


def _records(told: Told) -> Section:
    names = _names(told, brief=True)
    return Section(
        "records",
        "Records",
        "By time; events that name the same identifiers are one line.",
        ("source", "type", "id", "count", "when", "identifiers"),
        tuple(
            (
                row["source"],
                row["type"],
                (row["id"] or "")
                + (f" (of {row['customer_id'][:8]})" if row["customer_id"] != told["customer_id"] else ""),
                number(row["count"]),
                span(row["first_at"], row["last_at"]),
                " ".join(names(n) for n in row["identifiers"]),
            )
            for row in told["records"]
        ),
        frozenset((3,)),
    )


def _devices(told: Told) -> Section:
    return Section(
        "devices",
        "Devices that may be this customer's",
        "They never signed in, and their surroundings point here: what was compared, with its weight in log-odds. "
        "It is a guess and joins nothing.",
        ("device", "hash", "probability", "evidence"),
        tuple(
            (identifier(row["identifier"]), short(row["identifier"]["hash"]), likely(row["probability"]), weighed(row))
            for row in told["devices"]
        ),
        frozenset((2,)),
    )


def _redirects(told: Told) -> Section:
    names = _names(told)
    return Section(
        "redirects",
        "Ids that lead here",
        "Whoever holds one of them finds this customer; each is the id that its identifier would give.",
        ("customer id", "identifier"),
        tuple(
            (row["retired_customer_id"], names(row["identifier"]) if row["identifier"] else "no longer known")
            for row in told["redirects"]
        ),
    )


def _names(told: Told, brief: bool = False) -> Callable[[int], str]:
    if brief:
        return lambda n: f"#{n}"
    by_number = {row["number"]: f"#{row['number']} {row['type']} {row['value']}" for row in told["identifiers"]}
    return by_number.__getitem__


def _by(hop: Told) -> str:
    if hop["kind"] == "records":
        shown = [place(r) + (f" ({r['count']:,} times)" if r["count"] > 1 else "") for r in hop["records"][:5]]
        rest = len(hop["records"]) - len(shown)
        return f"{_count(hop['count'], 'record')}: " + ", ".join(shown) + (f" and {rest:,} more" if rest else "")
    if hop["kind"] == "steward":
        return f"a steward, {hop['author'] or 'unnamed'}: {hop['reason'] or 'no reason given'}"
    records = " and ".join(filter(None, (place(hop["left_record"]), place(hop["right_record"]))))
    return f"likeness of {records}, probability {likely(hop['probability'])}: {weighed(hop)}"


def _when_of(hop: Told) -> str:
    if hop["kind"] == "records":
        return span(hop["first_at"], hop["last_at"])
    return day(hop.get("decided_at"))


def weighed(row: Told) -> str:
    """Levels with their weights, then what else the evidence says."""
    levels = [
        f"{c['compared']} {c['level']}" + (f" ({c['weight']:+.1f})" if isinstance(c["weight"], int | float) else "")
        for c in row["comparisons"]
    ]
    said = [f"{name.replace('_', ' ')}: {text}" for name, text in row["said"].items()]
    return "; ".join(levels + said)


def reason(name: str) -> str:
    """Why nobody is merged on a value, in words."""
    return _REASONS.get(name, name)


def counted(rows: Iterable[Told]) -> str:
    return ", ".join(f"{r['source']} {r['type']} {r['count']:,}" for r in rows)


def likely(probability: float) -> str:
    """A probability, never rounded up to certainty."""
    if probability >= 1:
        return "1"
    return f"{math.floor(probability * 10_000) / 10_000:.4f}" if probability < 0.9999 else "over 0.9999"


def span(first: datetime | None, last: datetime | None) -> str:
    one, other = day(first), day(last)
    return one if one == other or not other else f"{one or '?'} to {other}"


def day(at: datetime | None) -> str:
    return "" if at is None else at.date().isoformat()


def date_of(on: date | None) -> str:
    return "" if on is None else on.isoformat()


def minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def figure(value: Any) -> str:
    """A value that a rule read."""
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else value_of(value)


def second(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def money(amount: Decimal | float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def words(name: str) -> str:
    """A name of the warehouse as one reads it: repeat_purchase is a repeat purchase."""
    return name.replace("_", " ")


def number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def short(digest: str | None) -> str:
    return (digest or "")[:12]


def value_of(value: Any) -> str:
    """A published value in a cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and abs(value) > 9999 else str(value)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
