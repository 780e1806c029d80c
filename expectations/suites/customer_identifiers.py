"""Which identifiers are one customer, and why."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder, as_text
from expectations.settings import Settings
from expectations.suites.shared import HASH_FIX, HASH_WHY
from expectations.suites.vocabulary import HASH

MATCH_TYPES = ("deterministic", "probabilistic", "steward")


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="customer_identifiers",
        relation="marts.customer_identifiers",
        owner="privacy",
        key=("identifier_type", "identifier_hash"),
        grain="identifier",
        model="dbt_project/models/marts/customers/customer_identifiers.sql",
    )
    rules.unique_key("An identifier of two customers would join everything of both, whichever way it is read.")
    rules.filled(
        "customer_id",
        "identifier_type",
        "identifier_hash",
        "source",
        "match_type",
        why="The table says who is who and why; a null leaves an identifier unexplained.",
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="An identifier of a customer whom no table knows is one that an erasure left behind.",
        fix="Both tables read int_identifiers_resolved: look for a filter that only one of them has.",
    )
    rules.shaped(
        "identifier_hash",
        HASH,
        shape="64 hex digits",
        why=HASH_WHY,
        fix=HASH_FIX,
    )
    rules.shaped(
        "identifier_type",
        "[a-z][a-z0-9_]*",
        shape="a name in snake case",
        why="Types are names of systems, never values: anything else is a column in the wrong place.",
        fix="Look at the list of types in the identity models.",
    )
    rules.one_of(
        "match_type",
        MATCH_TYPES,
        why="A steward has to know whether a rule, a model or a person joined two identifiers.",
        fix="Look at match_type in int_identifiers_resolved.",
    )
    rules.between(
        "match_probability",
        "0",
        "1",
        why="It is a probability.",
        fix="Look at match_probability in int_identifiers_resolved.",
    )
    rules.never(
        "seen_in_order",
        "t.first_seen_at > t.last_seen_at",
        observed="t.first_seen_at || ' / ' || t.last_seen_at",
        expectation="first_seen_at is not after last_seen_at",
        why="The earliest identifier gives the customer its id.",
        fix="Both must be taken over the same records of the identifier.",
        column="first_seen_at",
    )
    rules.never(
        "seen_by_the_cutoff",
        f"t.first_seen_at >= {settings.cutoff}",
        observed="t.first_seen_at",
        expectation="first_seen_at is before the end of the as-of date",
        why="An identifier of tomorrow can give a customer another id today.",
        fix="A staging model lets a later record through: look for the visibility filter of its source.",
        column="first_seen_at",
    )
    _people_are_people(rules, settings)
    return rules.build()


def _people_are_people(rules: SuiteBuilder, settings: Settings) -> None:
    """What shows that several people became one customer."""
    conflicts = (
        "select f.customer_id || ' | ' || f.conflict as row_key, cast(f.pair_count as varchar) || ' pairs' as "
        "observed_value from intermediate.int_identity_conflicts_found as f where f.joined_by = '{}'"
    )
    rules.rows(
        "no_probability_outweighs_evidence",
        conflicts.format("probabilistic"),
        expectation="no probability joins birth dates far apart, or two active accounts with e-mails of their own",
        why="Strong evidence says that these are two people, whatever else is alike.",
        fix=(
            "Look at the customer with `tributary explain ID`, and keep the two apart with a do_not_link in "
            "steward_links.csv; then mend what lib/linking lets pass."
        ),
        column="match_type",
    )
    rules.rows(
        "records_agree_on_birth_dates",
        conflicts.format("deterministic"),
        expectation="records that share identifiers give one customer no birth dates far apart",
        why="A family on one phone or a wrong e-mail in one record makes two people one customer.",
        fix="Look at the customer with `tributary explain ID`; where it is two people, write a do_not_link.",
        column="match_type",
        severity=Severity.WARNING,
    )
    rules.rows(
        "customers_are_of_plausible_size",
        "select t.customer_id as row_key, cast(count(*) as varchar) || ' identifiers' as observed_value "
        f"from {{batch}} as t group by t.customer_id having count(*) > {settings.identity_cluster_limit}",
        expectation=f"no customer has more than {settings.identity_cluster_limit} identifiers",
        why="A person has a handful; dozens are mostly an address, phone or device that strangers share.",
        fix=(
            "Look at the customer with `tributary explain ID` for the identifier that holds it together; where it is "
            "shared, block it in vars.identity_blocked_patterns, or write a do_not_link."
        ),
        column="customer_id",
        severity=Severity.WARNING,
    )
    rules.rows(
        "no_bridge_holds_two_halves",
        "select i.identifier_type || ' | ' || i.identifier_hash as row_key, "
        "'customer ' || i.customer_id || ': ' || cast(b.record_count as varchar) || ' records hold ' || "
        "cast(b.side_size as varchar) || ' identifiers to ' || cast(b.rest_size as varchar) as observed_value "
        "from computed.identity_bridges as b "
        "join intermediate.int_identifiers_resolved as i on i.node_id = b.node_id",
        expectation="no identifier alone holds two halves with accounts of their own together, by few records",
        why="One mistyped phone in one order is enough to make two customers one.",
        fix=(
            "Look at both halves with `tributary explain ID`. Two people: a do_not_link between their accounts. One "
            "person: a force_link between them, and the bridge is no longer listed."
        ),
        column="identifier_hash",
        severity=Severity.WARNING,
    )
    rules.rows(
        "stewards_decisions_hold",
        "select 'decision ' || cast(r.rule_number as varchar) as row_key, "
        f"{as_text('r.rule')} || ' by ' || {as_text('r.author')} || ': ' || r.status as observed_value "
        "from computed.steward_rules as r where r.status <> 'in_effect'",
        expectation="every line of steward_links.csv is in effect",
        why="Whoever decided it believes that it holds.",
        fix=(
            "outranked: a newer decision says otherwise, so delete the line. unknown_identifier: copy type and hash "
            "from customer_identifiers. Otherwise the line says what its status names."
        ),
        severity=Severity.WARNING,
        population="select count(*) from computed.steward_rules",
        unit="decisions",
    )
