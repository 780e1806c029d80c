"""Files that cannot load, load with a note, or only look odd."""

import gzip
from pathlib import Path

from .contract import TABLES
from .faults import Fault, Planter, Quarantined, csv_text, json_lines, line_of, with_value

MEGABYTES = 3_000_000


def missing_required(planter: Planter) -> None:
    path = "segment/pages"
    header = planter.header(path)
    keep = [position for position, name in enumerate(header) if name not in ("anonymous_id", "timestamp")]
    rows = [[row[p] for p in keep] for row in planter.rows(path, 3)]
    file = f"{planter.folder(path)}/fault_missing_required.csv"
    planter.write(file, csv_text([header[p] for p in keep], rows).encode())
    planter.plant(
        Fault(
            "missing_required",
            "required columns are missing",
            file,
            "segment.pages",
            "rejected",
            columns=["anonymous_id", "timestamp"],
        )
    )


def missing_required_json_lines(planter: Planter) -> None:
    path = "hubspot/contact"
    file = f"{planter.folder(path)}/fault_missing_required.jsonl"
    planter.write(file, b'{"id": 1, "property_email": "nobody@example.com"}\n{"id": 2}\n')
    planter.plant(
        Fault(
            "missing_required_json_lines",
            "no line has a required column",
            file,
            "hubspot.contact",
            "rejected",
            columns=["property_createdate"],
        )
    )


def semicolons(planter: Planter) -> None:
    path = "loyalty/member"
    header = planter.header(path)
    file = f"{planter.folder(path)}/fault_semicolons.csv"
    planter.write(file, (";".join(header) + "\n" + ";".join(["1"] * len(header)) + "\n").encode())
    planter.plant(
        Fault(
            "semicolons",
            "separated by semicolons: one column, and not the required one",
            file,
            "loyalty.member",
            "rejected",
            columns=["member_id"],
        )
    )


def same_name_twice(planter: Planter) -> None:
    path = "shopify/customer"
    header = planter.header(path)
    rows = [[*row, "other@example.com"] for row in planter.rows(path, 2)]
    file = f"{planter.folder(path)}/fault_same_name_twice.csv"
    planter.write(file, csv_text([*header, " EMAIL "], rows).encode())
    planter.plant(
        Fault(
            "same_name_twice",
            "two columns of one name, apart from case and space",
            file,
            "shopify.customer",
            "rejected",
            columns=["email"],
        )
    )


def no_date(planter: Planter) -> None:
    path = "finance/fx_rate"
    content = csv_text(planter.header(path), planter.rows(path, 2)).encode()
    for fault, value in (("dt_no_day", "2026-02-30"), ("dt_no_date", "yesterday")):
        file = f"{path}/dt={value}/fault_{fault}.csv"
        planter.write(file, content)
        planter.plant(Fault(fault, "dt is no date", file, "finance.fx_rate", "rejected", columns=["dt"]))


