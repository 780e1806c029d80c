"""The erasure pass: whom requests reach, what is taken from raw, quarantine and kept releases, and the proof.

It runs in the landing step, over everything that landed whatever the as-of date: what is taken is gone for every
date (docs/decisions/0016-erasure.md). What was taken is one transaction. Whatever ends the refresh between that and
the proof, the next load reads the files again from which something was taken, and the pass is run anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import numpy as np

from ..landing.casting import literal, quoted
from ..landing.contracts import TableContract
from ..landing.ledger import create_tables as create_ledger
from ..settings import Home
from ..transform import dbt
from ..transform.catalog import KeptTable, kept_tables
from ..warehouse import connect
from . import raw, reach
from .databases import FILE_NAMES, mask_texts, tables_of, text_columns, where_found
from .files import discard, files_that_hold, rewrite_warehouse
from .releases import Erased, clean_releases, customers_reached, kept_releases
from .tables import (
    DONE,
    GROWN,
    KEY,
    UNFINISHED,
    create_tables,
    fingerprint,
    forget,
    key_print,
    read_again,
    requests,
    state,
    write_state,
)
from .texts import Finder, Values, addresses_in

# Everything that landed is seen by this day.
_FOR_EVER = {"as_of_date": "2199-12-31", "cutoff_at": "2200-01-01 00:00:00"}
_MODELS = (
    "+int_identifiers_suppressed",
    "+int_contact_values_normalised",
    "+int_events_keyed",
    "stg_consent__erasure_requests",
)
# A time that is unknown begins before every request.
_UNKNOWN = -(1 << 62)
Say = Callable[[str], None]


class ErasureError(Exception):
    """Something of an erased person is still there. The message says where, and no value."""


@dataclass
class Done:
    """What one pass did. rows: newly erased rows of raw, by request; quarantined: the same of quarantine."""

    rows: dict[str, int] = field(default_factory=dict)
    quarantined: int = 0
    masked: int = 0
    releases: list[str] = field(default_factory=list)
    searched: int = 0

    @property
    def has_taken(self) -> bool:
        return bool(self.rows or self.quarantined or self.masked or self.releases)


def hash_key() -> str:
    """The key of the hashes by which identifiers are known once their values are gone."""
    return os.environ.get("TRIBUTARY_HASH_KEY", "")


def before_load(con: duckdb.DuckDBPyConnection, home: Home, contracts: list[TableContract], say: Say) -> None:
    """Have files read again where what is left of erased rows is no longer what it must be.

    That is after a change of the hash key, whose hashes stand in the place of values, and after a pass that did not
    come to its end.
    """
    create_ledger(con)
    create_tables(con)
    discard(home)
    con.execute("drop table if exists computed.contact_values")
    print_, before = key_print(hash_key()), state(con, KEY)
    if before is not None and before != print_:
        files = read_again(con, contracts)
        say(f"landing: the hash key has changed, so {files:,} files with erased rows are read again")
    elif state(con, UNFINISHED):
        files = read_again(con, contracts)
        say(f"landing: an erasure was interrupted, so {files:,} files with erased rows are read again")
    write_state(con, UNFINISHED, None)
    write_state(con, KEY, print_)


def erase(
    home: Home,
    contracts: list[TableContract],
    variables: dict[str, Any],
    given: dict[str, Any],
    run_id: str,
    load: Callable[[duckdb.DuckDBPyConnection], Any],
    say: Say,
) -> Done | None:
    """Erase whom requests reach, and prove it; None where nothing has landed since it was last done.

    variables: all vars; given: those of this deployment, which dbt is told. load: brings raw in line with the landing
    folder. Raises ErasureError where the proof fails. The warehouse is opened and closed here, and may be another file
    afterwards.
    """
    key = hash_key()
    with connect(home) as con:
        done_for = fingerprint(con, variables, key)
        has_erased = con.execute("select 1 from ops.erased_identifiers limit 1").fetchone()
        if state(con, DONE) == done_for or not (requests(con) or has_erased):
            return None
    say("landing: looking for whom requests to be erased reach")
    for _ in range(2):
        with connect(home) as con:
            con.execute("create schema if not exists computed")
            con.execute(f"create or replace table computed.contact_values as {raw.contact_values(contracts)}")
        _build(home, {**given, **_FOR_EVER})
        with connect(home) as con:
            con.execute("set variable tributary_hash_key = ?", [key])
            con.execute("drop table computed.contact_values")
            kept = kept_tables(dbt.parse())
            work = _Pass(con, home, contracts, key, variables["identity_limits"], kept)
            again = work.find()
            if again:
                # What a request no longer reaches comes back: raw is a function of the landing folder as it is.
                forget(con, again)
                write_state(con, DONE, None)
                say(f"landing: {len(again):,} files hold rows that no request reaches any more; they are read again")
                load(con)
                done_for = fingerprint(con, variables, key)
                continue
            done = work.take()
            break
    else:
        raise ErasureError("erasure found other rows to erase in the same files when it read them again")
    dbt.let_go()
    if done.has_taken:
        say(f"landing: erased {sum(done.rows.values()):,} rows; proving that nothing is left of them")
        rewrite_warehouse(home)
    found = work.prove(done.searched)
    with connect(home) as con:
        work.write_down(con, run_id, done, sum(found.values()))
        if not found:
            write_state(con, UNFINISHED, None)
            write_state(con, DONE, done_for)
    if found:
        raise ErasureError(
            f"erasure is not complete: {sum(found.values()):,} places still name an erased person: "
            f"{', '.join(sorted(found))[:400]}. If it is the name of a landed file, rename the file."
        )
    return done


def _build(home: Home, variables: dict[str, Any]) -> None:
    result = dbt.build(dbt.parse(), home, variables, list(_MODELS), tests=False)
    if result.errors:
        raise RuntimeError(f"dbt could not build {result.errors[0].unique_id}: {result.errors[0].message}")


class _Pass:
    """One pass over one connection; what it knows in clear stays in this object."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        home: Home,
        contracts: list[TableContract],
        key: str,
        identity_limits: Mapping[str, int],
        kept: list[KeptTable],
    ) -> None:
        self.con, self.home, self.contracts, self.key = con, home, contracts, key
        self.identity_limits = identity_limits
        self.kept = kept
        self.values = Values()
        self.searched = Values()
        self.sought_in_bytes = Values()

    # -- whom requests reach ---------------------------------------------------------------------------------

    def find(self) -> set[str]:
        """Find identifiers, records and rows that are to be erased; gives the files of rows that no longer are."""
        self._read_identity()
        self._walk()
        self._records()
        self.con.execute(
            "create or replace temp table desired (table_number integer, row_id bigint, request_id varchar)"
        )
        for number, contract in enumerate(self.contracts):
            if raw.holds_people(contract):
                self._rows(number, contract)
        return self._no_longer()

    def _read_identity(self) -> None:
        self.con.execute(
            "create or replace temp table known_values as select * from intermediate.int_contact_values_normalised"
        )
        self.con.execute(
            "create or replace temp table usable as select c.record_key, c.source, c.record_type, c.record_id, "
            "c.identifier_type, c.identifier_value, c.identifier_hash, c.first_at, c.last_at "
            "from intermediate.int_identifiers_carried as c where c.validity = 'ok'"
        )
        contacts = " union all ".join(
            "select r.erasure_request_id, r.requested_at, "
            f"{literal(kind)}, coalesce(k.identifier_hash, split_part(r.{kind}, ':', 3)) "
            "from staging.stg_consent__erasure_requests as r left join known_values as k "
            f"on k.identifier_type = {literal(kind)} and k.raw_value = r.{kind} and k.country is null "
            f"where k.validity = 'ok' or ({raw.is_token(f'r.{kind}')} and r.{kind} like 'erased:ok:%')"
            for kind in raw.CONTACTS
        )
        self.con.execute(
            "create or replace temp table requested as select * from ("
            "select r.erasure_request_id as request_id, r.requested_at, 'user_id' as identifier_type, "
            "sha256(getvariable('tributary_hash_key') || r.user_id) as identifier_hash "
            "from staging.stg_consent__erasure_requests as r where r.user_id is not null "
            f"union all {contacts}) as named "
            "where named.identifier_type <> 'user_id' or exists (select 1 from usable as u where "
            "u.identifier_type = 'user_id' and u.identifier_hash = named.identifier_hash)"
        )

    def _walk(self) -> None:
        con = self.con
        con.execute(
            "create or replace temp table nodes as select row_number() over () - 1 as node, * from ("
            "select identifier_type, identifier_hash from usable union "
            "select identifier_type, identifier_hash from requested)"
        )
        con.execute(
            "create or replace temp table walked as select row_number() over () - 1 as record, record_key, "
            "min(first_at) as first_at from usable group by record_key having count(*) > 1"
        )
        pairs = con.execute(
            "select w.record, n.node from usable as u join walked as w using (record_key) "
            "join nodes as n using (identifier_type, identifier_hash)"
        ).fetchnumpy()
        record, node = (np.asarray(pairs[name], dtype=np.int64) for name in ("record", "node"))
        asked: dict[str, tuple[int, list[int]]] = {}
        for request, time, number in con.execute(
            "select r.request_id, epoch_us(r.requested_at), n.node from requested as r "
            "join nodes as n using (identifier_type, identifier_hash) order by all"
        ).fetchall():
            asked.setdefault(request, (time, []))[1].append(number)
        counts = [con.execute(f"select count(*) from {t}").fetchone() for t in ("walked", "nodes")]
        records, nodes = (c[0] if c else 0 for c in counts)
        near = reach.within_reach(record, node, records, nodes, {n for _, named in asked.values() for n in named})
        began = np.full(records, _UNKNOWN, dtype=np.int64)
        times = con.execute(
            "select record, epoch_us(first_at) as at from walked where first_at is not null"
        ).fetchnumpy()
        began[np.asarray(times["record"], dtype=np.int64)] = np.asarray(times["at"], dtype=np.int64)
        found = reach.reached(
            asked,
            zip(record[near].tolist(), node[near].tolist(), strict=True),
            {int(r): (None if began[r] == _UNKNOWN else int(began[r])) for r in np.unique(record[near])},
            self._limits(),
        )
        con.execute("create or replace temp table found_nodes (node bigint, until bigint, request_id varchar)")
        if found:
            con.executemany("insert into found_nodes values (?, ?, ?)", [(n, t, r) for n, (t, r) in found.items()])
        con.execute(
            "create or replace temp table erased as select n.identifier_type, n.identifier_hash, "
            "make_timestamp(f.until) as erased_until, f.request_id from found_nodes as f join nodes as n using (node)"
        )

    def _limits(self) -> reach.Limits:
        """From how many accounts on an identifier is shared, for the nodes of this walk."""
        limits = {kind: int(limit) for kind, limit in self.identity_limits.items()}
        kinds = ", ".join(literal(kind) for kind in limits) or "null"
        rows = self.con.execute(
            f"select node, identifier_type from nodes where identifier_type in ({kinds})"
        ).fetchall()
        accounts = self.con.execute(
            "select n.node, n.identifier_type, coalesce(g.component_id, u.identifier_value) from nodes as n "
            "join (select distinct identifier_type, identifier_hash, identifier_value from usable "
            "where identifier_type in ('user_id', 'crm_id', 'loyalty_id')) as u "
            "using (identifier_type, identifier_hash) "
            "left join intermediate.int_crm_ids_grouped as g "
            "on u.identifier_type = 'crm_id' and u.identifier_value = g.node_id"
        ).fetchall()
        return reach.Limits(
            of_node={node: limits[kind] for node, kind in rows},
            phones={node for node, kind in rows if kind == "phone"},
            accounts={node: (kind, group) for node, kind, group in accounts},
        )

    def _records(self) -> None:
        con = self.con
        self.was_erased = con.execute("select count(*) from ops.erased_identifiers").fetchone() or (0,)
        unchanged = con.execute(
            "select count(*) from erased as e join ops.erased_identifiers as o "
            "using (identifier_type, identifier_hash) "
            "where o.erased_until >= e.erased_until"
        ).fetchone() or (0,)
        total = con.execute("select count(*) from erased").fetchone() or (0,)
        # A pass that was killed before it cleaned the releases knew them, and must not be taken for done.
        self.has_grown = unchanged[0] < total[0] or state(con, GROWN) is not None
        if self.has_grown:
            write_state(con, GROWN, "yes")
        lost = con.execute(
            "select count(*) from ops.erased_identifiers as o "
            "anti join erased as e using (identifier_type, identifier_hash)"
        ).fetchone() or (0,)
        self.has_shrunk = lost[0] > 0
        con.execute("delete from ops.erased_identifiers; insert into ops.erased_identifiers select * from erased")
        reached = (
            "from usable as u join erased as e using (identifier_type, identifier_hash) "
            "where (u.first_at is null or u.first_at <= e.erased_until)"
        )
        con.execute(
            "delete from ops.erased_records; "
            "insert into ops.erased_records select u.source, u.record_type, u.record_id, "
            f"min(e.request_id) {reached} and u.record_id is not null group by all"
        )
        con.execute(
            "create or replace temp table erased_groups as select u.record_key, max(e.erased_until) as erased_until, "
            f"min(e.request_id) as request_id {reached} and u.record_id is null group by u.record_key"
        )
        con.execute(
            "create or replace temp table event_types as select distinct source, record_type from usable "
            "where record_id is null"
        )
        con.execute(
            "create or replace temp table living as select distinct u.source, u.record_type, u.record_id, "
            "u.identifier_type, u.identifier_hash from usable as u "
            "join erased as e using (identifier_type, identifier_hash) "
            "anti join ops.erased_records as r using (source, record_type, record_id) where u.record_id is not null"
        )
        # Somebody may still go by an identifier that was erased: whoever has a record, or an event, that came later.
        con.execute(
            "create or replace temp table living_identifiers as select distinct u.identifier_type, u.identifier_hash "
            "from usable as u left join ops.erased_records as r using (source, record_type, record_id) "
            "left join erased_groups as g on u.record_key = g.record_key "
            "where case when u.record_id is not null then r.record_id is null "
            "else g.record_key is null or u.last_at > g.erased_until end"
        )
        con.execute(
            "create or replace temp table living_records as select distinct source, record_type, record_id "
            "from intermediate.int_identifiers_carried "
            "anti join ops.erased_records using (source, record_type, record_id) "
            "where record_id is not null"
        )
        con.execute(
            "create or replace temp table erased_values as select k.identifier_type, k.raw_value, k.country, "
            "e.identifier_hash, e.erased_until, e.request_id from known_values as k "
            "join erased as e using (identifier_type, identifier_hash) where k.validity = 'ok'"
        )
        con.execute(
            "create or replace temp table erased_ids as select distinct u.identifier_type, u.identifier_value, "
            "u.identifier_hash, e.erased_until, e.request_id from usable as u "
            "join erased as e using (identifier_type, identifier_hash) where u.identifier_value is not null "
            f"and u.identifier_type not in {raw.CONTACTS}"
        )

    def _rows(self, number: int, contract: TableContract) -> None:
        """Which rows of a raw table are to be erased."""
        con, table = self.con, raw.raw_table(contract)
        source, record = literal(contract.source), literal(contract.record)
        con.execute(
            "create or replace temp table hits as select * from ("
            + " union all ".join(
                [
                    *raw.carried(contract, self.contracts),
                    "select null::bigint, null::varchar, null::timestamp, null::varchar, null::varchar, "
                    "null::timestamp, null::varchar where false",
                ]
            )
            + ") as h(row_id, record_id, happened_at, identifier_type, identifier_hash, erased_until, request_id) "
            "where happened_at is null or happened_at <= erased_until "
            # A later row that is no record, such as a send, names only who is there to be named.
            "or (identifier_type, identifier_hash) not in "
            "(select (identifier_type, identifier_hash) from living_identifiers)"
        )
        is_event = con.execute(
            f"select 1 from event_types where source = {source} and record_type = {record}"
        ).fetchone()
        key = raw.key_of(contract)
        if is_event:
            con.execute(
                f"create or replace temp table grouped as select {key} as record_id, g.request_id, t.rowid as row_id "
                f"from intermediate.int_events_keyed as k join erased_groups as g on k.record_key = g.record_key "
                f"join {table} as t on t._file = k._file and t._line = k._line "
                f"where k.source = {source} and k.record_type = {record} "
                "and (k.occurred_at is null or k.occurred_at <= g.erased_until)"
            )
            rows = (
                "select row_id, request_id from hits union all select row_id, request_id from grouped union all "
                f"select t.rowid, g.request_id from {table} as t join grouped as g on g.record_id = {key}"
            )
        else:
            named = f"r.record_type = {record} and " if contract.record else ""
            ids = f"r.record_id = {key}" if contract.record else f"r.record_id in ({key}, {source} || ':' || {key})"
            rows = (
                f"select t.rowid as row_id, r.request_id from {table} as t join ops.erased_records as r "
                f"on r.source = {source} and {named}{ids} union all "
                # What a living record still holds is its own; what it once held, or what is no record, goes.
                f"select h.row_id, h.request_id from hits as h anti join living as l on l.source = {source} "
                f"and l.record_type = {record} and l.record_id = h.record_id "
                "and l.identifier_type = h.identifier_type and l.identifier_hash = h.identifier_hash union all "
                f"select t.rowid, h.request_id from {table} as t join hits as h on h.record_id = {key} "
                f"anti join living_records as l on l.source = {source} and l.record_type = {record} "
                f"and l.record_id = h.record_id"
            )
        con.execute(f"insert into desired select {number}, row_id, min(request_id) from ({rows}) as d group by row_id")

    def _no_longer(self) -> set[str]:
        """Files with rows that were erased and that no request reaches now."""
        files: set[str] = set()
        for number, contract in enumerate(self.contracts):
            rows = self.con.execute(
                f"select distinct t._file from {raw.raw_table(contract)} as t anti join desired as d "
                f"on d.table_number = {number} and d.row_id = t.rowid where t._erased"
            ).fetchall()
            files.update(r[0] for r in rows)
        if self.has_shrunk:
            # What named whom in a refused row is known no longer, so all of them are read again.
            rows = self.con.execute("select distinct file from ops.quarantine where is_erased").fetchall()
            files.update(r[0] for r in rows)
        return files

    # -- what is taken -----------------------------------------------------------------------------------------

    def take(self) -> Done:
        """Empty what is to be erased, in one transaction; kept releases are written anew before it."""
        con, done = self.con, Done()
        if self.has_grown:
            self._forget_stays()
        con.begin()
        try:
            for number, contract in enumerate(self.contracts):
                for request, count in self._scrub(number, contract).items():
                    done.rows[request] = done.rows.get(request, 0) + count
            self._discover()
            self.searched = self.values.without(self._shared(within=False))
            self.sought_in_bytes = self.searched.without(self._shared(within=True))
            done.searched = self.searched.count
            finder = self._finder()
            done.quarantined = self._empty_quarantine(finder)
            done.masked = self._mask()
            erased = self._erased() if self.has_grown or done.quarantined else None
            done.releases = clean_releases(self.home, erased, finder, self.searched)
            write_state(con, GROWN, None)
            if done.has_taken:
                write_state(con, UNFINISHED, "yes")
            con.commit()
        except BaseException:
            con.rollback()
            raise
        self.request_counts()
        return done

    def _forget_stays(self) -> None:
        """Take whom requests reach out of the tables of history that are kept whole, which name customers by id.

        Kept releases tell the ids, as long as they hold what they must lose: so this comes before they are cleaned, and
        stands whatever ends the pass after it.
        """
        reached = sorted(customers_reached(self.home, self._erased()))
        for table in self.kept:
            columns = text_columns(self.con, self._database(), "history", table.name) if table.is_whole else []
            if reached and "customer_id" in columns:
                self.con.execute(
                    f"delete from history.{quoted(table.name)} where customer_id in (select unnest(?))", [reached]
                )

    def _database(self) -> str:
        row = self.con.execute("select current_database()").fetchone()
        assert row is not None
        return str(row[0])

    def _scrub(self, number: int, contract: TableContract) -> dict[str, int]:
        """Empty the direct identifiers of rows that are to be erased and are not yet; gives their number by request."""
        con, table = self.con, raw.raw_table(contract)
        con.execute(
            "create or replace temp table doomed as select d.row_id, d.request_id from desired as d "
            f"join {table} as t on t.rowid = d.row_id "
            f"where d.table_number = {number} and not coalesce(t._erased, false)"
        )
        counts = dict(con.execute("select request_id, count(*) from doomed group by 1").fetchall())
        if not counts:
            return counts
        self._remember(contract)
        contacts = {c.name for c in raw.columns_of(contract, *raw.CONTACTS)}
        con.execute(f"create or replace temp table emptied as {raw.tokens(contract, self.contracts, 'doomed')}")
        changes = [f"{quoted(name)} = emptied.{quoted(name)}" for name in contacts]
        changes += [f"{quoted(c.name)} = null" for c in contract.columns if c.pii and c.name not in contacts]
        con.execute(
            f"update {table} as t set {', '.join([*changes, '_erased = true'])} from emptied "
            "where t.rowid = emptied.row_id"
        )
        return counts

    def _remember(self, contract: TableContract) -> None:
        """Keep in this process what the doomed rows say of people, to search for it everywhere else."""
        con, table = self.con, raw.raw_table(contract)
        where = "where t.rowid in (select row_id from doomed)"
        rows = raw.reader(contract, self.contracts)
        for column in raw.columns_of(contract, *raw.CONTACTS):
            value, is_phone = f"t.{quoted(column.name)}", column.identifier == "phone"
            country = f" and k.country is not distinct from {rows.country}" if is_phone else ""
            found = con.execute(
                f"select distinct k.raw_value, k.identifier_value from {rows.relation} join known_values as k "
                f"on k.identifier_type = {literal(column.identifier)} and k.raw_value = {value}{country} "
                f"anti join intermediate.int_identifiers_suppressed as s using (identifier_type, identifier_hash) "
                f"{where} and k.validity = 'ok'"
            ).fetchall()
            into = self.values.phones if is_phone else self.values.emails
            into.update(v for pair in found for v in pair)
        names = {kind: [c.name for c in raw.columns_of(contract, kind)] for kind in ("first_name", "last_name")}
        if names["first_name"] and names["last_name"]:
            first, last = (quoted(names[kind][0]) for kind in ("first_name", "last_name"))
            found = con.execute(
                f"select distinct t.{first}, t.{last} from {table} as t {where} "
                f"and t.{first} is not null and t.{last} is not null"
            ).fetchall()
            self.values.names.update((a, b) for a, b in found)
        for kind, put in (
            ("full_name", lambda v: self.values.names.add((v,))),
            ("street", self.values.streets.add),
        ):
            for column in raw.columns_of(contract, kind):
                name = quoted(column.name)
                for (value,) in con.execute(
                    f"select distinct t.{name} from {table} as t {where} and t.{name} is not null"
                ).fetchall():
                    put(value)

    def _discover(self) -> None:
        """Find e-mails of erased people in texts where anybody may have written anything."""
        if not self.con.execute("select 1 from ops.erased_identifiers limit 1").fetchone():
            return
        emails = self._hashes("email")
        for contract in self.contracts:
            columns = raw.free_texts(contract)
            if not columns:
                continue
            cells = " union all ".join(
                f"select {quoted(c)} as text from {raw.raw_table(contract)} "
                f"where contains({quoted(c)}, '@') or contains({quoted(c)}, '%40')"
                for c in columns
            )
            found: set[str] = set()
            cursor = self.con.execute(f"select distinct text from ({cells})")
            while some := cursor.fetchmany(100_000):
                for (text,) in some:
                    found |= addresses_in(text)
            self.values.emails.update(e for e in found if self._hash(e) in emails)

    def _hash(self, value: str) -> str:
        return hashlib.sha256((self.key + value).encode()).hexdigest()

    def _hashes(self, identifier_type: str) -> set[str]:
        rows = self.con.execute(
            "select identifier_hash from ops.erased_identifiers where identifier_type = ?", [identifier_type]
        ).fetchall()
        return {r[0] for r in rows}

    def _shared(self, within: bool) -> dict[str, set[str]]:
        """Which of the values living people have too: they name nobody in particular, or somebody else.

        within: also those that are a part of a living person's: bytes do not tell where a value ends. A name that a
        product or a campaign has is not told from it.
        """
        plain = self.values.plain()
        con = self.con
        con.execute("create or replace temp table sought (kind varchar, value varchar, low varchar)")
        for kind, values in plain.items():
            if values:
                con.executemany(
                    "insert into sought values (?, ?, ?)",
                    [(kind, v, _digits(v).lstrip("0") if kind == "phone" else v.lower()) for v in sorted(values)],
                )
        living: dict[str, list[str]] = {kind: [] for kind in plain}
        for contract in self.contracts:
            table = f"{raw.raw_table(contract)} as t where not coalesce(t._erased, false)"
            for kind, identifier in (
                ("email", "email"),
                ("phone", "phone"),
                ("street", "street"),
                ("name", "full_name"),
            ):
                # An address may spell a name out.
                for column in raw.columns_of(contract, identifier, *(("email",) if kind == "name" else ())):
                    living[kind].append(f"select distinct lower(t.{quoted(column.name)}) as low from {table}")
            names = [raw.columns_of(contract, kind) for kind in ("first_name", "last_name")]
            if all(names):
                first, last = (f"trim(t.{quoted(columns[0].name)})" for columns in names)
                living["name"].append(f"select distinct lower({first} || ' ' || {last}) as low from {table}")
        shared: dict[str, set[str]] = {}
        catalogue = [
            f"select distinct lower(t.{quoted(column)}) as low from {raw.raw_table(contract)} as t"
            for contract in self.contracts
            if not raw.holds_people(contract)
            for column in raw.free_texts(contract)
        ]
        for kind, parts in living.items():
            if not parts or not plain[kind]:
                continue
            # One number is spelled with and without its calling code.
            test = "contains(l.low, s.low)" if within or kind == "phone" else "trim(l.low) = s.low"
            low = "regexp_replace(low, '[^0-9]', '', 'g')" if kind == "phone" else "low"
            rows = con.execute(
                f"select distinct s.value from sought as s join (select distinct {low} as low from ("
                f"{' union all '.join(parts)})) as l on {test} where s.kind = ?",
                [kind],
            ).fetchall()
            shared[kind] = {r[0] for r in rows}
        if plain["name"] and catalogue:
            rows = con.execute(
                f"select distinct s.value from sought as s join ({' union '.join(catalogue)}) as l "
                "on contains(l.low, s.low) where s.kind = 'name'"
            ).fetchall()
            shared["name"] = shared.get("name", set()) | {r[0] for r in rows}
        return shared

    def _finder(self) -> Finder:
        ids: dict[tuple[str, str], set[str]] = {}
        for contract in self.contracts:
            if contract.record:
                rows = self.con.execute(
                    "select record_id from ops.erased_records where source = ? and record_type = ?",
                    [contract.source, contract.record],
                ).fetchall()
                if rows:
                    ids[contract.source, contract.table] = {r[0] for r in rows}
        codes = self.con.execute(
            "select distinct c.calling_code from seeds.countries as c where c.country_code in ("
            "select country from known_values where country is not null) or c.calling_code = '1' "
            "or c.country_code in (select n.country_code from seeds.country_names as n join known_values as k "
            "on lower(n.country_name) = lower(k.country))"
        ).fetchall()
        return Finder(self.values, self._hashes("email"), self._hashes("phone"), ids, (c for (c,) in codes), self.key)

    def _empty_quarantine(self, finder: Finder) -> int:
        rows = self.con.execute(
            "select rowid, source, table_name, raw_text from ops.quarantine where raw_text is not null"
        ).fetchall()
        named = [rowid for rowid, source, table, text in rows if finder.names_one(source, table, text)]
        if named:
            self.con.execute(
                "update ops.quarantine set raw_text = null, is_erased = true where rowid in (select unnest(?))", [named]
            )
        return len(named)

    def _erased(self) -> Erased:
        identifiers = "select identifier_type, identifier_hash, erased_until from ops.erased_identifiers"
        quarantined = "select file, line from ops.quarantine where is_erased"
        return Erased(self.con.execute(identifiers).fetchall(), self.con.execute(quarantined).fetchall())

    def _mask(self) -> int:
        """Put a mask in the place of values in free texts of raw and in what the refresh keeps beside it."""
        patterns = list(self.searched.patterns())
        # In a row that is erased itself it is known whose a value is, whoever else has it.
        own = list(self.values.patterns())
        if not own:
            return 0
        con, masked = self.con, 0
        free = {f"raw_{c.source}.{c.table}": raw.free_texts(c) for c in self.contracts}
        database = self._database()
        for schema, table in tables_of(con, database):
            columns = free.get(f"{schema}.{table}")
            if columns is None and schema in ("ops", "computed", "history"):
                columns = [c for c in text_columns(con, database, schema, table) if c not in FILE_NAMES]
            if columns:
                relation = f"{quoted(schema)}.{quoted(table)}"
                masked += mask_texts(con, relation, columns, patterns)
                if f"{schema}.{table}" in free:
                    masked += mask_texts(con, relation, columns, own, "_erased")
        return masked

    # -- the proof -----------------------------------------------------------------------------------------------

    def prove(self, searched: int) -> dict[str, int]:
        """Where any of the searched values is still found: in a column of a database, or in the bytes of a file."""
        found: dict[str, int] = {}
        if not searched:
            return found
        patterns = list(self.searched.patterns())
        files = [self.home.warehouse]
        files += [p for release in kept_releases(self.home) for p in sorted(release.glob("*.duckdb"))]
        for path in files:
            con = duckdb.connect()
            try:
                con.execute(f"attach {literal(str(path))} as searched (read_only)")
                place = path.relative_to(self.home.root).as_posix()
                for column, count in where_found(con, "searched", patterns).items():
                    found[f"{place}: {column}"] = count
            finally:
                con.close()
        texts, numbers = self.sought_in_bytes.bytes()
        for file, count in files_that_hold(self.home.root, texts, numbers).items():
            found.setdefault(file, count)
        return found

    def request_counts(self) -> None:
        """Keep what the history of erasures says of each request: its time, and the records that it reaches."""
        self.requests = self.con.execute(
            "select r.erasure_request_id, r.requested_at, count(e.record_id) "
            "from staging.stg_consent__erasure_requests as r "
            "left join ops.erased_records as e on e.request_id = r.erasure_request_id group by all order by all"
        ).fetchall()

    def write_down(self, con: duckdb.DuckDBPyConnection, run_id: str, done: Done, found: int) -> None:
        """Add to the history of erasures: requests that are new, and those for which something was taken."""
        known = {r[0] for r in con.execute("select distinct request_id from ops.erasures").fetchall()}
        now = datetime.now(UTC).replace(tzinfo=None)
        first = True
        for request, requested_at, records in self.requests:
            rows = done.rows.get(request, 0)
            if request in known and not rows:
                continue
            con.execute("delete from ops.erasures where run_id = ? and request_id = ?", [run_id, request])
            con.execute(
                "insert into ops.erasures values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(run_id, request, requested_at, now, records, rows),
                    *(done.quarantined if first else 0, len(done.releases), done.searched, found),
                ],
            )
            first = False


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")
