"""From the landing folder to raw: contracts, files, reading, quarantine, ledger. Nothing here knows dbt models."""
