"""What somebody may have meant, and how much of it is shown."""

from __future__ import annotations

import pytest

from orchestration.lib.explain.masking import mask_attribute, mask_identifier, mask_record_id, printable
from orchestration.lib.explain.spelling import Plan, lower_case, phones

PLANS = [Plan("US", "1", False), Plan("DE", "49", False), Plan("AT", "43", False), Plan("IT", "39", True)]


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("+49 (0)151 1234567", "+491511234567"),
        ("0049 151 1234567", "+491511234567"),
        ("1-657-556-5537", "+16575565537"),
        ("(657) 556 5537", "+16575565537"),
        ("657.556.5537 ext. 12", "+16575565537"),
        ("657 556 5537x9", "+16575565537"),
        ("  +1 657 556 5537  ", "+16575565537"),
    ],
)
def test_a_phone_in_any_spelling_is_one_number(text, likely):
    assert phones(text, PLANS, "US").likely == (likely,)


def test_a_national_number_may_be_of_any_country():
    found = phones("0151 1234567", PLANS, "DE")
    assert found.likely == ("+491511234567",)
    assert set(found.possible) == {"+431511234567", "+3901511234567", "+101511234567", "+01511234567"}
    assert "+491511234567" in phones("491511234567", PLANS, "US").possible


@pytest.mark.parametrize("text", ["", "a@b.com", "abc", "null", "HL000077", "12345a678"])
def test_what_is_no_phone_is_none(text):
    assert phones(text, PLANS, "US") is None


def test_letters_are_lowered_one_by_one():
    assert lower_case("ÀÉΣ@X.COM") == "àéσ@x.com"
    assert lower_case("İ") == "i̇"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("email", "anna.smith@example.co.uk", "a•••@e•••.uk"),
        ("email", "ab@c.de", "•••@•••.de"),
        ("email", "abc@localhost", "a•••@l•••"),
        ("email", "no address", "•••ss"),
        ("phone", "+491511234567", "+•••67"),
        ("phone", "123456", "•••56"),
        ("phone", "12", "•••"),
        ("user_id", "6900001", "•••001"),
        ("crm_id", "15551", "•••51"),
        ("crm_id", "155", "•••"),
        ("own_id", "x", "•••"),
    ],
)
def test_identifiers_are_masked(kind, value, shown):
    assert mask_identifier(kind, value) == shown


@pytest.mark.parametrize(
    ("attribute", "value", "shown"),
    [
        ("first_name", "Anna", "A•••"),
        ("last_name", "Li", "•••"),
        ("postcode", "10115", "1•••"),
        ("date_of_birth", "1984-03-12", "1984-••-••"),
        ("email", "anna@example.com", "a•••@e•••.com"),
        ("city", "Berlin", "Berlin"),
        ("city", "write to anna@example.com", "write to ***"),
        ("street", "Main Street 1", "•••"),
        ("whatever_comes", "x", "•••"),
    ],
)
def test_what_is_known_is_masked_unless_it_is_published(attribute, value, shown):
    assert mask_attribute(attribute, value) == shown


def test_an_id_of_a_record_is_masked_where_it_is_an_account():
    assert mask_record_id("customers", "6900001", frozenset()) == "•••001"
    assert mask_record_id("orders", "6900001", frozenset(["6900001"])) == "•••001"
    assert mask_record_id("orders", "6900002", frozenset(["6900001"])) == "6900002"
    assert mask_record_id("orders", "of anna@example.com", frozenset()) == "of ***"


def test_what_a_terminal_would_obey_is_not_printed():
    assert printable("a\x1b[31mb\u202ec\nd") == "a�[31mb�c�d"
