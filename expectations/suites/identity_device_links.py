"""Devices that never signed in, and the customer to whom their surroundings point."""

from __future__ import annotations

from expectations.rules import Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import HASH_FIX, HASH_WHY, ID_FIX, ID_WHY
from expectations.suites.vocabulary import CUSTOMER_ID, HASH


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="identity_device_links",
        relation="marts.identity_device_links",
        owner="privacy",
        key=("anonymous_id_hash",),
        grain="device",
        model="dbt_project/models/marts/customers/identity_device_links.sql",
    )
    rules.unique_key(
        why="A device is linked to its best candidate alone: a second row gives its behaviour to two people."
    )
    rules.filled(
        "anonymous_id_hash",
        "customer_id",
        "match_probability",
        "evidence",
        why="A link that cannot be found, weighed or explained cannot be questioned.",
    )
    rules.shaped("anonymous_id_hash", HASH, shape="64 hex digits", why=HASH_WHY, fix=HASH_FIX)
    rules.shaped("customer_id", CUSTOMER_ID, shape="32 hex digits", why=ID_WHY, fix=ID_FIX)
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="Behaviour that is given to nobody who exists is lost.",
        fix="Look at where int_device_links_compared.sql takes its customers from.",
    )
    rules.between(
        "match_probability",
        "0",
        "1",
        why="It is a probability; a threshold on anything else means nothing.",
        fix="Look at the division in int_devices_linked.sql.",
    )
    rules.rows(
        "linked_device_is_no_identifier",
        "select t.anonymous_id_hash as row_key, i.customer_id as observed_value from {batch} as t "
        "join marts.customer_identifiers as i "
        "on i.identifier_type = 'anonymous_id' and i.identifier_hash = t.anonymous_id_hash",
        expectation="a linked device is no customer's identifier",
        why="A guess may attribute behaviour, but it never moves a direct identifier.",
        fix="int_device_links_compared.sql must compare devices of status anonymous alone.",
        column="anonymous_id_hash",
    )
    return rules.build()
