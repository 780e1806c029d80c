"""Whether what landed is enough for a refresh."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from .files import scan

# The tables without which there is neither a customer nor an order.
NEEDED = (("shopify", "customer"), ("shopify", "order"))
_WHAT_TO_DO = (
    "Put the exports at <landing>/shopify/customer/dt=YYYY-MM-DD/ and <landing>/shopify/order/dt=YYYY-MM-DD/ (or a "
    "source of your own that fills orders), or give the right folder with --landing. `tributary demo --out DIR` "
    "writes a world to try."
)


def is_enough(landed: set[tuple[str, str]], own_sources: dict[str, Any]) -> bool:
    """Whether these tables, by (source, table), fill customers and orders.

    own_sources: the var; a source of one's own that fills orders is enough by itself.
    """
    if set(NEEDED) <= landed:
        return True
    return any("orders" in own_sources.get(source, ()) for source, _ in landed)


def missing_input(con: duckdb.DuckDBPyConnection, own_sources: dict[str, Any], as_of: date) -> str | None:
    """Why a refresh for `as_of` has nothing to work on, in words for the user, or None where it has.

    Enough is a readable file of each needed table, or one of a source of one's own that fills orders.
    """
    landed = {
        (source, table)
        for source, table in con.execute(
            "select distinct source, table_name from ops.load_ledger "
            "where status in ('loaded', 'empty') and (export_date is null or export_date <= ?)",
            [as_of],
        ).fetchall()
    }
    if is_enough(landed, own_sources):
        return None
    missing = [f"{source}/{table}" for source, table in NEEDED if (source, table) not in landed]
    return f"No usable input: nothing that loads has landed for {' and '.join(missing)} up to {as_of}. {_WHAT_TO_DO}"


def no_file_at_all(landing: Path, known: set[tuple[str, str]]) -> str | None:
    """Why the landing folder holds nothing to look at, in words for the user, or None where it does."""
    if not landing.is_dir():
        return f"No usable input: the landing folder {landing} does not exist. {_WHAT_TO_DO}"
    if not any(not f.status for f in scan(landing, known)):
        return f"No usable input: the landing folder {landing} holds no file of a known table. {_WHAT_TO_DO}"
    return None
