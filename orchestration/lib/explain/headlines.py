"""The answer in sentences: what was asked for, whose it is, and how two of them hang together."""

from __future__ import annotations

from typing import Any

from .conversions import stretch
from .sections import (
    Section,
    between_sections,
    counted,
    credits_section,
    identifier,
    likely,
    money,
    number,
    path_section,
    place,
    reason,
    second,
    sections,
    short,
    span,
    suppressed_section,
    touches_section,
    weighed,
    why_one,
    words,
)

Told = dict[str, Any]

# What was asked for is a thing that happened, not a value that names somebody.
_EVENTS = ("order", "lead", "sign_up", "record")
_WHY_NOT = {
    "cancelled": "it is cancelled, and a cancelled order counts nowhere",
    "test": "it is a test order, which is in no table",
    "voided": "it is voided, and a voided order is in no table",
    "deleted": "its deal was deleted in the CRM",
    "unknown_amount": "an amount of it is unknown, so nobody can say what it was worth",
    "unknown": "the tables of this refresh do not say why",
}
# What no table tells of has no customer to speak of.
_LEFT_OUT = ("test", "voided", "deleted")


def headlines(found: Told) -> list[str]:
    """What was asked for and the answer, a sentence or two a line."""
    asked = found["asked"]
    lines = [_asked(asked)]
    customer, conversion = found["customer"], None if found["other"] else found["conversion"]
    if conversion:
        lines += _conversion(found, conversion)
    if customer:
        lines.append(f"customer {customer['customer_id']}, as of {found['as_of_date']}")
        lines.append(why_one(customer))
        if asked["kind"] not in _EVENTS and asked["suppressed"] and asked["identifiers"]:
            kinds = ", ".join(sorted({s["type"] for s in asked["suppressed"]}))
            lines.append(f"As {kinds} nobody is merged on the same value.")
    elif not (conversion and (conversion["why_not"] or {}).get("reason") in _LEFT_OUT):
        lines += _nobody(found)
    if found["other"]:
        lines += _together(found)
    return lines


def _conversion(found: Told, told: Told) -> list[str]:
    """What the conversion is, and whether touches led to it; or why it is none."""
    currency = found["reporting_currency"]
    if told["why_not"]:
        return [f"It is no conversion: {_why_not(told['why_not'], currency)}."]
    earned = f", revenue {money(told['revenue'])} {currency}" if told["order_id"] else ""
    lines = [
        f"conversion {told['conversion_id']}: a {words(told['conversion_type'])} of {second(told['converted_at'])} UTC"
        f"{earned}"
    ]
    length = told["path_length"]
    if length:
        touches = f"{length:,} touch" + ("" if length == 1 else "es")
        return [*lines, f"It is credited to {touches} in the lookback before it."]
    if told["unattributed_reason"] == "no_customer":
        return [
            *lines,
            "It is credited to nothing: nobody knows whose it is, and so nobody knows what led to it.",
        ]
    last = told["last_touch"]
    earlier = (
        f"; the last one came {stretch(last['seconds_before'])} before ({words(last['kind'])}, {last['channel']})"
        if last
        else ", and none is known from before"
    )
    return [*lines, f"It is credited to nothing: its customer has no touch in the lookback before it{earlier}."]


def _why_not(told: Told, currency: str) -> str:
    """Why an order or a deal is no conversion."""
    match told["reason"]:
        case "no_rate":
            return (
                f"no rate leads from {told['currency'] or 'its currency, which is unknown,'} to {currency} on or "
                "before its day, so its amounts are unknown; land finance.fx_rate"
            )
        case "refunded":
            return (
                f"{money(told['refunded'])} of {money(told['gross_revenue'] - told['discount'])} {currency} was "
                f"refunded, which leaves {money(told['net_revenue'])}"
            )
        case "nothing_paid":
            return (
                f"its lines cost {money(told['gross_revenue'])} {currency} and {money(told['discount'])} was taken off"
                f", which leaves {money(told['net_revenue'])}"
            )
    return _WHY_NOT[told["reason"]]


def shown_sections(found: Told) -> list[Section]:
    """The tables that answer what was asked: two arguments ask for what is between them alone."""
    if found["other"]:
        return other_sections(found)
    if found["conversion"]:
        return conversion_sections(found) + ([] if found["customer"] else suppressed_of(found["asked"]))
    if found["customer"]:
        return sections(found["customer"], found["reporting_currency"])
    return suppressed_of(found["asked"])


def conversion_sections(found: Told) -> list[Section]:
    """The path of the conversion that was asked for, and what each model makes of it."""
    told = found["conversion"]
    if not told or told["why_not"] or not told["touches"]:
        return []
    return [touches_section(told), credits_section(told, found["reporting_currency"])]


