"""Seeds that marketers edit: what is wrong with a line is told before anything is built, with its file and number."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..faults import UsageError

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True)
class _Line:
    """A line of a seed: its number in the file, what it says without spaces around, and the same in lower case."""

    number: int
    said: dict[str, str]

    def key(self, *columns: str) -> tuple[str, ...]:
        return tuple(self.said[column].lower() for column in columns)


Faults = Iterator[tuple[int, str]]


def check_edited_seeds(project: Path) -> None:
    """Look at own_domains, channel_overrides and campaign_aliases of a dbt project; all faults are one UsageError."""
    told: list[str] = []
    for name, (columns, faults_of) in _SEEDS.items():
        path = project / "seeds" / f"{name}.csv"
        place = f"{project.name}/seeds/{name}.csv"
        try:
            lines, faults = _read(path, columns)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = (
                error.strerror if isinstance(error, OSError) and error.strerror else f"it is no CSV in UTF-8, {error}"
            )
            told.append(f"{place} cannot be read: {reason}")
            continue
        faults += [*_addresses(lines, columns), *faults_of(lines)]
        told += [f"{place}, line {number}: {fault}" for number, fault in sorted(faults)]
    if told:
        raise UsageError("\n".join(["Not well defined:", *told]))


def _read(path: Path, columns: tuple[str, ...]) -> tuple[list[_Line], list[tuple[int, str]]]:
    """The lines that have all columns, and what is wrong with the others. Lines without a word are none."""
    lines: list[_Line] = []
    faults: list[tuple[int, str]] = []
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if header != list(columns):
            return [], [(1, f"the header is {','.join(header) or 'missing'}: write {','.join(columns)}")]
        number = reader.line_num + 1
        for row in reader:
            if len(row) != len(columns) and row:
                fault = f"it has {len(row)} of {len(columns)} fields: put quotes around a text that holds a comma"
                faults.append((number, fault))
            elif any(field.strip() for field in row):
                said = {column: field.strip() for column, field in zip(columns, row, strict=True)}
                lines.append(_Line(number, said))
            number = reader.line_num + 1
    return lines, faults


def _addresses(lines: list[_Line], columns: tuple[str, ...]) -> Faults:
    """E-mail addresses in what is matched or published: tables show them masked, so that they match nothing."""
    for line in lines:
        for column in columns:
            if column != "note" and _EMAIL.search(line.said[column]):
                yield line.number, f"{column} holds an e-mail address: write [masked] in its place, as tables show it"


def _repeated(lines: list[_Line], columns: tuple[str, ...], what: str) -> Faults:
    """Lines that say something of what an earlier line speaks of."""
    first: dict[tuple[str, ...], int] = {}
    for line in lines:
        key = line.key(*columns)
        if any(key) and first.setdefault(key, line.number) != line.number:
            yield line.number, f"line {first[key]} is for the same {what}: leave one of them"


def _own_domains(lines: list[_Line]) -> Faults:
    plain = []
    for line in lines:
        domain = line.said["domain"].lower().removeprefix("www.").rstrip(".")
        plain.append(_Line(line.number, {"domain": domain}))
        if not domain:
            yield line.number, "domain is missing: write a host such as shop.example"
        elif re.search(r"[\s/?#:@*,]", domain):
            yield (
                line.number,
                f"domain is {line.said['domain']}, which is no host: write it like shop.example, without https:// and"
                " path; its subdomains need no line",
            )
    yield from _repeated(plain, ("domain",), "domain")


def _channel_overrides(lines: list[_Line]) -> Faults:
    criteria = ("source", "medium", "campaign")
    spelled: dict[str, _Line] = {}
    for line in lines:
        channel = line.said["channel"]
        if not channel:
            yield line.number, "channel is missing: write the channel that these visits have"
        elif any(character.isspace() and character != " " for character in channel):
            yield (
                line.number,
                "channel holds a tab, a line break or another space than the usual one: write a plain space",
            )
        if not any(line.key(*criteria)):
            yield line.number, "it names no source, medium or campaign, and would move every visit: write at least one"
        first = spelled.setdefault(channel.lower(), line)
        if first.said["channel"] != channel:
            yield (
                line.number,
                f"channel is {channel}, which line {first.number} spells {first.said['channel']}: choose one spelling",
            )
    yield from _repeated(lines, criteria, "source, medium and campaign")


def _campaign_aliases(lines: list[_Line]) -> Faults:
    aliases = {line.key("alias")[0]: line.number for line in reversed(lines)}
    for line in lines:
        (alias,), (campaign,) = line.key("alias"), line.key("campaign")
        if not alias:
            yield line.number, "alias is missing: write the spelling that means the campaign"
        if not campaign:
            yield line.number, "campaign is missing: write the campaign that the alias means"
        elif alias == campaign:
            yield line.number, f"alias and campaign are both {line.said['campaign']}: take the line out"
        elif campaign in aliases:
            yield (
                line.number,
                f"campaign is {line.said['campaign']}, which is an alias itself in line {aliases[campaign]}:"
                " write the campaign that both mean",
            )
    yield from _repeated(lines, ("alias",), "alias")


_SEEDS: dict[str, tuple[tuple[str, ...], Callable[[list[_Line]], Faults]]] = {
    "own_domains": (("domain", "note"), _own_domains),
    "channel_overrides": (("source", "medium", "campaign", "channel", "note"), _channel_overrides),
    "campaign_aliases": (("alias", "campaign", "note"), _campaign_aliases),
}
