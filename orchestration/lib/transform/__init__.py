"""Running dbt in this process, and what its manifest says about the project. No SQL of models is here."""
