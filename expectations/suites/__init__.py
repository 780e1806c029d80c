"""The suites: one function a table. What arrives is generated from contracts, what leaves is listed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from expectations.rules import Rule, Suite
from expectations.settings import Settings
from expectations.suites import (
    ad_spend_daily,
    attribution_by_campaign,
    attribution_by_channel,
    attribution_by_segment,
    attribution_credits,
    attribution_data_map,
    attribution_model_agreement,
    attribution_reconciliation,
    audience_map,
    channel_effects,
    channel_unassigned,
    cohort_retention,
    conversion_paths,
    conversions,
    customer_contacts,
    customer_features,
    customer_identifiers,
    customer_redirects,
    customer_rfm,
    customer_triggers,
    customers,
    data_map,
    erasures,
    funnel_stages,
    identity_changes,
    identity_device_links,
    identity_health,
    identity_review,
    identity_suppressed,
    load_ledger,
    money_reconciliation,
    order_lines,
    orders,
    quality_results,
    quarantine,
    quarantine_summary,
    refreshes,
    refunds,
    segment_membership,
    segment_membership_history,
    segment_overlap,
    segment_performance,
    segment_scorecard,
    segment_transitions,
    segments,
    sessions,
    touchpoints,
)
from expectations.suites.arrivals import Contract, ledger, source_table
from expectations.suites.privacy import identifiers_in_clear

__all__ = ["LEAVING", "Contract", "PublishedTable", "arriving_suites", "leaving_suites"]


class PublishedColumn(Protocol):
    """A column of a published table; any object with these attributes will do."""

    @property
    def name(self) -> str: ...
    @property
    def pii(self) -> bool: ...


class PublishedTable(Protocol):
    """A published table: where it is, whose it is, which columns identify a person. Any such object will do."""

    @property
    def schema(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str | None: ...
    @property
    def columns(self) -> Sequence[PublishedColumn]: ...


@dataclass(frozen=True)
class _Known:
    """A published table of which nothing is said beyond its suite."""

    schema: str
    name: str
    owner: str | None = None
    columns: tuple[PublishedColumn, ...] = ()


# Every published table with rules of its own, in the order in which a reader would ask.
LEAVING: dict[str, Callable[[Settings], Suite]] = {
    "marts.customers": customers.suite,
    "restricted.customer_contacts": customer_contacts.suite,
    "marts.customer_identifiers": customer_identifiers.suite,
    "marts.customer_redirects": customer_redirects.suite,
    "marts.identity_suppressed": identity_suppressed.suite,
    "marts.identity_review": identity_review.suite,
    "marts.identity_device_links": identity_device_links.suite,
    "marts.identity_changes": identity_changes.suite,
    "marts.identity_health": identity_health.suite,
    "marts.orders": orders.suite,
    "marts.order_lines": order_lines.suite,
    "marts.refunds": refunds.suite,
    "marts.money_reconciliation": money_reconciliation.suite,
    "marts.cohort_retention": cohort_retention.suite,
    "marts.ad_spend_daily": ad_spend_daily.suite,
    "marts.sessions": sessions.suite,
    "marts.touchpoints": touchpoints.suite,
    "marts.conversions": conversions.suite,
    "marts.conversion_paths": conversion_paths.suite,
    "marts.channel_effects": channel_effects.suite,
    "marts.attribution_credits": attribution_credits.suite,
    "marts.attribution_by_channel": attribution_by_channel.suite,
    "marts.attribution_by_campaign": attribution_by_campaign.suite,
    "marts.attribution_by_segment": attribution_by_segment.suite,
    "marts.attribution_reconciliation": attribution_reconciliation.suite,
    "marts.attribution_model_agreement": attribution_model_agreement.suite,
    "marts.attribution_data_map": attribution_data_map.suite,
    "marts.channel_unassigned": channel_unassigned.suite,
    "marts.customer_rfm": customer_rfm.suite,
    "marts.customer_features": customer_features.suite,
    "marts.segments": segments.suite,
    "marts.segment_membership": segment_membership.suite,
    "marts.segment_membership_history": segment_membership_history.suite,
    "marts.segment_performance": segment_performance.suite,
    "marts.segment_transitions": segment_transitions.suite,
    "marts.segment_overlap": segment_overlap.suite,
    "marts.segment_scorecard": segment_scorecard.suite,
    "marts.audience_map": audience_map.suite,
    "marts.customer_triggers": customer_triggers.suite,
    "marts.funnel_stages": funnel_stages.suite,
    "marts.load_ledger": load_ledger.suite,
    "marts.quarantine_summary": quarantine_summary.suite,
    "restricted.quarantine": quarantine.suite,
    "marts.refreshes": refreshes.suite,
    "marts.erasures": erasures.suite,
    "marts.quality_results": quality_results.suite,
    "marts.data_map": data_map.suite,
}


def _tables_of(rule: Rule) -> set[str]:
    """The published tables that a rule's query names beside its own."""
    return set(re.findall(r"\b(?:marts|restricted)\.\w+", rule.failing_rows + rule.population))


def arriving_suites(contracts: Iterable[Contract], settings: Settings) -> list[Suite]:
    """What arrives: the ledger, then one suite a contract."""
    return [ledger(settings), *(source_table(contract, settings) for contract in contracts)]


def leaving_suites(
    published: Sequence[PublishedTable] | None,
    text_columns: Mapping[str, Sequence[str]],
    settings: Settings,
    segment_owners: Mapping[str, str],
) -> list[Suite]:
    """What leaves: the suite of every published table, and the search of its text for direct identifiers.

    `text_columns` are the warehouse's, by `schema.table`; `segment_owners` those of its segments, who are warned of
    theirs. Tables without a suite come last, in their order. A rule that compares with a table that is not published
    is left out: there is nothing to compare with.
    """
    if published is None:
        published = [_Known(schema, name) for schema, name in (key.split(".") for key in LEAVING)]
    tables = {f"{table.schema}.{table.name}": table for table in published}
    order = [relation for relation in LEAVING if relation in tables]
    order += [relation for relation in tables if relation not in LEAVING]
    suites = []
    for relation in order:
        table = tables[relation]
        build = LEAVING.get(relation)
        name = table.name if table.schema == "marts" else relation
        columns = text_columns.get(relation, ())
        # Of a table that nobody wrote rules for the key is unknown: its first text column stands for it.
        suite = build(settings) if build else Suite(f"published.{name}", name, relation, tuple(columns[:1]), ())
        if table.owner:
            suite = suite.owned_by(table.owner)
        owner = table.owner or (suite.rules[0].owner if suite.rules else "data_platform")
        suite = _comparable(suite, tables.keys())
        pii = {column.name for column in table.columns if column.pii}
        suite = replace(suite, rules=tuple(replace(rule, pii=rule.pii or rule.column in pii) for rule in suite.rules))
        if table.schema != "restricted":
            suite = identifiers_in_clear(suite, columns, owner)
        suites.append(suite)
        if relation == "marts.segments":
            suites.append(_comparable(segments.owners_suite(settings, segment_owners), tables.keys()))
    return [suite for suite in suites if suite.rules]


def _comparable(suite: Suite, published: Collection[str]) -> Suite:
    return replace(suite, rules=tuple(rule for rule in suite.rules if _tables_of(rule) <= set(published)))
