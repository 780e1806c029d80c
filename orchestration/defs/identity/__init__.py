"""Assets of the identity step between two builds of dbt."""
