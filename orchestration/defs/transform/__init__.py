"""The dbt project as assets. No set-based logic is here: it is in dbt_project."""
