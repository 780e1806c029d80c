"""What names a person in a text: the values that were just erased, in the forms in which people write them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

# Engines compile one automaton a pattern: so many values go into one.
_PER_PATTERN = 150
_GAP = r"[\s().\-/]{0,3}"
# Joined by a dot or dash, a name is more likely part of an e-mail address, maybe a namesake's.
_BETWEEN = r"(?:[\s,+]|%20){1,3}"
# A dot after an address may end a sentence, or go on with the domain of another.
_AFTER_ADDRESS = "$|[^A-Za-z0-9.-]|[.](?:$|[^A-Za-z0-9])"
_ADDRESS = re.compile(r"[^\s@<>\"',;:=&?/()\[\]{}|\\]+@[^\s@<>\"',;:=&?/()\[\]{}|\\]+")
_NUMBER = re.compile(r"\+?\(?\d[\d\s().\-/]{5,}\d")
_WORD = re.compile(r"[^\W_]+")
# Shorter values stand in texts that mean something else.
_LONG_NAME = 10
_SHORTEST = {"email": 5, "phone": 7, "name": 5, "street": 8}


class Pattern(NamedTuple):
    """What finds values, and what a match becomes. is_number: an id may look the same."""

    regex: str
    replacement: str
    is_number: bool = False


@dataclass
class Values:
    """Values in clear of people who are being erased. They live in this process and are written nowhere.

    emails: normalised and as spelled. phones: E.164 and as spelled. names: given and family name, or a whole name
    in one part. streets: as spelled.
    """

    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    names: set[tuple[str, ...]] = field(default_factory=set)
    streets: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones or self.names or self.streets)

    def plain(self) -> dict[str, set[str]]:
        """Every value as one text, by kind, without those too short to mean anybody."""
        found = {
            "email": {e.strip() for e in self.emails},
            "phone": {p.strip() for p in self.phones},
            "name": {" ".join(part.strip() for part in name) for name in self.names},
            "street": {s.strip() for s in self.streets},
        }
        return {
            kind: {v for v in values if len(_digits(v) if kind == "phone" else v) >= _SHORTEST[kind]}
            for kind, values in found.items()
        }

    def without(self, kinds: dict[str, set[str]]) -> Values:
        """These values but for some, by kind, as `plain` gives them."""
        keep = {kind: values - kinds.get(kind, set()) for kind, values in self.plain().items()}
        return Values(
            emails={e for e in self.emails if e.strip() in keep["email"]},
            phones={p for p in self.phones if p.strip() in keep["phone"]},
            names={n for n in self.names if " ".join(part.strip() for part in n) in keep["name"]},
            streets={s for s in self.streets if s.strip() in keep["street"]},
        )

    @property
    def count(self) -> int:
        """How many different values there are to search for."""
        return sum(len(values) for values in self.plain().values())

    def patterns(self) -> Iterator[Pattern]:
        """Regular expressions that find the values, whatever their case.

        Nothing is found within a longer word, address or number: that is somebody or something else. A phone is found
        in every grouping.
        """
        plain = self.plain()
        for some in _some(sorted({_address_pattern(v) for v in plain["email"]})):
            yield Pattern(f"(?i)(^|[^A-Za-z0-9._+-])(?:{'|'.join(some)})({_AFTER_ADDRESS})", r"\1[masked]\2")
        texts = {re.escape(v) for v in plain["street"]}
        for name in self.names:
            if " ".join(part.strip() for part in name) in plain["name"]:
                texts.update(_name_patterns(name))
        for some in _some(sorted(texts)):
            yield Pattern(rf"(?i)(^|[^\p{{L}}\p{{N}}])(?:{'|'.join(some)})($|[^\p{{L}}\p{{N}}])", r"\1[masked]\2")
        numbers = {_GAP.join(digits) for v in plain["phone"] for digits in _dialled(v)}
        for some in _some(sorted(numbers)):
            yield Pattern(f"(^|[^0-9])(?:{'|'.join(some)})($|[^0-9])", r"\1[masked]\2", is_number=True)

    def bytes(self) -> tuple[set[bytes], set[bytes]]:
        """The values as they may stand in a file: texts, and numbers, which may not be part of longer ones.

        Bytes have no words around them, so a short name stands in any file by chance: only long ones are told.
        """
        plain = self.plain()
        plain["name"] = {name for name in plain["name"] if len(name) >= _LONG_NAME}
        texts = {form for kind in ("email", "name", "street") for v in plain[kind] for form in (v, v.lower())}
        # Digits alone may be an id as well.
        return {t.encode() for t in texts}, {v.encode() for v in plain["phone"] if not v.isdigit()}


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


def _some(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _PER_PATTERN):
        yield values[start : start + _PER_PATTERN]


def _address_pattern(address: str) -> str:
    # A link carries it percent-encoded, once or twice.
    return re.escape(address).replace("@", "(?:@|%40|%2540)").replace(r"\+", r"(?:\+|%2B)")


def _name_patterns(name: tuple[str, ...]) -> set[str]:
    words = [re.escape(word) for part in name for word in part.split()]
    found = {_BETWEEN.join(words)}
    if len(name) == 2:
        turned = [re.escape(word) for part in reversed(name) for word in part.split()]
        found.add(_BETWEEN.join(turned))
    return found


def _dialled(phone: str) -> set[str]:
    """The digits of a number as people may write them: with its calling code, and as it was spelled."""
    digits = _digits(phone)
    found = {digits, digits.lstrip("0")}
    return {d for d in found if len(d) >= (8 if phone.strip().startswith("+") else 9)}


class Finder:
    """Tells which texts name an erased person, by values in clear, by hashes, or by the ids of erased records."""

    def __init__(
        self,
        values: Values,
        emails: set[str],
        phones: set[str],
        record_ids: dict[tuple[str, str], set[str]],
        calling_codes: Iterable[str],
        key: str,
    ) -> None:
        """emails, phones: hashes. record_ids: by source and raw table. key: of the hashes."""
        self.emails, self.phones, self.record_ids, self.key = emails, phones, record_ids, key
        self.codes = sorted(set(calling_codes))
        self.streets = {s.strip().lower() for s in values.streets if len(s.strip()) >= _SHORTEST["street"]}
        self.spelled = {_digits(p) for p in values.phones if len(_digits(p)) >= _SHORTEST["phone"]}
        self.addresses = {e.strip().lower() for e in values.emails if len(e.strip()) >= _SHORTEST["email"]}
        self.names: dict[str, list[set[str]]] = defaultdict(list)
        for name in values.names:
            words = [word.lower() for part in name for word in _WORD.findall(part)]
            if len(words) > 1 and len("".join(words)) >= _SHORTEST["name"] - 1:
                self.names[words[-1]].append(set(words))

    def names_one(self, source: str, table: str, text: str) -> bool:
        """Whether the text of a row of a raw table names somebody who was erased."""
        low = text.lower()
        return (
            self._has_address(low)
            or self._has_number(text)
            or any(street in low for street in self.streets)
            or self._has_name(low)
            or self._has_id(source, table, text)
        )

    def _hash(self, value: str) -> str:
        return hashlib.sha256((self.key + value).encode()).hexdigest()

    def _has_address(self, low: str) -> bool:
        if any(address in low for address in self.addresses):
            return True
        plain = re.sub(r"%(?:25)?40", "@", low)
        return bool(self.emails) and any(
            self._hash(found.strip(".")) in self.emails for found in _ADDRESS.findall(plain)
        )

    def _has_number(self, text: str) -> bool:
        for found in _NUMBER.findall(text):
            digits = _digits(found)
            if digits in self.spelled or digits.lstrip("0") in self.spelled:
                return True
            if not self.phones:
                continue
            inner = re.sub(r"\(\s*0\s*\)", "", found)
            national = _digits(inner).lstrip("0")
            forms = {digits, _digits(inner), national, *(code + national for code in self.codes)}
            if any(8 <= len(form) <= 15 and self._hash("+" + form) in self.phones for form in forms):
                return True
        return False

    def _has_name(self, low: str) -> bool:
        if not self.names:
            return False
        words = set(_WORD.findall(low))
        return any(name <= words for last in words & self.names.keys() for name in self.names[last])

    def _has_id(self, source: str, table: str, text: str) -> bool:
        ids = self.record_ids.get((source, table))
        if not ids:
            return False
        # A key stands first in its line, or it is long enough to be nothing else.
        words = re.findall(r"[^\s,;|\"'{}\[\]:]+", text)
        at_start = words[:1]
        in_json = re.findall(r'"(?:id|\w+_id)"\s*:\s*"?([^",}\s]+)', text) if text.lstrip().startswith("{") else []
        return any(w in ids for w in [*at_start, *in_json]) or any(len(w) >= 8 and w in ids for w in words)


def addresses_in(text: str) -> set[str]:
    """The e-mail addresses in a text, links included, in lower case."""
    low = re.sub(r"%(?:25)?40", "@", text.lower())
    return {found.strip(".") for found in _ADDRESS.findall(re.sub(r"%(?:3d|3a|2f|26|20|22|2c)", " ", low))}
