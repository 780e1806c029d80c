"""The Dagster code location: when things run, and in what order. What they compute is in dbt_project and lib."""
