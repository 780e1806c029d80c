"""What was asked for: a customer id, an identifier in any spelling, a hash, a conversion or a record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NoReturn

import duckdb

from ..faults import UsageError
from . import conversions, spelling

_SHARED_TYPES = ("user_id", "email", "phone", "crm_id", "loyalty_id", "klaviyo_id", "zendesk_id", "anonymous_id")
# What people write before the id of a conversion, and where its record is from.
_ORDER, _LEAD, _SIGN_UP = "order", "lead", "sign_up"
_CONVERSIONS = {
    **dict.fromkeys(("order", "purchase", "first_purchase", "repeat_purchase"), _ORDER),
    **dict.fromkeys(("deal", "lead"), _LEAD),
    **dict.fromkeys(("signup", "sign_up", "sign-up"), _SIGN_UP),
}
_RECORDS = {"hubspot:deals": _LEAD, "hubspot:deal": _LEAD, "segment:tracks": _SIGN_UP}
_WRITTEN = {_ORDER: "order", _LEAD: "deal", _SIGN_UP: "signup"}


@dataclass(frozen=True)
class Node:
    """An identifier of the graph. customer_id is None for one of a component of nothing but devices."""

    node_id: int
    type: str
    value: str
    hash: str
    customer_id: str | None


@dataclass(frozen=True)
class Suppressed:
    """An identifier that nobody is merged on. value is None where it was erased and its hash is left."""

    type: str
    value: str | None
    hash: str
    reason: str
    count: int


@dataclass(frozen=True)
class Asked:
    """What an argument is. kind: customer, retired_customer, identifier, order, lead, sign_up or record.

    name: the customer id where it is one. nodes: the identifiers that it stands for. customer_id: whose they are.
    suppressed: those that nobody is merged on. record_key: of an order or a record. conversion_id: of what may be a
    conversion; left_out: why it is in no table (test, voided, deleted).
    """

    kind: str
    name: str | None
    customer_id: str | None
    nodes: tuple[Node, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    record_key: str | None = None
    conversion_id: str | None = None
    left_out: str | None = None


class Finder:
    """Looks things up in a warehouse. default_country: of phones without a country code."""

    def __init__(self, con: duckdb.DuckDBPyConnection, default_country: str) -> None:
        self._con = con
        self._default_country = default_country

    def find(self, text: str) -> Asked:
        """What a text means in this warehouse. Raises UsageError where it means nothing, or several people.

        An explicit form (`type:value`, `order:<id>`, a record key) comes first, then ids of customers, then
        identifiers of any type by value or hash, then ids of conversions.
        """
        trimmed = text.strip()
        if not trimmed:
            raise UsageError("Say what to explain: a customer id, an identifier such as an e-mail, or order:<id>.")
        prefix, colon, rest = trimmed.partition(":")
        prefix = prefix.strip().lower() if colon and rest.strip() else ""
        found: Asked | None = None
        if prefix in _CONVERSIONS:
            found = self._conversion(_CONVERSIONS[prefix], rest.strip())
        elif prefix in self.types:
            found = self._valued(rest.strip(), (prefix,))
        if found is None:
            found = self._record(trimmed)
        if found is None and re.fullmatch(r"[0-9a-fA-F]{32}", trimmed):
            found = self._customer(trimmed.lower())
        if found is None:
            found = self._valued(trimmed, self.types)
        if found is None:
            found = self._any_conversion(trimmed)
        if found is None:
            _unknown(trimmed, prefix, self.types)
        return found

    @cached_property
    def types(self) -> tuple[str, ...]:
        """All types of identifier, in their order."""
        rows = self._con.execute(
            "select distinct identifier_type from intermediate.int_identity_nodes_numbered "
            "union select distinct identifier_type from intermediate.int_identifiers_suppressed order by 1"
        ).fetchall()
        own = sorted({row[0] for row in rows} - set(_SHARED_TYPES))
        return (*_SHARED_TYPES[:-1], *own, _SHARED_TYPES[-1])

    @cached_property
    def _plans(self) -> list[spelling.Plan]:
        rows = self._con.execute(
            "select country_code, calling_code, keeps_trunk_zero from seeds.countries order by country_code"
        ).fetchall()
        return [spelling.Plan(*row) for row in rows]

    def _customer(self, customer_id: str) -> Asked | None:
        nodes = self._nodes("nodes.issuable_customer_id = ?", [customer_id])
        current = self._con.execute(
            "select 1 from intermediate.int_identifiers_resolved where customer_id = ? limit 1", [customer_id]
        ).fetchall()
        if current:
            return Asked("customer", customer_id, customer_id, nodes)
        rows = self._con.execute(
            "select customer_id from marts.customer_redirects where retired_customer_id = ? order by 1 limit 1",
            [customer_id],
        ).fetchall()
        return Asked("retired_customer", customer_id, rows[0][0], nodes) if rows else None

    def _conversion(self, kind: str, written: str) -> Asked | None:
        return self._order(written) if kind == _ORDER else self._event(kind, written)

    def _any_conversion(self, written: str) -> Asked | None:
        """The conversion of that id, of whatever type it is."""
        # E-mails and phones are no ids, and looking through all orders takes time.
        if not re.fullmatch(r"#?[\w.:-]+", written):
            return None
        found = [asked for asked in (self._conversion(kind, written) for kind in _WRITTEN) if asked]
        if len(found) > 1:
            ways = ", ".join(f"{_WRITTEN[asked.kind]}:ID" for asked in found)
            raise UsageError(f"This is the id of several things. Say which: write one of {ways}.")
        return found[0] if found else None

    def _order(self, written: str) -> Asked | None:
        found = self._order_of_id(written)
        if found:
            return found
        orders = conversions.written_orders(self._con, written)
        if len({row["order_id"] for row in orders}) > 1 and orders[0]["order_id"] != written:
            raise UsageError("Several orders have that number. Write order:<id> with the id of one of them.")
        for row in orders:
            if row["is_test"] or row["is_voided"]:
                key, left_out = f"{row['source']}:orders:{row['order_id']}", "test" if row["is_test"] else "voided"
                return Asked(_ORDER, None, None, record_key=key, left_out=left_out)
            return self._order_of_id(row["order_id"])
        return None

    def _order_of_id(self, order_id: str) -> Asked | None:
        rows = self._con.execute(
            "select source || ':orders:' || order_id, customer_id from marts.orders where order_id = ? "
            "order by source limit 1",
            [order_id],
        ).fetchall()
        if not rows:
            return None
        key, customer_id = rows[0]
        return replace(
            self._carried(key), kind=_ORDER, customer_id=customer_id, conversion_id=f"{_WRITTEN[_ORDER]}:{order_id}"
        )

    def _event(self, kind: str, written: str) -> Asked | None:
        """A lead or a sign-up by the id of its deal or event, or a deal that was deleted."""
        conversion_id = f"{_WRITTEN[kind]}:{written}"
        if conversions.are_attributed(self._con):
            rows = self._con.execute(
                "select customer_id from marts.conversions where conversion_id = ?", [conversion_id]
            ).fetchall()
            if rows:
                return Asked(kind, None, rows[0][0], conversion_id=conversion_id)
        if kind == _LEAD and conversions.is_deleted_deal(self._con, written):
            return Asked(kind, None, None, record_key=f"hubspot:deals:{written}", left_out="deleted")
        return None

    def _record(self, key: str) -> Asked | None:
        source, _, rest = key.partition(":")
        entity, _, record_id = rest.partition(":")
        if f"{source}:{entity}" in _RECORDS:
            return self._event(_RECORDS[f"{source}:{entity}"], record_id)
        if entity == "orders":
            order = self._order_of_id(record_id)
            if order and order.record_key == key:
                return replace(order, kind="record")
        rows = self._con.execute(
            "select min(resolved.customer_id) "
            "from intermediate.int_identity_records_unioned as records "
            "left join intermediate.int_records_resolved as resolved on records.source = resolved.source "
            "and records.record_type = resolved.record_type and records.record_id = resolved.record_id "
            "where records.record_key = ? having count(*) > 0",
            [key],
        ).fetchall()
        if not rows:
            return None
        found = self._carried(key)
        # Events of segment belong to nobody by themselves; what they name does.
        owners = [n.customer_id for n in found.nodes if n.customer_id]
        return replace(found, customer_id=rows[0][0] or (owners[0] if owners else None))

    def _carried(self, key: str) -> Asked:
        """What a record carries: nodes in the order of their types, and what nobody is merged on."""
        nodes = self._nodes(
            "nodes.node_id in (select node_id from intermediate.int_identity_records_noded where record_key = ?)",
            [key],
        )
        suppressed = self._suppressed(
            "(suppressed.identifier_type, suppressed.identifier_value) in (select identifier_type, case when "
            "identifier_type in ('email', 'phone') or validity = 'ok' then identifier_value "
            "else lower(trim(identifier_value)) end from intermediate.int_identifiers_normalised where record_key = ?)",
            [key],
        )
        ordered = tuple(sorted(nodes, key=lambda n: (self.types.index(n.type), n.node_id)))
        return Asked("record", None, None, ordered, suppressed, key)

    def _valued(self, text: str, types: tuple[str, ...]) -> Asked | None:
        """The identifiers of some types that a text spells, or is the hash of; likely readings go before others."""
        lowered = spelling.lower_case(text)
        phones = spelling.phones(text, self._plans, self._default_country)
        forms = [("email", lowered), *((t, text) for t in types if t not in ("email", "phone"))]
        placeholders = [(t, lowered) for t in types if t != "phone"]
        if phones:
            forms += [("phone", number) for number in phones.likely]
            placeholders.append(("phone", phones.digits))
        # The first digits of a hash do, as they are shown.
        hashed = text.lower() if re.fullmatch(r"[0-9a-fA-F]{12,64}", text) else None
        nodes = self._spelt(forms, hashed, types)
        if not nodes and phones:
            nodes = self._spelt([("phone", number) for number in phones.possible], None, types)
        values = [form for form in forms + placeholders if form[0] in types]
        suppressed = self._suppressed(
            "(suppressed.identifier_type, suppressed.identifier_value) in (select unnest(?), unnest(?)) "
            "or (starts_with(suppressed.identifier_hash, ?) and suppressed.identifier_type in (select unnest(?)))",
            [[kind for kind, _ in values], [value for _, value in values], hashed, list(types)],
        )
        if not nodes:
            return Asked("identifier", None, None, (), suppressed) if suppressed else None
        if len({n.customer_id or f"device {n.node_id}" for n in nodes}) > 1:
            raise UsageError(_ambiguous(nodes, text))
        return Asked("identifier", None, nodes[0].customer_id, nodes, suppressed)

    def _spelt(self, forms: Iterable[tuple[str, str]], hashed: str | None, types: tuple[str, ...]) -> tuple[Node, ...]:
        wanted = [form for form in forms if form[0] in types]
        return self._nodes(
            "(nodes.identifier_type, nodes.identifier_value) in (select unnest(?), unnest(?)) "
            "or (starts_with(nodes.identifier_hash, ?) and nodes.identifier_type in (select unnest(?)))",
            [[kind for kind, _ in wanted], [value for _, value in wanted], hashed, list(types)],
        )

    def _nodes(self, condition: str, parameters: list[Any]) -> tuple[Node, ...]:
        rows = self._con.execute(
            "select nodes.node_id, nodes.identifier_type, nodes.identifier_value, nodes.identifier_hash, "
            "resolved.customer_id from intermediate.int_identity_nodes_numbered as nodes "
            "left join intermediate.int_identifiers_resolved as resolved on nodes.node_id = resolved.node_id "
            f"where {condition} order by nodes.node_id",
            parameters,
        ).fetchall()
        return tuple(Node(*row) for row in rows)

    def _suppressed(self, condition: str, parameters: list[Any]) -> tuple[Suppressed, ...]:
        rows = self._con.execute(
            "select suppressed.identifier_type, suppressed.identifier_value, suppressed.identifier_hash, "
            "suppressed.reason, suppressed.linked_count "
            f"from intermediate.int_identifiers_suppressed as suppressed where {condition} order by all",
            parameters,
        ).fetchall()
        return tuple(Suppressed(*row) for row in rows)


def _ambiguous(nodes: tuple[Node, ...], text: str) -> str:
    kinds = sorted({n.type for n in nodes})
    what = "hash" if all(n.hash.startswith(text.lower()) for n in nodes) else "value"
    if len(kinds) == 1:
        codes = ", ".join(sorted(n.hash[:12] for n in nodes))
        return (
            f"This may be the {kinds[0]} of several customers, by the country that it is dialled in. Write it with a "
            f"plus sign and the country's calling code, or give its hash, which begins with one of {codes}."
        )
    ways = ", ".join(f"{kind}:{what.upper()}" for kind in kinds)
    return f"This {what} is an identifier of several types, of different customers. Say which: write one of {ways}."


def _unknown(text: str, prefix: str, types: tuple[str, ...]) -> NoReturn:
    """What was asked for is not repeated: messages end up in logs."""
    if prefix in _CONVERSIONS:
        what = {
            _ORDER: "That order is not among the orders",
            _LEAD: "That deal is not among the leads",
            _SIGN_UP: "No sign-up has that event id",
        }[_CONVERSIONS[prefix]]
    elif prefix in types:
        what = f"No record carries that {prefix}"
    elif re.fullmatch(r"[0-9a-fA-F]{32}", text):
        what = "No customer has that id, and none had it before"
    elif re.fullmatch(r"[0-9a-fA-F]{12,64}", text):
        what = "No identifier has that hash"
    elif "@" in text:
        what = "No record carries that e-mail"
    else:
        what = "No identifier, customer, order or record is called that"
    raise UsageError(
        f"{what} in what the last refresh built. It may be misspelt, corrected since, later than the refresh's day, in "
        "quarantine, or erased. Give a customer id, an identifier in clear or as its hash, type:value to say its type "
        f"({', '.join(types)}), order:<id>, deal:<id>, signup:<event id>, or source:entity:id for a record."
    )
