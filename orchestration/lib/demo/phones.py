"""Phone numbers: one a person, valid in form for the country, and in the ways in which people write them."""

import numpy as np

from .words import COUNTRIES, words

_US_AREAS = words(
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 "
    "251 252 253 254 256 260 262 267 269 270 272 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 "
    "316 317 318 319 320 321 323 325 330 331 334 336 337 339 346 347 351 352 360 361 385 386 401 402 404 405 "
    "406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 432 434 435 440 443 458 463 469 470 475 478 "
    "479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 534 540 541 551 559 561 "
    "562 563 567 570 571 573 574 575 580 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 "
    "619 620 623 626 630 631 636 641 646 650 651 657 660 661 662 667 669 678 681 682 701 702 703 704 706 707 "
    "708 712 713 714 715 716 717 718 719 720 724 725 727 731 732 734 737 740 743 747 754 757 760 762 763 765 "
    "769 770 772 773 774 775 779 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817"
)
_CA_AREAS = words(
    "204 226 236 249 250 289 306 343 365 403 416 418 431 437 438 450 506 514 519 579 581 587 604 613 639 647 705"
)
# Country: digits before the running part, lowest and number of values of the running part.
_PLAIN = {
    "GB": ("77", 10_000_000, 80_000_000),
    "DE": ("1555", 1_000_000, 8_999_999),
    "FR": ("6", 10_000_000, 80_000_000),
    "NL": ("6", 10_000_000, 80_000_000),
    "AU": ("4", 10_000_000, 80_000_000),
    "IT": ("333", 1_000_000, 8_999_999),
    "SE": ("70", 1_000_000, 8_999_999),
    "JP": ("90", 10_000_000, 80_000_000),
}
# A prime larger than any step below, so that neighbours in the world are far apart in the number block.
_STRIDE = 7_368_787


def national_numbers(country: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A national significant number and its E.164 form, one of its own for every person."""
    national = np.empty(len(country), dtype=object)
    for position, row in enumerate(COUNTRIES):
        here = np.flatnonzero(country == position)
        ids = person[here]
        if row[0] in ("US", "CA"):
            areas = np.array(_US_AREAS if row[0] == "US" else _CA_AREAS, dtype=object)
            running = ids * _STRIDE % (len(areas) * 100_000)
            last = np.array([f"{n:05d}" for n in (running % 100_000).tolist()], dtype=object)
            national[here] = areas[running // 100_000] + "55" + last
        else:
            prefix, low, room = _PLAIN[row[0]]
            national[here] = prefix + (low + ids * _STRIDE % room).astype(str).astype(object)
            if row[0] == "IT":
                # Landlines keep their 0 abroad as well.
                landline = here[ids % 4 == 0]
                national[landline] = "06" + np.array([n[3:] for n in national[landline]], dtype=object)
    calling = np.array(["+" + row[6] for row in COUNTRIES], dtype=object)
    return national, calling[country] + national


def written(country: np.ndarray, national: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Numbers as people write them.

    Styles: 0 E.164, 1 international with spaces, 2 international with 00 or dashes, 3 local, 4 international with
    a (0) or an extension. Only style 3 needs the country to be known.
    """
    return np.array(
        [
            _write(COUNTRIES[c], n, s)
            for c, n, s in zip(country.tolist(), national.tolist(), style.tolist(), strict=True)
        ],
        dtype=object,
    )


def _write(country: tuple, number: str, style: int) -> str:
    calling, trunk = country[6], country[7]
    if style == 0:
        return f"+{calling}{number}"
    if calling == "1":
        area, exchange, last = number[:3], number[3:6], number[6:]
        return (
            f"+1 {area} {exchange} {last}",
            f"1-{area}-{exchange}-{last}",
            f"({area}) {exchange}-{last}",
            f"{area}.{exchange}.{last} ext. 12",
        )[style - 1]
    return (
        f"+{calling} {number[:3]} {number[3:]}",
        f"00{calling} {number}",
        f"{trunk}{number[:4]} {number[4:]}",
        f"+{calling} (0){number}" if trunk else f"+{calling}-{number[:3]}-{number[3:]}",
    )[style - 1]
