"""Errors that a person can act on, and texts about errors that are fit for logs and run history."""

from __future__ import annotations

import re
import traceback

# From the first quote of a line to its last: values hold quotes of their own.
_QUOTED = re.compile(r"""(?<![\w])['"].*['"]""")
_EMAIL = re.compile(r"[^\s@,;\"'<>]+@[^\s@,;\"'<>]+")
_LONG_NUMBER = re.compile(r"\+?\d[\d\s().-]{6,}\d")


class NoInputError(Exception):
    """Nothing landed that a refresh could use. Exit code 4."""


class UsageError(Exception):
    """A mistake in how a command was called or the project is set up. Exit code 2."""


def without_values(text: str) -> str:
    """The text without what may be a customer's: quoted values, e-mail addresses and long numbers are masked.

    Engines quote the value that they could not handle; run history keeps error texts for ever.
    """
    text = _QUOTED.sub("'...'", text)
    text = _EMAIL.sub("[masked]", text)
    return _LONG_NUMBER.sub("[masked]", text)


def without_addresses(text: str) -> str:
    """The text with e-mail addresses masked: file names hold them, and are told on the console and in run history."""
    return _EMAIL.sub("[masked]", text)


def describe(error: BaseException) -> str:
    """An unforeseen error in one line: its type, its masked message, and where in the code it arose."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    message = without_values(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {' '.join(message[:3])[:400]}{place}"
