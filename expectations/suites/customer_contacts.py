"""How to reach a customer: restricted."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="restricted.customer_contacts",
        relation="restricted.customer_contacts",
        owner="privacy",
        key=("customer_id",),
        grain="customer",
        model="dbt_project/models/marts/restricted/customer_contacts.sql",
        pii_columns=frozenset({"email", "phone", "first_name", "last_name", "postcode", "date_of_birth"}),
    )
    rules.unique_key()
    rules.filled("customer_id", why="A contact without a customer cannot be erased, and has no consent.")
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="A contact whose customer is gone is one that was erased, or never resolved.",
        fix="customer_contacts.sql must select the customers of customers.sql, and no other.",
    )
    rules.rows(
        "every_customer_is_there",
        "select c.customer_id as row_key, 'no row' as observed_value from marts.customers as c "
        "where not exists (select 1 from {batch} as t where t.customer_id = c.customer_id)",
        expectation="every customer has a row",
        why="An activation joins customers with their contacts; a missing row silently shrinks the audience.",
        fix="customer_contacts.sql must select the customers of customers.sql, and no other.",
        column="customer_id",
        population="select count(*) from marts.customers as counted",
        unit="customers",
    )
    rules.shaped(
        "email",
        r"[^@\s]+@[^@\s]+\.[^@\s]+",
        shape="an e-mail address, trimmed",
        why="An address that is none bounces, and cannot be matched with an audience.",
        fix="customer_contacts.sql must take the normalised value, not that of the source.",
    )
    rules.never(
        "email_is_lower_case",
        "t.email <> lower(t.email)",
        observed="t.email",
        expectation="email is in lower case",
        why="Audiences are matched by the hash of the lower-case address.",
        fix="customer_contacts.sql must take the normalised value, not that of the source.",
        column="email",
    )
    rules.shaped(
        "phone",
        r"\+[0-9]{8,15}",
        shape="a phone number in E.164",
        why="A number without its country cannot be dialled, nor matched with an audience.",
        fix="customer_contacts.sql must take the normalised value, not that of the source.",
    )
    rules.never(
        "date_of_birth_is_past",
        f"t.date_of_birth > {settings.day}",
        observed="t.date_of_birth",
        expectation="date_of_birth is not after the as-of date",
        why="Nobody is born tomorrow: two-digit years and swapped parts end there.",
        fix="Correct the date in the source.",
        column="date_of_birth",
        severity=Severity.WARNING,
    )
    return rules.build()
