"""The asset of the attribution step between two builds of dbt."""
