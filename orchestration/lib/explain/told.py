"""The answer as one object, fit to be shown: values masked unless they are revealed, identifiers numbered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import duckdb

from . import conversions
from . import evidence as read
from .asked import Asked, Node, Suppressed
from .evidence import Evidence, Row
from .graph import RECORDS, Hop
from .masking import Shown
from .segments import segments_of, triggers_of

Told = dict[str, Any]

# What is told of the customer beside the values that survive.
_NOT_AGAIN = ("customer_id", "identifier_count")
# Free text of a touch.
_TEXTS = ("source", "medium", "campaign", "reported_campaign")


class Teller:
    """Tells of one warehouse. shown: identifiers masked or revealed. as_of, cutoff_at: its day, and when that ended."""

    def __init__(self, con: duckdb.DuckDBPyConnection, shown: Shown, as_of: date, cutoff_at: datetime) -> None:
        self._con = con
        self._shown = shown
        self._as_of = as_of
        self._cutoff_at = cutoff_at

    def asked(self, asked: Asked) -> Told:
        """What was asked for, as it was understood."""
        told: Told = {
            "kind": asked.kind,
            "customer_id": asked.customer_id,
            "identifiers": [self._node(n) for n in asked.nodes],
            "suppressed": [self._suppressed(s) for s in asked.suppressed],
            "conversion_id": asked.conversion_id,
        }
        if asked.name:
            told["asked_customer_id"] = asked.name
        if asked.record_key:
            places = read.record_places(self._con, [asked.record_key])
            told["record"] = self._place(places.get(asked.record_key), asked.record_key, frozenset())
        return told

    def conversion(self, asked: Asked) -> Told | None:
        """What led to the conversion that was asked for, or why it is none; None where what was asked cannot be one."""
        if asked.left_out:
            return {"conversion_id": None, "why_not": {"reason": asked.left_out}}
        if asked.conversion_id is None or not conversions.are_attributed(self._con):
            return None
        found = conversions.conversion_of(self._con, asked.conversion_id)
        if found is None:
            order_id = asked.conversion_id.partition(":")[2]
            return {
                "conversion_id": None,
                "order_id": order_id,
                "why_not": conversions.refused_order(self._con, order_id) or {"reason": "unknown"},
            }
        converted_at = found["converted_at"]
        return {
            **found,
            "why_not": None,
            "touches": [self._touch(touch, converted_at) for touch in found["touches"]],
            "last_touch": found["last_touch"] and self._touch(found["last_touch"], converted_at),
        }

    def _touch(self, row: Row, converted_at: datetime) -> Told:
        texts = {name: self._shown.text(row[name]) for name in _TEXTS if name in row}
        before = row["touched_at"] and (converted_at - row["touched_at"]).total_seconds()
        return {**row, **texts, "seconds_before": before}

    def customer(self, customer_id: str, found: Evidence) -> Told:
        """Everything that is known of a customer, and why it is one."""
        numbers = _Numbers(found)
        accounts = frozenset(row["identifier_value"] for row in found.nodes.values())
        known = read.known(self._con, customer_id)
        named = {row["attribute"] for row in known}
        told_of = {
            name: value
            for name, value in read.published(self._con, customer_id).items()
            if value is not None and name not in _NOT_AGAIN and name not in named
        }
        nodes, places = self._others(found)
        return {
            "customer_id": customer_id,
            "known": [
                {
                    "attribute": row["attribute"],
                    "value": self._shown.attribute(row["attribute"], row["attribute_value"]),
                    "source": row["source"],
                    "updated_at": row["updated_at"],
                    "candidates": row["candidate_count"],
                }
                for row in known
            ],
            "published": told_of,
            "segments": [self._segment(row) for row in segments_of(self._con, customer_id, self._as_of)],
            "triggers": [
                {**row, "evidence": self._shown.text(row["evidence"]), "is_open": row["expires_at"] > self._cutoff_at}
                for row in triggers_of(self._con, customer_id)
            ],
            "conversions": conversions.conversions_of(self._con, customer_id),
            "totals": {
                "identifiers": len(found.nodes),
                "records": sum(row["record_count"] for row in found.records.values()),
                "edges": len(found.edges),
                "parts": len(numbers.parts),
                **read.totals(self._con, customer_id),
            },
            "identifiers": [self._numbered(row, numbers) for row in found.nodes.values()],
            "records": self._records(found, numbers, accounts, customer_id),
            "edges": [
                {
                    "left": numbers.node[pair.left],
                    "right": numbers.node[pair.right],
                    "rule": "deterministic",
                    "records": pair.count,
                    "first_at": pair.first_at,
                    "last_at": pair.last_at,
                    "by": _counted(found.records[key] for key in pair.records),
                }
                for pair in found.edges
            ],
            "links": [self._link(row, found, numbers, places, accounts) for row in found.links],
            "pairs": [self._pair(row, found, places, accounts) for row in found.pairs],
            "decisions": [self._decision(row, nodes, numbers) for row in found.decisions],
            "cuts": [
                {
                    "left": self._named(row["left_node_id"], nodes, numbers),
                    "right": self._named(row["right_node_id"], nodes, numbers),
                    "records": row["record_count"],
                    **self._decided(row),
                }
                for row in found.cuts
            ],
            "parts": _parts(found, numbers),
            "devices": [
                {
                    "identifier": self._identifier(row),
                    "probability": row["match_probability"],
                    **self._weighed(row["evidence"]),
                }
                for row in read.device_links(self._con, customer_id)
            ],
            "redirects": [
                {
                    "retired_customer_id": row["retired_customer_id"],
                    "identifier": numbers.node.get(row["node_id"]),
                }
                for row in read.redirects(self._con, customer_id)
            ],
        }

    def _segment(self, row: Row) -> Told:
        """A segment with the values that its rule reads: no column of them identifies a person, but a text may."""
        judged = [
            {**part, "inputs": [{**i, "value": self._value(i["value"])} for i in part["inputs"]]}
            for part in row["conditions"]
        ]
        return {**row, "conditions": judged}

    def _value(self, value: Any) -> Any:
        return self._shown.text(value) if isinstance(value, str) else value

    def device(self, node: Node) -> Told:
        """A device that belongs to no customer."""
        found = read.gather_device(self._con, node.node_id)
        row = found.nodes[node.node_id]
        link = read.link_of_device(self._con, node.hash)
        return {
            "link": link
            and {
                "customer_id": link["customer_id"],
                "probability": link["match_probability"],
                **self._weighed(link["evidence"]),
            },
            "identifier": self._node(node),
            "source": row["source"],
            "first_seen_at": row["first_seen_at"],
            "last_seen_at": row["last_seen_at"],
            "sessions": read.sessions_of_device(self._con, node.hash),
            "records": _counted(found.records.values()),
        }

    def path(self, found: Evidence, starts: Iterable[Node], ends: Iterable[Node]) -> list[Told] | None:
        """The way from one of some identifiers to one of others, hop by hop; None where there is none."""
        accounts = frozenset(row["identifier_value"] for row in found.nodes.values())
        own = [[n.node_id for n in side if n.node_id in found.nodes] for side in (starts, ends)]
        hops = found.path(*own)
        _, places = self._others(found)
        return None if hops is None else [self._hop(hop, found, places, accounts) for hop in hops]

    def between(self, left: Evidence, right: Evidence) -> Told:
        """What keeps two customers apart although something speaks for one: cuts, decisions, pairs, shared values."""
        numbers = _Numbers(left)
        nodes, places = self._others(left)
        nodes = {**nodes, **self._others(right)[0]}
        accounts = frozenset(r["identifier_value"] for side in (left, right) for r in side.nodes.values())

        def across(one: int | None, other: int | None) -> bool:
            return (one in left.nodes and other in right.nodes) or (one in right.nodes and other in left.nodes)

        return {
            "cuts": [
                {
                    "left": self._named(row["left_node_id"], nodes, numbers),
                    "right": self._named(row["right_node_id"], nodes, numbers),
                    "records": row["record_count"],
                    **self._decided(row),
                }
                for row in left.cuts
                if across(row["left_node_id"], row["right_node_id"])
            ],
            "decisions": [
                self._decision(row, nodes, numbers)
                for row in left.decisions
                if across(row["left_node_id"], row["right_node_id"])
            ],
            "pairs": [
                self._pair(row, left, places, accounts)
                for row in left.pairs
                if {row["left_record_key"], row["right_record_key"]} & set(right.records)
            ],
            "suppressed": [
                {
                    "type": row["identifier_type"],
                    "value": self._shown.identifier(row["identifier_type"], row["identifier_value"]),
                    "reason": row["reason"],
                    "count": row["linked_count"],
                    "left_records": row["left_records"],
                    "right_records": row["right_records"],
                }
                for row in read.shared_suppressed(self._con, sorted(left.records), sorted(right.records))
            ],
        }

    def _others(self, found: Evidence) -> tuple[dict[int, Row], dict[str, Row]]:
        """Identifiers and records that links, cuts, decisions and pairs name, whosever they are."""
        nodes = [row[side] for row in (*found.cuts, *found.decisions) for side in ("left_node_id", "right_node_id")]
        keys = [row[side] for row in (*found.links, *found.pairs) for side in ("left_record_key", "right_record_key")]
        return (
            read.identifiers(self._con, [n for n in nodes if n is not None]),
            read.record_places(self._con, [k for k in keys if k is not None]),
        )

    def _node(self, node: Node) -> Told:
        return {
            "type": node.type,
            "value": self._shown.identifier(node.type, node.value),
            "hash": node.hash,
            "customer_id": node.customer_id,
        }

    def _suppressed(self, row: Suppressed) -> Told:
        return {
            "type": row.type,
            "value": None if row.value is None else self._shown.identifier(row.type, row.value),
            "hash": row.hash,
            "reason": row.reason,
            "count": row.count,
        }

    def _identifier(self, row: Row) -> Told:
        return {
            "type": row["identifier_type"],
            "value": self._shown.identifier(row["identifier_type"], row["identifier_value"]),
            "hash": row["identifier_hash"],
        }

    def _numbered(self, row: Row, numbers: _Numbers) -> Told:
        return {
            "number": numbers.node[row["node_id"]],
            **self._identifier(row),
            **{name: row[name] for name in ("source", "first_seen_at", "last_seen_at", "match_type")},
            "match_probability": row["match_probability"],
            "part": numbers.parts[row["part_id"]],
        }

    def _named(self, node_id: int | None, nodes: dict[int, Row], numbers: _Numbers) -> Told | None:
        """An identifier of the customer by its number, or of another one."""
        row = nodes.get(node_id) if node_id is not None else None
        if node_id is None or row is None:
            return None
        return {
            "number": numbers.node.get(node_id),
            **self._identifier(row),
            "customer_id": row["customer_id"],
        }

    def _place(self, row: Row | None, key: str | None, accounts: frozenset[str]) -> Told | None:
        """A record by source, type and id. One that is in the graph no more is known by its key, which is no id."""
        if key is None:
            return None
        if row is None:
            source, _, rest = key.partition(":")
            record_type, _, record_id = rest.partition(":")
            # The keys of events are made of what they name.
            known_id = None if source == "segment" else record_id
            row = {"source": source, "record_type": record_type, "record_id": known_id, "customer_id": None}
        return {
            "source": row["source"],
            "type": row["record_type"],
            "id": self._shown.record_id(row["record_type"], row["record_id"], accounts),
            "customer_id": row["customer_id"],
        }

    def _records(self, found: Evidence, numbers: _Numbers, accounts: frozenset[str], customer_id: str) -> list[Told]:
        """Records by time; events that name the same identifiers are one line."""
        lines: dict[tuple[Any, ...], Told] = {}
        for key, nodes in found.record_nodes.items():
            row = found.records[key]
            place = (row["source"], row["record_type"], row["record_id"])
            line = lines.setdefault(
                (*place, *nodes),
                {
                    "source": row["source"],
                    "type": row["record_type"],
                    "id": self._shown.record_id(row["record_type"], row["record_id"], accounts),
                    "count": 0,
                    "first_at": None,
                    "last_at": None,
                    "identifiers": [numbers.node[n] for n in nodes],
                    "customer_id": row["customer_id"] or customer_id,
                },
            )
            line["count"] += row["record_count"]
            line["first_at"] = read.earlier(line["first_at"], row["first_at"])
            line["last_at"] = read.later(line["last_at"], row["last_at"])
        ordered = sorted(lines.items(), key=lambda i: (i[1]["first_at"] or datetime.max, [str(part) for part in i[0]]))
        return [line for _, line in ordered]

    def _link(
        self, row: Row, found: Evidence, numbers: _Numbers, places: dict[str, Row], accounts: frozenset[str]
    ) -> Told:
        ends = [numbers.node[side[0]] if side else None for side in found.ends_of(row)]
        return {
            "match_type": row["match_type"],
            "probability": row["match_probability"],
            "left_part": numbers.parts.get(row["left_part_id"]),
            "right_part": numbers.parts.get(row["right_part_id"]),
            "left_identifier": ends[0],
            "right_identifier": ends[1],
            "left_record": self._place(places.get(row["left_record_key"]), row["left_record_key"], accounts),
            "right_record": self._place(places.get(row["right_record_key"]), row["right_record_key"], accounts),
            **self._weighed(row["evidence"]),
        }

    def _pair(self, row: Row, found: Evidence, places: dict[str, Row], accounts: frozenset[str]) -> Told:
        own, other = row["left_record_key"], row["right_record_key"]
        if own not in found.records:
            own, other = other, own
        return {
            "outcome": row["outcome"],
            "probability": row["match_probability"],
            "record": self._place(places.get(own), own, accounts),
            "other_record": self._place(places.get(other), other, accounts),
            **self._weighed(row["evidence"]),
        }

    def _weighed(self, evidence: Any) -> Told:
        """Evidence as levels and weights, and whatever else it says in words."""
        said = dict(evidence) if isinstance(evidence, dict) else {}
        compared = said.pop("comparisons", [])
        # Surroundings of devices stand one by one, each with an outcome.
        for name in [n for n, v in said.items() if isinstance(v, dict)]:
            value = said.pop(name)
            compared.append({**value, "compared": name.replace("_", " "), "level": value.get("outcome")})
        return {
            "comparisons": [
                {"compared": c.get("compared"), "level": self._shown.text(c.get("level")), "weight": c.get("weight")}
                for c in compared
            ],
            "said": {
                name: self._shown.text(", ".join(map(str, value)) if isinstance(value, list) else str(value))
                for name, value in said.items()
                if value not in (None, "", [])
            },
        }

    def _decided(self, row: Row) -> Told:
        return {
            "rule_number": row["rule_number"],
            "author": self._shown.text(row["author"]),
            "reason": self._shown.text(row["reason"]),
            "decided_at": row["decided_at"],
        }

    def _decision(self, row: Row, nodes: dict[int, Row], numbers: _Numbers) -> Told:
        return {
            "rule": row["rule"],
            "status": row["status"],
            "left": self._named(row["left_node_id"], nodes, numbers),
            "right": self._named(row["right_node_id"], nodes, numbers),
            **self._decided(row),
        }

    def _hop(self, hop: Hop, found: Evidence, places: dict[str, Row], accounts: frozenset[str]) -> Told:
        told: Told = {
            "kind": hop.kind,
            "left": self._identifier(found.nodes[hop.left]),
            "right": self._identifier(found.nodes[hop.right]),
        }
        if hop.kind == RECORDS:
            rows = [found.records[key] for key in hop.records]
            lines = self._lines(rows, accounts)
            return {
                **told,
                "count": sum(row["record_count"] for row in rows),
                "first_at": min((r["first_at"] for r in rows if r["first_at"]), default=None),
                "last_at": max((r["last_at"] for r in rows if r["last_at"]), default=None),
                "records": lines,
            }
        assert hop.join is not None
        if hop.kind == "probabilistic":
            link = self._link(found.links[hop.join], found, _Numbers(found), places, accounts)
            return {
                **told,
                **{k: link[k] for k in link if not k.startswith(("match_", "left_p", "right_p", "left_i", "right_i"))},
            }
        return {**told, "probability": 1.0, **self._decided(found.decisions[hop.join - len(found.links)])}

    def _lines(self, rows: list[Row], accounts: frozenset[str]) -> list[Told]:
        """Records one by one, events by type."""
        lines: dict[tuple[str, str, str | None], Told] = {}
        for row in rows:
            line = lines.setdefault(
                (row["source"], row["record_type"], row["record_id"]),
                {
                    "source": row["source"],
                    "type": row["record_type"],
                    "id": self._shown.record_id(row["record_type"], row["record_id"], accounts),
                    "count": 0,
                    "first_at": None,
                    "last_at": None,
                },
            )
            line["count"] += row["record_count"]
            line["first_at"] = read.earlier(line["first_at"], row["first_at"])
            line["last_at"] = read.later(line["last_at"], row["last_at"])
        return sorted(
            lines.values(), key=lambda r: (r["first_at"] or datetime.max, r["source"], r["type"], r["id"] or "")
        )


class _Numbers:
    """Short names within one customer: identifiers and parts counted from 1, the earliest first."""

    def __init__(self, found: Evidence) -> None:
        self.node = {node: number for number, node in enumerate(sorted(found.nodes), 1)}
        self.parts = {part: number for number, part in enumerate(sorted(set(found.parts.values())), 1)}


def _counted(rows: Iterable[Row]) -> list[Told]:
    """How many records of each source and type."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        place = (row["source"], row["record_type"])
        counts[place] = counts.get(place, 0) + row["record_count"]
    return [
        {"source": source, "type": kind, "count": count}
        for (source, kind), count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))
    ]


def _parts(found: Evidence, numbers: _Numbers) -> list[Told]:
    """What records alone join, and how each of it came to the customer."""
    told = []
    for part, number in numbers.parts.items():
        nodes = [row for row in found.nodes.values() if row["part_id"] == part]
        told.append(
            {
                "number": number,
                "identifiers": len(nodes),
                "match_type": nodes[0]["match_type"],
                "match_probability": nodes[0]["match_probability"],
                "was_cut": any(row["component_id"] != part for row in nodes)
                or any(
                    {cut["left_node_id"], cut["right_node_id"]} & {n["node_id"] for n in nodes} for cut in found.cuts
                ),
            }
        )
    return told
