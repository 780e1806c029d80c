"""The recipe of CONTRIBUTING.md, done as it stands there: lines in three seeds, and what they move."""

from __future__ import annotations

import re
import textwrap
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.transform.edited_seeds import check_edited_seeds
from tests.support.compiled_project import ROOT, CompiledProject, refresh_vars

D = date(2024, 6, 30)
PODCAST = 'Podcast "Kaffee > Tee" ☕'
BALLOON = 'a > b "x" 🎈'
MODELS = ["channel_unassigned", "attribution_by_channel", "attribution_by_campaign"]
TESTS = [
    "assert_channel_unassigned_loses_nothing",
    "assert_every_session_has_a_known_channel",
    "assert_ad_spend_has_one_row_a_day_and_campaign",
]


def recipe() -> tuple[str, dict[str, str]]:
    """The query, and the lines of each seed."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("\n## Name a channel, an alias, an own domain\n")[2].partition("\n## ")[0]
    (query,) = re.findall(r"^ *```sql\n(.*?)^ *```", section, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"`dbt_project/seeds/(\w+)\.csv`.*?```csv\n(.*?)^ *```", section, flags=re.MULTILINE | re.DOTALL)
    # The warehouse stands in for the release that the first statement attaches.
    attached, _, query = query.partition(";")
    assert attached.split()[0] == "attach"
    return query.replace("tributary.marts.", "marts."), {seed: textwrap.dedent(lines) for seed, lines in found}


def visit(day: int, source: str | None = None, medium: str | None = None, name: str | None = None, **more: Any) -> dict:
    return {
        "id": f"e{day}",
        "anonymous_id": "d1",
        "timestamp": datetime(2024, 6, day, 10),
        "url": "https://shop.example/",
        "context_campaign_source": source,
        "context_campaign_medium": medium,
        "context_campaign_name": name,
    } | more


def cost(campaign: str, cents: int) -> dict:
    return {
        "id": campaign,
        "date": date(2024, 6, 2),
        "device": "MOBILE",
        "ad_network_type": "SEARCH",
        "customer_id": "a",
        "cost_micros": cents * 10_000,
        "currency_code": "USD",
    }


def named(campaign: str, name: str, kind: str) -> dict:
    at = datetime(2024, 1, 1)
    return {"id": campaign, "updated_at": at, "customer_id": "a", "name": name, "advertising_channel_type": kind}


WORLD: dict[tuple[str, str], list[dict]] = {
    ("segment", "identifies"): [
        {
            "id": "i1",
            "anonymous_id": "d1",
            "user_id": "u1",
            "email": "jo@example.org",
            "timestamp": datetime(2024, 6, 1),
        }
    ],
    ("segment", "pages"): [
        visit(2, "flyer", "qr", "Sale24"),
        visit(3, referrer="https://www.podcast.example/notes"),
        visit(4, "partner", "insert", "nobody's"),
        visit(5, "google", "paid", "7001"),
        visit(6, referrer="https://eu.pay.example.net/done"),
        visit(7, "news", "email", "Sping-Sale"),
        visit(8, "google", "cpc", "spring sale"),
    ],
    ("shopify", "order"): [
        {
            "id": "o1",
            "email": "jo@example.org",
            "created_at": datetime(2024, 6, 20),
            "currency": "USD",
            "total_price": 70.0,
        }
    ],
    ("klaviyo", "person"): [{"id": "k1", "email": "jo@example.org", "updated": datetime(2024, 6, 1)}],
    ("klaviyo", "metric"): [{"id": "m1", "name": "Clicked Email"}],
    ("klaviyo", "campaign"): [{"id": "c1", "name": "Spring Sale"}],
    ("klaviyo", "event"): [
        {
            "id": "e1",
            "person_id": "k1",
            "metric_id": "m1",
            "campaign_id": "c1",
            "datetime": datetime(2024, 6, 9),
        }
    ],
    ("google_ads", "campaign_history"): [
        named("7001", "Hotel test", "HOTEL"),
        named("7002", "Spring Sale", "SEARCH"),
        named("7003", "Sale24", "SEARCH"),
    ],
    ("google_ads", "campaign_stats"): [cost("7001", 1000), cost("7002", 500), cost("7003", 250)],
}
SEEDS = {
    "own_domains": "domain,note",
    "channel_overrides": "source,medium,campaign,channel,note",
    "campaign_aliases": "alias,campaign,note",
}
# What identity and segments say of the one customer.
GIVEN = {
    "int_devices_resolved": "select 'd1' as anonymous_id, 'resolved' as status, 'jo' as customer_id",
    "int_devices_linked": "select '' as anonymous_id, '' as customer_id where false",
    "int_identifiers_resolved": (
        "select 'user_id' as identifier_type, 'u1' as identifier_value, 'jo' as customer_id, true as is_issuable"
    ),
    "int_records_resolved": (
        "select source, record_type, record_id, 'jo' as customer_id from (values "
        "('shopify', 'orders', 'o1'), ('klaviyo', 'people', 'k1')) as t (source, record_type, record_id)"
    ),
    "int_primary_segments_held": (
        "select cast(null as varchar) as customer_id, cast(null as varchar) as segment, "
        "cast(null as date) as valid_from, cast(null as date) as valid_to where false"
    ),
    "customer_redirects": "select '' as retired_customer_id, '' as customer_id where false",
}


class Named:
    """The figures of the world where the seeds hold some lines."""

    def __init__(self, compiled: CompiledProject, folder: Path, lines: dict[str, str]) -> None:
        given = dict(GIVEN)
        (folder / "seeds").mkdir()
        for seed, header in SEEDS.items():
            file = folder / "seeds" / f"{seed}.csv"
            file.write_text(f"{header}\n{lines.get(seed, '')}", encoding="utf-8")
            given[seed] = f"select * from read_csv('{file}', header = true, all_varchar = true, quote = '\"')"
        check_edited_seeds(folder)
        self.con = compiled.build(WORLD, given)
        for test in TESTS:
            assert compiled.failures(self.con, test) == []

    def rows(self, query: str) -> list[tuple]:
        return self.con.execute(query).fetchall()

    def channels(self, table: str = "sessions", at: str = "started_at") -> list[str]:
        """The channel of each session or touchpoint, in order."""
        return [row[0] for row in self.rows(f"select channel from marts.{table} order by {at}")]

    def spend(self) -> dict[str, tuple[str, str]]:
        rows = self.rows("select campaign_id, channel, reported_campaign from marts.ad_spend_daily")
        return {campaign: (channel, reported) for campaign, channel, reported in rows}

    def unassigned(self) -> list[tuple]:
        return self.rows(recipe()[0])

    def credited(self, model: str, by: str) -> dict[str | None, tuple[float, Decimal]]:
        """Conversions and spend by channel or campaign, where there is either."""
        rows = self.rows(
            f"select {by}, round(sum(conversions), 6), sum(spend) from marts.attribution_by_{by} "
            f"where model = '{model}' group by 1 having sum(conversions) > 0 or sum(spend) > 0"
        )
        return {name: (conversions, spend) for name, conversions, spend in rows}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    variables = refresh_vars(D, own_sources={})
    return CompiledProject(MODELS, tmp_path_factory.mktemp("compiled"), variables, tests=TESTS)


BEFORE = ["Unassigned", "Referral", "Unassigned", "Paid Search", "Referral", "Email", "Paid Search"]


def test_the_recipe_names_what_nobody_named(compiled: CompiledProject, tmp_path: Path) -> None:
    day = date(2024, 6, 2)
    (tmp_path / "before").mkdir()
    before = Named(compiled, tmp_path / "before", {})
    assert before.channels() == BEFORE
    assert before.unassigned() == [
        ("ad_campaign", "google_ads", "HOTEL", "Hotel test", 1, 1, Decimal("10.00"), day),
        ("session", "flyer", "qr", "Sale24", 1, 1, None, day),
        ("session", "partner", "insert", "nobody's", 1, 1, None, date(2024, 6, 4)),
    ]
    assert before.spend() == {
        "7001": ("Paid Other", "hotel test"),
        "7002": ("Paid Search", "spring sale"),
        "7003": ("Paid Search", "sale24"),
    }

    lines = recipe()[1]
    assert set(lines) == set(SEEDS)
    (tmp_path / "after").mkdir()
    after = Named(compiled, tmp_path / "after", lines)
    assert after.channels() == ["Print", PODCAST, "Unassigned", "Display", "Direct", "Email", "Paid Search"]
    assert after.channels("touchpoints", "touched_at") == [*after.channels(), "Email"]
    assert after.unassigned() == [("session", "partner", "insert", "nobody's", 1, 1, None, date(2024, 6, 4))]
    assert after.spend() == {
        "7001": ("Display", "hotel test"),
        "7002": ("Paid Search", "spring sale"),
        "7003": ("Paid Search", "spring sale"),
    }
    # Eight touches share one order; what was spent on two campaigns that mean one is joined once.
    assert after.credited("linear", "campaign") == {
        None: (0.25, Decimal(0)),
        "spring sale": (0.5, Decimal("7.50")),
        "hotel test": (0.125, Decimal("10.00")),
        "nobody's": (0.125, Decimal(0)),
    }
    assert after.credited("first_touch", "channel") == {
        "Print": (1.0, Decimal(0)),
        "Paid Search": (0.0, Decimal("7.50")),
        "Display": (0.0, Decimal("10.00")),
    }


def test_a_channel_may_have_any_name(compiled: CompiledProject, tmp_path: Path) -> None:
    line = '"a > b ""x"" 🎈"'
    named = Named(
        compiled,
        tmp_path,
        {
            "channel_overrides": f",,spring sale,{line},\nflyer,,,{line},\n,,nobody's,paid SOCIAL,\n",
            "campaign_aliases": "sping-sale,SPRING SALE,\n",
        },
    )
    # The alias is met by what it means, the click by its campaign's name, the spend as well.
    assert named.channels() == [BALLOON, "Referral", "Paid Social", "Paid Search", "Referral", BALLOON, BALLOON]
    assert named.channels("touchpoints", "touched_at") == [*named.channels(), BALLOON]
    assert named.spend()["7002"] == (BALLOON, "spring sale")
    assert named.spend()["7003"] == ("Paid Search", "sale24")
    assert named.credited("linear", "channel") == {
        BALLOON: (0.5, Decimal("5.00")),
        "Referral": (0.25, Decimal(0)),
        "Paid Social": (0.125, Decimal(0)),
        "Paid Search": (0.125, Decimal("2.50")),
        "Paid Other": (0.0, Decimal("10.00")),
    }


def test_a_campaign_is_named_by_its_id_or_by_what_it_is_reported_as(compiled: CompiledProject, tmp_path: Path) -> None:
    named = Named(
        compiled,
        tmp_path,
        {
            "channel_overrides": ",,7001,Hotels,\n,,SPRING SALE,Sale,\ngoogle,cpc,7002,Search of the sale,\n",
            "campaign_aliases": "sale24,7002,\n",
        },
    )
    # An alias may lead to an id; both campaigns are reported, and named, as one.
    assert named.channels() == ["Sale", "Referral", "Unassigned", "Hotels", "Referral", "Email", "Search of the sale"]
    assert named.spend() == {
        "7001": ("Hotels", "hotel test"),
        "7002": ("Sale", "spring sale"),
        "7003": ("Sale", "spring sale"),
    }
