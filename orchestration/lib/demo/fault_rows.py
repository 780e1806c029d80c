"""Rows that break their contract, beside rows that only look as if they did."""

import json
from datetime import UTC, datetime, timedelta, timezone

from .faults import Fault, Planter, Quarantined, Row, csv_text, json_lines, line_of, with_value


def _bad_fields(
    planter: Planter, fault: str, what: str, path: str, column: str, reason: str, bad: list[str | None], good: list[Row]
) -> None:
    """A CSV whose rows alternate between fit and broken in one column, beginning and ending with a fit one."""
    header = planter.header(path)
    rows: list[Row] = []
    wrong: list[int] = []
    for number, row in enumerate(good):
        rows.append(row)
        if number < len(bad):
            wrong.append(len(rows))
            rows.append(with_value(header, row, **{column: bad[number]}))
    file = f"{planter.folder(path)}/fault_{fault}.csv"
    planter.write(file, csv_text(header, rows).encode())
    quarantine = [Quarantined(line_of(header, rows, position), column, reason) for position in wrong]
    planter.plant(Fault(fault, what, file, path.replace("/", "."), "loaded", len(good), quarantine))


def required_null(planter: Planter) -> None:
    path = "shopify/customer"
    _bad_fields(
        planter,
        "required_null",
        "a required field is empty, or white space only",
        path,
        "created_at",
        "required_null",
        [None, "   "],
        planter.rows(path, 3),
    )


def required_id_null(planter: Planter) -> None:
    path = "shopify/order_line"
    _bad_fields(
        planter, "required_id_null", "the id is empty", path, "id", "required_null", [None], planter.rows(path, 2)
    )


def not_a_number(planter: Planter) -> None:
    path, header = "shopify/order", planter.header("shopify/order")
    good = planter.rows(path, 7)
    place = header.index("total_price")
    # The same amount, as some programs write it.
    good[0][place] = f"{float(good[0][place] or 0):.17e}"
    _bad_fields(
        planter,
        "not_a_number",
        "amounts that are no number",
        path,
        "total_price",
        "not_a_number",
        ["12,50", "inf", "NaN", "1.2.3", "USD 5", "1,234.50"],
        good,
    )


def not_an_integer(planter: Planter) -> None:
    path, header = "shopify/order_line", planter.header("shopify/order_line")
    good = planter.rows(path, 5)
    # 3.0 is 3.
    good[0] = with_value(header, good[0], quantity=f"{good[0][header.index('quantity')]}.0")
    _bad_fields(
        planter,
        "not_an_integer",
        "quantities that are no whole number",
        path,
        "quantity",
        "not_an_integer",
        ["3.5", "1,234", "two", "99999999999999999999"],
        good,
    )


def not_a_timestamp(planter: Planter) -> None:
    path, header = "segment/pages", planter.header("segment/pages")
    good = planter.rows(path, 8)
    place = header.index("timestamp")
    moments = [datetime.strptime(row[place] or "", "%Y-%m-%dT%H:%M:%S.%fZ") for row in good]
    # The same instants in the other spellings.
    forms = [
        lambda t: str(round((t - datetime(1970, 1, 1)) / timedelta(milliseconds=1))),
        lambda t: _shifted(t, 2) + "+02:00",
        lambda t: _shifted(t, -5) + "-0500",
        lambda t: _shifted(t, 9) + "+09",
        lambda t: t.isoformat(sep=" ") + " UTC",
        lambda t: t.isoformat(sep=" "),
        lambda t: t.isoformat(),
        lambda t: t.isoformat(sep=" ") + "Z",
    ]
    for row, moment, form in zip(good, moments, forms, strict=True):
        row[place] = form(moment)
    _bad_fields(
        planter,
        "not_a_timestamp",
        "times that are none, beside every spelling that is one",
        path,
        "timestamp",
        "not_a_timestamp",
        ["yesterday", "2026-02-30T10:00:00Z", "2026-06-30T25:00:00", "30.06.2026 10:00", "12345"],
        good,
    )