def truncated(planter: Planter) -> None:
    for fault, path, extension in (
        ("truncated_csv", "finance/fx_rate", "csv.gz"),
        ("truncated_json_lines", "segment/pages", "jsonl.gz"),
    ):
        header, rows = planter.header(path), planter.rows(path, 5)
        content = csv_text(header, rows) if extension == "csv.gz" else json_lines(header, rows)
        whole = gzip.compress(content.encode(), mtime=0)
        file = f"{planter.folder(path)}/fault_{fault}.{extension}"
        _raw(planter, file, whole[: len(whole) * 2 // 3])
        planter.plant(Fault(fault, "a gzip that is cut off", file, path.replace("/", "."), "unreadable"))


def broken_encoding(planter: Planter) -> None:
    path = "shopify/customer"
    header, rows = planter.header(path), planter.rows(path, 3)
    rows[1] = with_value(header, rows[1], first_name="Zoë")
    file = f"{planter.folder(path)}/fault_latin1.csv"
    planter.write(file, csv_text(header, rows).encode("latin-1", "replace"))
    planter.plant(Fault("latin1_csv", "text in Latin-1, which is no UTF-8", file, "shopify.customer", "unreadable"))
    path = "shopify/order"
    content = json_lines(planter.header(path), planter.rows(path, 2)).encode()
    file = f"{planter.folder(path)}/fault_broken_encoding.jsonl"
    planter.write(file, content.replace(b'"id"', b'"id\xff"', 1))
    planter.plant(
        Fault("broken_encoding_json_lines", "a byte that no UTF-8 text has", file, "shopify.order", "unreadable")
    )


def cut_parquet(planter: Planter) -> None:
    path = "facebook_ads/basic_campaign"
    file = f"{planter.folder(path)}/fault_cut.parquet"
    planter.write_parquet(file, f'select {_columns(path)} from "{path}" limit 5')
    content = (planter.out / file).read_bytes()
    _raw(planter, file, content[: len(content) // 2])
    planter.plant(Fault("cut_parquet", "half of a Parquet file", file, "facebook_ads.basic_campaign", "unreadable"))


def unknown_places(planter: Planter) -> None:
    path = "shopify/customer"
    content = csv_text(planter.header(path), planter.rows(path, 2)).encode()
    day = planter.folder(path).split("/")[-1]
    for fault, file, table, what in [
        ("unknown_source", f"magento/order/{day}/orders.csv", "magento.order", "a source that no contract knows"),
        (
            "unknown_table",
            f"shopify/metafield/{day}/metafields.csv",
            "shopify.metafield",
            "a table that no contract knows",
        ),
        ("unknown_dump", "shopify/gift_card.csv", "shopify.gift_card", "a dump that no contract knows"),
        ("other_extension", f"shopify/customer/{day}/customers.xlsx", "shopify.customer", "another extension"),
        ("no_extension", f"shopify/customer/{day}/README", "shopify.customer", "no extension"),
        ("too_deep", f"shopify/customer/{day}/part/0.csv", "shopify.customer", "a folder too deep"),
        ("too_shallow", "shopify/customer/loose.csv", "shopify.customer", "beside the folders of the days"),
    ]:
        planter.write(file, content)
        planter.plant(Fault(fault, what, file, table, "unknown_table"))
    for fault, file in [
        ("hidden_file", f"shopify/customer/{day}/.DS_Store"),
        ("success_marker", f"segment/pages/{day}/_SUCCESS"),
        ("work_folder", "_work/shopify/customer.csv"),
        ("hidden_folder", f"shopify/.trash/{day}/customers.csv"),
    ]:
        planter.write(file, content)
        planter.plant(Fault(fault, "a name that begins with . or _ is passed over", file, "", None))


def empty_files(planter: Planter) -> None:
    for fault, path, extension in [
        ("empty_csv", "shopify/refund", "csv"),
        ("empty_json_lines", "zendesk/ticket", "jsonl"),
    ]:
        file = f"{planter.folder(path)}/fault_{fault}.{extension}"
        planter.write(file, b"")
        planter.plant(Fault(fault, "no byte in it", file, path.replace("/", "."), "empty"))
    path = "survey/response"
    file = f"{planter.folder(path)}/fault_header_only.csv"
    planter.write(file, csv_text(planter.header(path), []).encode())
    planter.plant(Fault("header_only", "a header and no row", file, "survey.response", "empty"))
    path = "campaigns/send"
    file = f"{planter.folder(path)}/fault_no_row.parquet"
    planter.write_parquet(file, f'select {_columns(path)} from "{path}" limit 0')
    planter.plant(Fault("no_row_parquet", "a Parquet without a row", file, "campaigns.send", "empty"))


def drift(planter: Planter) -> None:
    path = "shopify/product"
    header, rows = planter.header(path), planter.rows(path, 3, "updated_at is not null")
    keep = [position for position, name in enumerate(header) if name not in ("vendor", "unit_cost")]
    # As versions of long ago, so that what the world knows of these products stays.
    shaped = [[*[row[p] for p in keep], "n/a", "1"] for row in rows]
    names = [header[p] for p in keep]
    for row in shaped:
        row[names.index("updated_at")] = "2001-01-01"
    file = f"{planter.folder(path)}/fault_drift.csv"
    planter.write(file, csv_text([*names, "colour", "warehouse_shelf"], shaped).encode())
    planter.plant(
        Fault(
            "drift",
            "columns that the contract does not know, and optional ones that are missing",
            file,
            "shopify.product",
            "loaded",
            3,
            drift_unknown=["colour", "warehouse_shelf"],
            drift_missing=["vendor", "unit_cost"],
        )
    )


def odd_header(planter: Planter) -> None:
    path = "shopify/customer"
    header, rows = planter.header(path), planter.rows(path, 3)
    spelled = [f" {name.upper()} " if n % 2 else name.title() for n, name in enumerate(header)][::-1]
    content = csv_text(spelled, [row[::-1] for row in rows], newline="\r\n")
    file = f"{planter.folder(path)}/odd_header.csv"
    planter.write(file, b"\xef\xbb\xbf" + content.rstrip("\r\n").encode())
    planter.plant(
        Fault(
            "odd_header",
            "a byte-order mark, other case, order and space, CRLF, no newline at the end",
            file,
            "shopify.customer",
            "loaded",
            3,
        )
    )


def quoted_newlines(planter: Planter) -> None:
    path = "survey/response"
    header = planter.header(path)
    nobody = dict.fromkeys(header, None) | {"survey": "brand", "submitted_at": f"{planter.scene.end}T10:00:00Z"}
    answers = ['first\nsecond, "third"\r\nfourth', "plain", "", "last\n\n", 'a "quote" at the end"']
    rows = [
        [value or None for value in (nobody | {"id": f"odd-{n}", "answer": answer}).values()]
        for n, answer in enumerate(answers)
    ]
    rows[1][header.index("score")] = "ten"
    rows[4][header.index("submitted_at")] = "2026-13-01"
    for fault, newline in (("quoted_newlines", "\n"), ("quoted_newlines_crlf", "\r\n")):
        named = [with_value(header, row, id=f"{fault}-{n}") for n, row in enumerate(rows)]
        file = f"{planter.folder(path)}/{fault}.csv"
        planter.write(file, csv_text(header, named, newline).encode())
        planter.plant(
            Fault(
                fault,
                "newlines within quotes: line is the physical line where the row begins",
                file,
                "survey.response",
                "loaded",
                3,
                [
                    Quarantined(line_of(header, named, 1), "score", "not_a_number"),
                    Quarantined(line_of(header, named, 4), "submitted_at", "not_a_timestamp"),
                ],
            )
        )


def large_field(planter: Planter) -> None:
    path = "survey/response"
    header = planter.header(path)
    nobody = dict.fromkeys(header, None) | {"survey": "need", "submitted_at": str(planter.scene.end)}
    answer = "ein sehr langer Text; " * (MEGABYTES // 22 + 1)
    rows = [
        list((nobody | {"id": "large-1", "answer": answer[:MEGABYTES]}).values()),
        list((nobody | {"id": "large-2", "answer": "short", "score": "many"}).values()),
        list((nobody | {"id": "large-3", "answer": "short"}).values()),
    ]
    file = f"{planter.folder(path)}/large_field.csv"
    planter.write(file, csv_text(header, rows).encode())
    planter.plant(
        Fault(
            "large_field",
            "a field of three megabytes",
            file,
            "survey.response",
            "loaded",
            2,
            [Quarantined(3, "score", "not_a_number")],
        )
    )


def repeat_files(planter: Planter, files: dict[str, int]) -> None:
    """A good file again: under another name on its day, and on a later day."""
    # An increment of events that never change: which day they are exported again on makes no difference.
    repeatable = ("consent/event", "segment/identifies", "shopify/order_line", "segment/pages", "segment/tracks")
    candidates = [
        name
        for path in repeatable
        for name in sorted(files)
        if name.startswith(path + "/") and f"/dt={planter.scene.end}/" not in name
    ]
    increments = [name for name in candidates if "_full." not in name]
    original = (increments or candidates)[0]
    source, table, day, name = original.split("/")
    content = (planter.out / original).read_bytes()
    stem, extension = name.split(".", 1)
    copy = f"{source}/{table}/{day}/{stem}_again.{extension}"
    _raw(planter, copy, content)
    planter.plant(Fault("duplicate", f"the bytes of {original}", copy, f"{source}.{table}", "duplicate"))
    later = f"{source}/{table}/dt={planter.scene.end}/{stem}_redelivered.{extension}"
    _raw(planter, later, content)
    planter.plant(
        Fault(
            "redelivered",
            f"the bytes of {original} on another day",
            later,
            f"{source}.{table}",
            "loaded",
            files[original],
        )
    )


def _raw(planter: Planter, file: str, content: bytes) -> None:
    target: Path = planter.out / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _columns(path: str) -> str:
    return ", ".join(f'"{name}"' for name in TABLES[path].columns)


CASES = [
    missing_required,
    missing_required_json_lines,
    semicolons,
    same_name_twice,
    no_date,
    truncated,
    broken_encoding,
    cut_parquet,
    unknown_places,
    empty_files,
    drift,
    odd_header,
    quoted_newlines,
    large_field,
]
