"""Pure functions, a package a stage: no Dagster, nothing that decides when or in what order."""