def _shifted(moment: datetime, hours: int) -> str:
    local = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    return local.replace(tzinfo=None).isoformat()


def not_a_date(planter: Planter) -> None:
    path, header = "google_ads/campaign_stats", planter.header("google_ads/campaign_stats")
    good = planter.rows(path, 5)
    place = header.index("date")
    good[0][place] = f"{good[0][place]}T00:00:00Z"
    good[1][place] = f"{good[1][place]} 13:45:00"
    _bad_fields(
        planter,
        "not_a_date",
        "dates that are none",
        path,
        "date",
        "not_a_date",
        ["31/12/2025", "2026-02-30", "2026-6", "soon"],
        good,
    )


def not_a_boolean(planter: Planter) -> None:
    path, header = "shopify/order", planter.header("shopify/order")
    good = planter.rows(path, 5, "test is not null")
    place = header.index("test")
    for row, (yes, no) in zip(
        good, [("Y", "N"), ("TRUE", "FALSE"), ("1", "0"), ("t", "f"), ("Yes", "nO")], strict=True
    ):
        row[place] = yes if row[place] == "true" else no
    _bad_fields(
        planter,
        "not_a_boolean",
        "neither true nor false, beside every spelling that is",
        path,
        "test",
        "not_a_boolean",
        ["maybe", "2", "on"],
        good,
    )


def not_json(planter: Planter) -> None:
    path = "segment/tracks"
    _bad_fields(
        planter,
        "not_json",
        "properties that are no JSON",
        path,
        "properties",
        "not_json",
        ['{"list": ', "{'list': 1}", "coffee"],
        planter.rows(path, 4),
    )


def malformed_csv(planter: Planter) -> None:
    path = "finance/fx_rate"
    header, good = planter.header(path), planter.rows(path, 3)
    rows: list[Row] = [good[0], good[1][:-1], good[1], [*good[2], "one too many"], good[2]]
    file = f"{planter.folder(path)}/fault_malformed_csv.csv"
    planter.write(file, csv_text(header, rows).encode())
    quarantine = [Quarantined(3, None, "malformed_row"), Quarantined(5, None, "malformed_row")]
    planter.plant(
        Fault("malformed_csv", "a field too few, a field too many", file, "finance.fx_rate", "loaded", 3, quarantine)
    )


def malformed_json_lines(planter: Planter) -> None:
    path = "shopify/order"
    header = planter.header(path)
    good = [json_lines(header, [row]).rstrip("\n") for row in planter.rows(path, 3)]
    lines = [good[0], "[1, 2]", good[1], '"text"', good[2][:-10], "null", "{'id': 'x'}", good[2]]
    file = f"{planter.folder(path)}/fault_malformed.jsonl"
    planter.write(file, ("\n".join(lines)).encode())
    quarantine = [Quarantined(line, None, "malformed_row") for line in (2, 4, 5, 6, 7)]
    planter.plant(
        Fault(
            "malformed_json_lines",
            "lines that hold no JSON object; the last line has no newline",
            file,
            "shopify.order",
            "loaded",
            3,
            quarantine,
        )
    )


def json_values(planter: Planter) -> None:
    path = "zendesk/user"
    user = {"id": 9_007_199_254_740_993, "name": "Agent Überzahl", "role": "agent"}
    lines = [
        user,
        {"name": "Nobody", "role": "agent"},
        {"id": "", "role": "agent"},
        {"ID": "agent-text", " Role ": "agent", "email": None, "phone": None, "name": '=1+1 "quoted"; 🎈\nnext'},
    ]
    file = f"{planter.folder(path)}/fault_json_keys.jsonl"
    planter.write(file, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode())
    planter.plant(
        Fault(
            "json_keys",
            "missing keys are null, a missing or empty required key is a fault, ids beyond 2^53 are exact",
            file,
            "zendesk.user",
            "loaded",
            2,
            [Quarantined(2, "id", "required_null"), Quarantined(3, "id", "required_null")],
        )
    )


