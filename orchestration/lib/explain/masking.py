"""What of a direct identifier is shown: enough to recognise it, too little to use it."""

from __future__ import annotations

import unicodedata

from expectations.identifiers import mask_identifiers

DOTS = "•••"

# What is published about every customer; anything else that a record knows of a person is masked.
_OPEN_ATTRIBUTES = frozenset(
    (
        "city",
        "region",
        "country_code",
        "language",
        "gender",
        "job_title",
        "company_id",
        "company_name",
        "industry",
        "company_size_band",
        "employee_count",
        "loyalty_tier",
        "birth_year",
    )
)
_INITIALS = frozenset(("first_name", "last_name", "postcode"))
# Records whose id is an account of the person.
_ACCOUNT_RECORDS = frozenset(("customers", "contacts", "people", "users", "members"))


def mask_identifier(identifier_type: str, value: str) -> str:
    """An identifier's value, masked: a•••@e•••.com, +•••67, •••2b8."""
    if identifier_type == "email":
        return _mask_email(value)
    if identifier_type == "phone":
        return ("+" if value.startswith("+") else "") + _end(value, 2)
    return _mask_id(value)


def mask_attribute(attribute: str, value: str) -> str:
    """What is known of a person, masked: names and postcodes by their initial, a birth date by its year."""
    if attribute in ("email", "phone"):
        return mask_identifier(attribute, value)
    if attribute in _INITIALS:
        return _initial(value)
    if attribute == "date_of_birth":
        return f"{value[:4]}-••-••"
    return mask_identifiers(value) if attribute in _OPEN_ATTRIBUTES else DOTS


def mask_record_id(record_type: str, record_id: str, accounts: frozenset[str]) -> str:
    """A record's id, masked where it is an account. accounts: identifiers of the customer, in clear."""
    if record_type in _ACCOUNT_RECORDS or record_id in accounts:
        return _mask_id(record_id)
    return mask_identifiers(record_id)


class Shown:
    """Values as they leave: masked, or as they are where the reader asked for that."""

    def __init__(self, reveal: bool) -> None:
        self.reveal = reveal

    def identifier(self, identifier_type: str, value: str) -> str:
        return value if self.reveal else mask_identifier(identifier_type, value)

    def attribute(self, attribute: str, value: str) -> str:
        return value if self.reveal else mask_attribute(attribute, value)

    def record_id(self, record_type: str, record_id: str | None, accounts: frozenset[str]) -> str | None:
        if record_id is None or self.reveal:
            return record_id
        return mask_record_id(record_type, record_id, accounts)

    def text(self, text: str | None) -> str | None:
        """What a person wrote, which should hold no identifier."""
        return text if text is None or self.reveal else mask_identifiers(text)


def printable(text: str) -> str:
    """The text without what a terminal or a page would obey: control and direction characters."""
    return "".join("�" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") else c for c in text)


def _mask_email(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at:
        return _end(value, 2)
    name, dot, last = domain.rpartition(".")
    return f"{_initial(local)}@{_initial(name or last)}{dot if name else ''}{last if name else ''}"


def _mask_id(value: str) -> str:
    return _end(value, 3 if len(value) > 6 else 2)


def _initial(value: str) -> str:
    # The first letter of two tells more than it hides.
    return (value[0] if len(value) > 2 else "") + DOTS


def _end(value: str, kept: int) -> str:
    return DOTS + (value[-kept:] if len(value) > 2 * kept else "")
