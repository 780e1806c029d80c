"""Direct identifiers by content, in whatever column they turn up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from expectations.identifiers import EMAIL_PATTERN, IPV4_PATTERN, PHONE_PATTERN
from expectations.rules import Severity, Suite, SuiteBuilder, as_text, contains_match, key_of, literal, quoted

# Between the columns of a row, so that no match begins in one and ends in the next.
_BETWEEN = "chr(31)"

# Columns that hold 32 hex digits; customers and customer_redirects have rules of their shape.
KEYED_IDS = ("customer_id", "retired_customer_id")

_KINDS = (
    (
        "email",
        "an e-mail address",
        EMAIL_PATTERN,
        Severity.CRITICAL,
    ),
    (
        "phone",
        "an international phone number",
        PHONE_PATTERN,
        Severity.CRITICAL,
    ),
    (
        "ip_address",
        "an IPv4 address",
        IPV4_PATTERN,
        # A referring site may be known by its address alone, which is nobody's.
        Severity.WARNING,
    ),
)


def identifiers_in_clear(suite: Suite, text_columns: Sequence[str], owner: str) -> Suite:
    """The suite with rules that search all text of its table; hashes have rules of their shape."""
    searched = [column for column in text_columns if not column.endswith("_hash") and column not in KEYED_IDS]
    if not searched:
        return suite
    rules = SuiteBuilder(
        table=suite.table,
        relation=suite.relation,
        owner=owner,
        key=suite.key,
        grain="row",
        model="",
        suite=suite.name,
    )
    text = f"concat_ws({_BETWEEN}, " + ", ".join(f"t.{quoted(column)}" for column in searched) + ")"
    for name, words, pattern, severity in _KINDS:
        where = ", ".join(
            f"case when {contains_match(f't.{quoted(column)}', pattern)} then {literal(column)} end"
            for column in searched
        )
        rules.rows(
            f"no_{name}_in_clear",
            f"select {key_of(suite.key)} as row_key, 'in ' || {as_text(f'''concat_ws(', ', {where})''')} as "
            "observed_value "
            f"from {{batch}} as t where {f'{suite.texts_of} and ' if suite.texts_of else ''}"
            f"{contains_match(text, pattern)}",
            expectation=f"no text holds {words}",
            why=(
                "Everything outside restricted is open to BI, and a name there is a name with every reader "
                "of the release."
            ),
            fix="Mask the column with the macro mask_identifiers() in its model, or move it to restricted.",
            severity=severity,
        )
    return replace(suite, rules=(*suite.rules, *rules.build().rules))