def suppressed_of(asked: Told) -> list[Section]:
    """What a record carries that nobody is merged on; of a value that was asked for itself, the sentence says all."""
    return [suppressed_section(asked["suppressed"])] if asked["suppressed"] and asked["kind"] != "identifier" else []


def other_sections(found: Told) -> list[Section]:
    """The way from one to the other, or what keeps them apart."""
    other = found["other"]
    made = [path_section(other["path"])] if other["path"] else []
    if other["between"]:
        made += between_sections(other["between"])
    return made + [section for asked in (found["asked"], other["asked"]) for section in suppressed_of(asked)]


def _asked(asked: Told) -> str:
    kind, names = asked["kind"], [_named(i) for i in asked["identifiers"]]
    if kind == "customer":
        return f"asked for: customer id {asked['asked_customer_id']}"
    if kind == "retired_customer":
        of = f", the id of {names[0]}" if names else ""
        return (
            f"asked for: customer id {asked['asked_customer_id']}{of}. It is retired and leads to another customer id."
        )
    if asked.get("record"):
        return f"asked for: {place(asked['record'])}"
    if kind in _EVENTS:
        return f"asked for: {words(kind)} {asked['conversion_id']}"
    if not names:
        names = [f"{s['type']} {s['value'] or ''}".strip() + _hash(s) for s in asked["suppressed"]]
    return f"asked for: {' and '.join(names)}"


def _named(told: Told) -> str:
    return identifier(told | {"customer_id": None}) + _hash(told)


def _hash(told: Told) -> str:
    return f" (hash {short(told['hash'])})" if told.get("hash") else ""


def _nobody(found: Told) -> list[str]:
    """Why what was asked for is no customer's."""
    asked, lines = found["asked"], []
    for device in found["devices"]:
        named, seen = _named(device["identifier"]), span(device["first_seen_at"], device["last_seen_at"])
        lines.append(
            f"{named} is a device that belongs to no customer: nobody was identified on it. Seen {seen}, "
            f"sessions: {number(device['sessions'])}; records: {counted(device['records'])}."
        )
        if device["link"]:
            link = device["link"]
            lines.append(
                f"Its surroundings point to customer {link['customer_id']}, with probability "
                f"{likely(link['probability'])}: {weighed(link)}. That is a guess and joins nothing."
            )
    if lines:
        return lines
    if asked["kind"] == "identifier":
        return [
            f"Nobody is merged on {s['type']} {s['value'] or ''}".rstrip()
            + f": it is {reason(s['reason'])} ({_linked(s)})."
            for s in asked["suppressed"]
        ]
    if asked["kind"] == "lead":
        return ["It belongs to no customer: it has no contact, or none that is known."]
    if asked["kind"] == "sign_up":
        return ["It belongs to no customer: nobody was identified on its device, or several people share it."]
    if asked["suppressed"]:
        return ["It belongs to no customer: nobody is merged on the identifiers that it carries."]
    return ["It belongs to no customer: it names nobody, or whom it named is erased."]


def _linked(told: Told) -> str:
    if told["reason"] in ("placeholder", "invalid"):
        return "records that carry it: " + number(told["count"])
    return "accounts that share it: " + number(told["count"])


def _together(found: Told) -> list[str]:
    other = found["other"]
    lines = [_asked(other["asked"]).replace("asked for:", "and for:", 1)]
    mine, theirs = found["asked"]["customer_id"], other["asked"]["customer_id"]
    if other["is_same_customer"]:
        if other["path"] is None:
            lines.append("Both are this customer, but no evidence that is listed leads from one to the other.")
        elif other["path"]:
            steps = len(other["path"])
            lines.append(f"Both are this customer: {steps:,} step{'' if steps == 1 else 's'} from one to the other.")
        else:
            lines.append("Both stand for the same identifier.")
        return lines
    if mine and theirs:
        lines.append(f"They are two customers: {mine} and {theirs}.")
        between = other["between"]
        lines += [
            sentence
            for key, sentence in (
                ("cuts", "A steward parted them: records that carry identifiers of both are cut."),
                ("decisions", "Decisions of stewards name both."),
                ("pairs", "Records of both were compared and not joined."),
                ("suppressed", "Records of both carry values that nobody is merged on."),
            )
            if between[key]
        ] or ["No record carries identifiers of both, no steward joined them, and no pair of their records is alike."]
    elif theirs:
        lines.append(
            f"The second is of customer {theirs}; the first is nobody's, so nothing leads from one to the other."
        )
    else:
        lines += _nobody(other)
        lines.append("So nothing leads from one to the other.")
    return lines
