"""Slips of hand and ear: how one person's name or address differs between two systems."""

import numpy as np


def misspell(rng: np.random.Generator, words: np.ndarray) -> np.ndarray:
    """Each word with one slip among its inner letters: two swapped, one dropped, or one doubled."""
    kind = rng.integers(0, 3, len(words)).tolist()
    place = rng.random(len(words)).tolist()
    return np.array([_slip(w, k, p) for w, k, p in zip(words.tolist(), kind, place, strict=True)], dtype=object)


def _slip(word: str, kind: int, place: float) -> str:
    if len(word) < 4:
        return word + word[-1:]
    i = 1 + int(place * (len(word) - 3))
    if kind == 0 and word[i] != word[i + 1]:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[:i] + word[i + 1 :]
    return word[:i] + word[i] + word[i:]


def misspell_emails(rng: np.random.Generator, emails: np.ndarray, taken: set[str]) -> np.ndarray:
    """Addresses with a slip before the @, or in the domain where the slip would be somebody else's address."""
    kind = rng.integers(0, 3, len(emails)).tolist()
    place = rng.random(len(emails)).tolist()
    return np.array(
        [_slip_email(e, k, p, taken) for e, k, p in zip(emails.tolist(), kind, place, strict=True)],
        dtype=object,
    )


def _slip_email(email: str, kind: int, place: float, taken: set[str]) -> str:
    local, domain = email.split("@")
    slipped = f"{_slip(local, kind, place)}@{domain}"
    return email.replace("example", "exmaple") if slipped in taken else slipped
