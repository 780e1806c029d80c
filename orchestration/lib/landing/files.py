"""The files of a landing folder: what each is an extract of, and what its bytes say before any row is read."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, cast

from ..faults import NoInputError

FORMATS = {
    ".csv": ("csv", False),
    ".csv.gz": ("csv", True),
    ".parquet": ("parquet", False),
    ".jsonl": ("jsonl", False),
    ".jsonl.gz": ("jsonl", True),
}
_CHUNK = 1 << 20
# The state of a file whose bytes could not be had: no file has it, so the file is looked at again the next time.
UNREAD = "unread"
_DT = re.compile(r"dt=(.*)", re.DOTALL)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class UnreadableError(Exception):
    """A file that cannot be read to its end. The message says why and never quotes the file's content.

    sha256: the hash of its bytes, '' where the system did not give all of them.
    """

    def __init__(self, problem: str, sha256: str = "") -> None:
        super().__init__(problem)
        self.sha256 = sha256


@dataclass(frozen=True)
class LandedFile:
    """One file of the landing folder, by its place alone.

    path: below the landing folder, with '/'. problem: why the place is none that a contract knows
    (status unknown_table) or a dt that is no date (status rejected), else ''.
    """

    path: str
    source: str
    table: str
    format: str
    compressed: bool
    export_date: date | None
    stat: str
    status: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Content:
    """What one pass over a file's bytes tells: its hash and, for text, its physical lines after decompression."""

    sha256: str
    lines: int = 0


def scan(landing: Path, known: set[tuple[str, str]]) -> list[LandedFile]:
    """Every file below `landing` in byte order of its path, but for names that begin with '.' or '_'."""
    found: list[LandedFile] = []
    # Links are followed, but no folder twice: a link to a folder above would never end.
    seen: set[tuple[int, int]] = set()
    for folder, folders, names in os.walk(landing, followlinks=True, onerror=_cannot_list):
        place = os.stat(folder)
        if (place.st_dev, place.st_ino) in seen:
            folders[:] = []
            continue
        seen.add((place.st_dev, place.st_ino))
        folders[:] = sorted(n for n in folders if not n.startswith((".", "_")))
        for name in names:
            if not name.startswith((".", "_")):
                full = Path(folder) / name
                found.append(_place(full, full.relative_to(landing).as_posix(), known))
    return sorted(found, key=lambda f: os.fsencode(f.path))


def _cannot_list(error: OSError) -> None:
    # Taken for empty, the folder would unload all that it holds.
    raise NoInputError(
        f"The folder {error.filename} cannot be listed ({error.strerror}), so nothing was refreshed. "
        "Give this user the right to read it, or move it out of the landing folder."
    ) from error


def _place(full: Path, path: str, known: set[tuple[str, str]]) -> LandedFile:
    strange = ""
    try:
        path.encode()
    except UnicodeEncodeError:
        path, strange = os.fsencode(path).decode("utf-8", "replace"), "its name is not UTF-8: rename it"
    try:
        s = full.stat()
        stat = f"{s.st_size}:{s.st_mtime_ns}:{s.st_ctime_ns}:{s.st_ino}"
        if not S_ISREG(s.st_mode):
            strange = "it is no regular file"
    except OSError:
        stat, strange = UNREAD, "it leads nowhere, or is gone again"
    parts = path.split("/")
    suffix = next((e for e in sorted(FORMATS, key=len, reverse=True) if path.lower().endswith(e)), "")
    kind, compressed = FORMATS.get(suffix, ("", False))
    source = parts[0] if len(parts) > 1 else ""
    table = parts[1] if len(parts) > 2 else (parts[-1][: -len(suffix)] if suffix else parts[-1])
    dated = _DT.fullmatch(parts[2]) if len(parts) > 3 else None
    export_date = _date(dated.group(1)) if dated else None

    def file(status: str = "", problem: str = "") -> LandedFile:
        return LandedFile(path, source, table, kind, compressed, export_date, stat, status, problem)

    if strange:
        return file("unreadable", strange)
    if (source, table) not in known:
        return file("unknown_table", "no contract knows this table: declare the source, or move the file")
    if len(parts) not in (2, 4) or (len(parts) == 4 and not dated):
        return file("unknown_table", "files lie at <source>/<table>/dt=YYYY-MM-DD/<name> or <source>/<table>.<ext>")
    if not kind:
        return file("unknown_table", f"files end in {', '.join(FORMATS)}")
    if dated and export_date is None:
        return file("rejected", f"the folder {parts[2]} is no date: name it dt=YYYY-MM-DD")
    return file()


def _date(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def inspect(path: Path, kind: str, compressed: bool) -> Content:
    """Hash a file and, for text formats, prove that it reads to its end as UTF-8 and count its lines.

    Raises UnreadableError; its attribute `sha256` holds the hash of the bytes where they could be read.
    """
    sha = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, last, problem = 0, b"", ""
    try:
        with path.open("rb") as stream:
            for text in _decompressed(stream, sha, compressed):
                if kind == "parquet" or problem:
                    continue
                try:
                    decoder.decode(text)
                except UnicodeDecodeError:
                    problem = f"it is not UTF-8 somewhere after line {lines}"
                    continue
                lines += text.count(b"\n")
                last = text[-1:] or last
        if kind != "parquet" and not problem:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                problem = "it ends within a UTF-8 character"
    except (EOFError, zlib.error):
        problem = "its gzip stream is damaged or cut short"
    except OSError as error:
        raise UnreadableError(f"the system cannot read it ({error.strerror}); give this user the right to") from error
    if problem:
        raise UnreadableError(problem, sha.hexdigest())
    return Content(sha.hexdigest(), lines + (1 if last not in (b"", b"\n") else 0))


def _decompressed(stream: BinaryIO, sha: hashlib._Hash, compressed: bool) -> Iterator[bytes]:
    """The file's chunks, decompressed where `compressed`; `sha` is fed the bytes as they lie on disk."""
    if not compressed:
        while chunk := stream.read(_CHUNK):
            sha.update(chunk)
            yield chunk
        return
    failure: Exception | None = None
    member = zlib.decompressobj(wbits=31)
    pending = False
    while chunk := stream.read(_CHUNK):
        sha.update(chunk)
        while chunk and failure is None:
            try:
                text = member.decompress(chunk)
            except zlib.error as error:
                failure = error
                break
            pending = True
            if text:
                yield text
            chunk = member.unused_data
            if member.eof:
                member, pending = zlib.decompressobj(wbits=31), False
                # Some writers pad the end of a member with zero bytes.
                chunk = chunk.lstrip(b"\0")
    if failure is not None:
        raise failure
    if pending:
        raise EOFError("gzip stream ends early")


def csv_header(path: Path, compressed: bool) -> tuple[list[str], bool]:
    """The fields of the first non-blank record of a CSV file, as written, and whether it is the first line.

    [] for a file without any. Raises UnreadableError where the header is no CSV, or where lines end in carriage
    returns alone: what follows would be read as part of the header.
    """
    opener = gzip.open if compressed else open
    csv.field_size_limit(1 << 30)
    last = ""

    def lines(text: io.TextIOWrapper) -> Iterator[str]:
        nonlocal last
        for line in text:
            last = line
            yield line

    with cast(BinaryIO, opener(path, "rb")) as stream:
        reader = csv.reader(lines(io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")))
        try:
            first = True
            for row in reader:
                if last.endswith("\r"):
                    raise UnreadableError("its lines end in carriage returns alone; end them in line feeds")
                if row:
                    return row, first
                first = False
        except csv.Error as error:
            raise UnreadableError("its header line is no CSV") from error
    return [], False