def several_faults(planter: Planter) -> None:
    path = "shopify/order"
    header = planter.header(path)
    # Columns out of order: the first column in contract order names the fault, not the first of the file.
    backwards = header[::-1]
    good = planter.rows(path, 2)
    broken = with_value(header, good[0], created_at="never", total_price="much", test="perhaps")
    lost = with_value(header, good[0], id=None, created_at=None, currency=None)
    rows = [[*row[::-1]] for row in (good[0], broken, lost, good[1])]
    file = f"{planter.folder(path)}/fault_several_faults.csv"
    planter.write(file, csv_text(backwards, rows).encode())
    planter.plant(
        Fault(
            "several_faults",
            "rows with several faults count once, under the first column of the contract",
            file,
            "shopify.order",
            "loaded",
            2,
            [
                Quarantined(line_of(backwards, rows, 1), "created_at", "not_a_timestamp"),
                Quarantined(line_of(backwards, rows, 2), "id", "required_null"),
            ],
        )
    )


def all_rows_bad(planter: Planter) -> None:
    path = "shopify/refund"
    file = f"{planter.folder(path)}/fault_all_rows_bad.csv"
    planter.write(file, b"id,order_id,created_at\n,1,2026-01-01\n2,,2026-01-01\n3,4,soon\n")
    planter.plant(
        Fault(
            "all_rows_bad",
            "every row is bad, and the file is loaded all the same",
            file,
            "shopify.refund",
            "loaded",
            0,
            [
                Quarantined(2, "id", "required_null"),
                Quarantined(3, "order_id", "required_null"),
                Quarantined(4, "created_at", "not_a_timestamp"),
            ],
        )
    )


def only_malformed_csv(planter: Planter) -> None:
    path = "hubspot/deal_contact"
    file = f"{planter.folder(path)}/fault_only_malformed.csv"
    planter.write(file, b"deal_id,contact_id\n1\n2,3,4\n")
    planter.plant(
        Fault(
            "only_malformed_csv",
            "malformed rows and nothing else",
            file,
            "hubspot.deal_contact",
            "loaded",
            0,
            [Quarantined(2, None, "malformed_row"), Quarantined(3, None, "malformed_row")],
        )
    )


def only_malformed_json_lines(planter: Planter) -> None:
    path = "zendesk/ticket"
    file = f"{planter.folder(path)}/fault_only_malformed.jsonl"
    planter.write(file, b"not json\n[2]\n")
    planter.plant(
        Fault(
            "only_malformed_json_lines",
            "malformed lines and nothing else",
            file,
            "zendesk.ticket",
            "loaded",
            0,
            [Quarantined(1, None, "malformed_row"), Quarantined(2, None, "malformed_row")],
        )
    )


def parquet_values(planter: Planter) -> None:
    path = "shopify/order_line"
    file = f"{planter.folder(path)}/fault_parquet_values.parquet"
    source = (
        "select id, order_id, product_id, variant_id, sku, name, cast(quantity as double) as quantity, price, "
        "total_discount, _row "
        'from "shopify/order_line" where _row < 3'
    )
    planter.rows(path, 3)
    # Whole numbers as doubles, and among them a broken one and a missing order.
    planter.write_parquet(
        file,
        f"select * exclude (_row) from (select * from ({source}) union all "
        f"select * replace (quantity + 0.5 as quantity, 3 as _row) from ({source}) where _row = 0 union all "
        f"select * replace (null as order_id, 4 as _row) from ({source}) where _row = 1) order by _row",
    )
    planter.plant(
        Fault(
            "parquet_values",
            "a Parquet of doubles where whole numbers belong; line is the row number",
            file,
            "shopify.order_line",
            "loaded",
            3,
            [Quarantined(4, "quantity", "not_an_integer"), Quarantined(5, "order_id", "required_null")],
        )
    )


CASES = [
    required_null,
    required_id_null,
    not_a_number,
    not_an_integer,
    not_a_timestamp,
    not_a_date,
    not_a_boolean,
    not_json,
    malformed_csv,
    malformed_json_lines,
    json_values,
    several_faults,
    all_rows_bad,
    only_malformed_csv,
    only_malformed_json_lines,
    parquet_values,
]
