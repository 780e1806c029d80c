"""What the command line imports on its way, loaded once for all calls of the tests."""

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import dagster  # noqa: F401
import dagster_dbt  # noqa: F401
import great_expectations  # noqa: F401
from dbt.cli.main import dbtRunner  # noqa: F401
