"""The truth beside the exports is what the exports tell, worked out here from the exports alone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from orchestration.lib.demo.words import COUNTRIES
from tests.support.demo_world import World

PLACEHOLDERS = {"00000000-0000-0000-0000-000000000000", "null", "undefined"}


def test_sessions_are_those_of_the_events(world: World) -> None:
    events = world.sql(
        """select anonymous_id, cast("timestamp" as timestamp) from "segment/pages"
        union all select anonymous_id, cast("timestamp" as timestamp) from "segment/tracks" order by all"""
    )
    found: dict[tuple[str, datetime], int] = {}
    device, last, opened = None, datetime.min, datetime.min
    for anonymous_id, at in events:
        if anonymous_id in PLACEHOLDERS:
            continue
        if anonymous_id != device or at - last >= timedelta(minutes=30):
            opened = at
        found[anonymous_id, opened] = found.get((anonymous_id, opened), 0) + 1
        device, last = anonymous_id, at
    planted = {
        (a, s): n for a, s, n in world.sql("select anonymous_id, started_at, events from '{truth}/sessions.parquet'")
    }
    assert found == planted


def test_both_sides_of_thirty_minutes_are_planted(world: World) -> None:
    gaps = {
        row[0]
        for row in world.sql(
            """select ms - lag(ms) over (partition by anonymous_id order by ms)
            from (select anonymous_id, epoch_ms(cast("timestamp" as timestamp)) as ms from "segment/pages")"""
        )
    }
    assert {1_800_000, 1_799_999} <= gaps


def test_every_session_has_the_person_behind_its_device(world: World) -> None:
    strange = world.one(
        """select count(*) from '{truth}/sessions.parquet' s
        join '{truth}/people.parquet' p on p.identifier_value = s.anonymous_id and p.record_type = 'devices'
        where p.person_id is distinct from s.person_id"""
    )
    assert strange == 0
    assert world.one("select count(*) from '{truth}/sessions.parquet' where person_id is null") > 0


def test_every_record_of_a_person_is_in_the_truth(world: World) -> None:
    for table, record, key, column in (
        ("shopify/customer", "customers", "id", "email"),
        ("shopify/order", "orders", "id", "phone"),
        ("hubspot/contact", "contacts", "id", "property_email"),
        ("klaviyo/person", "people", "id", "phone_number"),
        ("zendesk/user", "users", "id", "email"),
        ("loyalty/member", "members", "member_id", "email"),
        ("survey/response", "responses", "id", "email"),
    ):
        missing = world.sql(
            f"""select distinct {key}, {column} from "{table}" where {column} is not null
                and {"role = 'end-user'" if table == "zendesk/user" else "true"}
            except select record_id, identifier_value from '{{truth}}/people.parquet' where record_type = '{record}'"""
        )
        # Orders of strangers at the till name nobody.
        assert missing == [], table


def e164(country: str | None, text: str) -> str | None:
    """The rule of identity for phones, by brute force."""
    by_code = {row[0]: row for row in COUNTRIES} | {row[8]: row for row in COUNTRIES}
    row = by_code.get((country or "US").upper()) or by_code.get(country or "US") or by_code["US"]
    text = re.sub(r"(ext\.?|x)\s*\d+$", "", text.strip()).strip()
    text = text.replace("(0)", "") if text.startswith(("+", "00")) else text
    digits = re.sub(r"\D", "", text)
    if text.startswith("+"):
        return "+" + digits
    if text.startswith("00"):
        return "+" + digits[2:]
    calling = row[6]
    if calling == "1":
        return "+1" + (digits[1:] if len(digits) == 11 and digits[0] == "1" else digits)
    if digits.startswith("0") and row[0] != "IT":
        digits = digits[1:]
    return f"+{calling}{digits}"


def test_phones_come_back_to_their_person_by_the_rules(world: World) -> None:
    written = world.sql(
        """select country_code, identifier_value, t.phone_e164, t.source from '{truth}/people.parquet' t
        join '{truth}/persons.parquet' using (person_id) where t.phone_e164 is not null"""
    )
    assert len({source for *_, source in written}) >= 7
    for country, text, expected, _ in written:
        assert e164(country, text) == expected, (country, text)
    # Where the record has no country, the number alone must do.
    for country, text, expected, source in written:
        if source in ("zendesk", "loyalty", "partner", "consent", "segment"):
            assert e164("US", text) == expected, (country, text, source)


def test_addresses_are_nobody_elses(world: World) -> None:
    twice = world.sql(
        """select a from (select unnest([email, other_email]) as a from '{truth}/persons.parquet')
        group by 1 having count(*) > 1"""
    )
    assert twice == []
    assert world.one("select count(*) from '{truth}/persons.parquet' where email not like '%example.%'") == 0


def test_twins_and_namesakes_in_a_family_are_hard_to_tell_apart(world: World) -> None:
    people = world.sql(
        """select kind, household_id, first_name, last_name, date_of_birth, postcode
        from '{truth}/persons.parquet' order by person_id"""
    )
    homes: dict[tuple[str, int], list[tuple]] = {}
    for kind, home, *rest in people:
        if kind in ("twins", "father_and_son"):
            homes.setdefault((kind, home), []).append(tuple(rest))
    for (kind, _), (left, right) in homes.items():
        assert left[1] == right[1]
        assert left[3] == right[3]
        if kind == "twins":
            assert left[0] != right[0]
            assert left[2] == right[2]
        else:
            assert left[0] == right[0]
            assert abs(left[2] - right[2]) > timedelta(days=20 * 365)
    assert {kind for kind, _ in homes} == {"twins", "father_and_son"}
    assert all(born <= date(2008, 7, 1) for *_, born, _ in people)
