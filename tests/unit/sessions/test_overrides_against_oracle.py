"""Channels that people name, and what campaigns are reported as: random seeds held against a reading line by line."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

PARTS = ("source", "medium", "campaign")
WORDS = {
    "source": ["google", "a", "b"],
    "medium": ["cpc", "x", "y"],
    "campaign": ["spring", "summer", "autumn", "17", "18", "19"],
}
PLATFORMS = {"facebook_ads": "Paid Social", "google_ads": "Paid Search"}


def key(text: str | None) -> str:
    return (text or "").strip(" ").lower()


def spelled(rng: random.Random, word: str) -> str:
    """The word in another spelling."""
    return rng.choice([word, word.upper(), f" {word}", word.title()])


class World:
    """Random lines of the seeds, campaigns with spend, and visits."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        names = WORDS["campaign"]
        self.campaigns: dict[tuple[str, str], str | None] = {
            (platform, number): rng.choice([None, *names])
            for platform in PLATFORMS
            for number in names[3:]
            if rng.random() < 0.7
        }
        # An alias of an alias is a fault.
        aliases = rng.sample([*names, "sprnig"], rng.randrange(4))
        meant = [name for name in names if name not in aliases]
        self.aliases = {alias: rng.choice(meant) for alias in aliases}
        self.lines: dict[tuple[str, str, str], str] = {}
        for _ in range(rng.randrange(12)):
            chosen = [rng.choice(["", rng.choice(WORDS[part])]) for part in PARTS]
            if any(chosen):
                self.lines[chosen[0], chosen[1], chosen[2]] = f"Own {len(self.lines)}"
        self.visits = [
            [
                spelled(rng, rng.choice(WORDS[part])) if part != "campaign" or rng.random() < 0.8 else None
                for part in PARTS
            ]
            for _ in range(60)
        ]
        self.rng = rng

    def fill(self, warehouse) -> None:
        for platform in PLATFORMS:
            of_platform = [(number, name) for (at, number), name in self.campaigns.items() if at == platform]
            warehouse.insert(
                f"staging.stg_{platform}__campaign_days",
                [
                    {"campaign_id": spelled(self.rng, number), "spend_date": date(2024, 5, 1), "account_id": "a"}
                    | {"spend": Decimal(1), "currency": "USD"}
                    for number, _ in of_platform
                ],
            )
            ids = warehouse.rows(f"select campaign_id from staging.stg_{platform}__campaign_days")
            warehouse.insert(
                f"staging.stg_{platform}__campaign_versions",
                [
                    {"campaign_id": written, "updated_at": datetime(2024, 1, 1), "campaign_type": "SEARCH"}
                    | {"campaign_name": name and spelled(self.rng, name)}
                    for (written,) in ids
                    for name in [dict(of_platform)[key(written)]]
                ],
            )
        warehouse.insert(
            "seeds.campaign_aliases",
            [
                {"alias": spelled(self.rng, alias), "campaign": spelled(self.rng, campaign)}
                for alias, campaign in self.aliases.items()
            ],
        )
        warehouse.insert(
            "seeds.channel_overrides",
            [
                {part: spelled(self.rng, word) if word else None for part, word in zip(PARTS, line, strict=True)}
                | {"channel": channel}
                for line, channel in self.lines.items()
            ],
        )
        warehouse.insert(
            "staging.stg_segment__pages",
            [
                {"event_id": f"e{n}", "anonymous_id": f"d{n}", "occurred_at": datetime(2024, 5, 1) + timedelta(hours=n)}
                | {"url": "https://shop.example/", "campaign_source": source, "campaign_medium": medium}
                | {"campaign_name": campaign}
                for n, (source, medium, campaign) in enumerate(self.visits)
            ],
        )

    def named(self) -> dict[tuple[str, str], str]:
        """By campaign its name, else its id."""
        return {at: name or at[1] for at, name in self.campaigns.items()}

    def by_id(self, number: str) -> tuple[str, str] | None:
        """The campaign of an id: of several the one of the smallest platform."""
        return min((at for at in self.campaigns if at[1] == number), default=None)

    def reported_spend(self) -> dict[tuple[str, str], str]:
        named = self.named()

        def meant(name: str) -> str:
            target = self.aliases.get(name, name)
            of_id = self.by_id(target)
            return target if target in named.values() or of_id is None else named[of_id]

        # What an alias means by its id may bear a name that is an alias itself.
        return {at: meant(meant(name)) for at, name in named.items()}

    def reported(self, campaign: str | None) -> str | None:
        if campaign is None:
            return None
        spend = self.reported_spend()
        by_name = {name: spend[at] for at, name in self.named().items()}
        meant = self.aliases.get(key(campaign), key(campaign))
        if meant in by_name:
            return by_name[meant]
        of_id = self.by_id(meant)
        return meant if meant in spend.values() or of_id is None else spend[of_id]

    def channel_of_visit(self, source: str, medium: str, campaign: str | None) -> str | None:
        """Of the lines that hold the one that names most: a campaign, then a source, then a medium; then as written,
        then by what is reported, then by anything else that means it."""
        reported = self.reported(campaign)
        holding = []
        for (of_source, of_medium, of_campaign), channel in self.lines.items():
            written, is_report = of_campaign == key(campaign), of_campaign == reported
            if (
                of_source in ("", key(source))
                and of_medium in ("", key(medium))
                and (not of_campaign or (campaign is not None and (written or self.reported(of_campaign) == reported)))
            ):
                holding.append((not of_campaign, not of_source, not of_medium, not written, not is_report, channel))
        return min(holding)[-1] if holding else None

    def channel_of_spend(self, at: tuple[str, str]) -> str:
        """Of the lines that mean this campaign and name nothing else: by id, name, what is reported, anything else."""
        reported = self.reported_spend()[at]
        meaning = {
            line[2]: channel
            for line, channel in self.lines.items()
            if line[:2] == ("", "") and self.reported(line[2]) == reported
        }
        for spelling in (at[1], self.named()[at], reported):
            if spelling in meaning:
                return meaning[spelling]
        return min(meaning.values(), default=PLATFORMS[at[0]])


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_lines_hold_as_they_read(warehouse, first):
    for seed in range(first, first + 20):
        world = World(seed)
        warehouse.clear()
        world.fill(warehouse)
        warehouse.run("int_events_owned", "int_sessions_built", "int_sessions_sourced")
        warehouse.run("int_fx_rates_dated", "ad_spend_daily", "int_campaigns_aliased", "sessions")
        spend = warehouse.rows(
            "select platform, lower(trim(campaign_id)), reported_campaign, channel from marts.ad_spend_daily"
        )
        reported = world.reported_spend()
        assert {(p, c): (r, channel) for p, c, r, channel in spend} == {
            at: (reported[at], world.channel_of_spend(at)) for at in world.campaigns
        }, seed
        # What spend is reported as stands for itself, so that it is joined once.
        spellings = dict(warehouse.rows("select campaign, reported_campaign from intermediate.int_campaigns_aliased"))
        assert all(spellings[name] == name for name in reported.values()), seed
        for campaign in {key(visit[2]) for visit in world.visits if visit[2]}:
            assert spellings.get(campaign, campaign) == world.reported(campaign), (seed, campaign)
        found = [channel for (channel,) in warehouse.rows("select channel from marts.sessions order by started_at")]
        told = [world.channel_of_visit(*visit) for visit in world.visits]
        assert [name if name.startswith("Own") else None for name in found] == told, seed
