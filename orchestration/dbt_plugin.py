"""dbt-duckdb plugin: gives every cursor the session variables that SQL may read but that no file may hold."""

import os
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    def configure_cursor(self, cursor: Any) -> None:
        cursor.execute("set variable tributary_hash_key = ?", [os.environ.get("TRIBUTARY_HASH_KEY", "")])
