"""The answer as a page for stewards: one file that fetches nothing and runs nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .drawing import MOST, draw
from .headlines import conversion_sections, headlines, other_sections, suppressed_of
from .masking import printable
from .sections import sections

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent
# Rows of a table that a browser still scrolls well; from how many a table is folded.
_ROWS, _FOLDED = 1000, 40


def page(found: dict[str, Any]) -> str:
    """The page of an answer: what was asked for, the way between two, the graph, and every table."""
    customer, other = found["customer"], found["other"]
    return _template().render(
        found=found,
        title=_title(found),
        headlines=headlines(found),
        customer=customer,
        drawing=draw(customer) if customer else None,
        is_too_large=bool(customer) and len(customer["identifiers"]) > MOST,
        first=other_sections(found) if other else conversion_sections(found) + suppressed_of(found["asked"]),
        sections=sections(customer, found["reporting_currency"]) if customer else [],
        rows=_ROWS,
        folded=_FOLDED,
    )


def _title(found: dict[str, Any]) -> str:
    customer, other = found["customer"], found["other"]
    if found["conversion"] and not other:
        told = found["conversion"]
        return "Why this is no conversion" if told["why_not"] else f"What led to {told['conversion_id']}"
    if not customer:
        return "Why this is no customer"
    if other and not other["is_same_customer"]:
        return "Why these are two customers" if other["asked"]["customer_id"] else "Why nothing joins these"
    return f"Why customer {customer['customer_id']} is one customer"


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    return environment.get_template("page.html.j2")
