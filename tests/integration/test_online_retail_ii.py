"""A refresh over both extracts of Online Retail II, against sums over the files that share no code with it."""

import hashlib
import shutil
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

EXTRACTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail_ii"
# The day that each extract closes, older first.
FILES = {date(2010, 12, 9): "year_2009_2010.parquet", date(2011, 12, 9): "year_2010_2011.parquet"}
HASH_KEY = "a key of the test"
CENT = Decimal("0.01")
# Stock codes that charge something else than a product, besides vouchers and tests.
NO_PRODUCTS = {
    *("POST", "DOT", "C2", "C3", "M", "D", "S", "B", "PADS", "CRUK", "BANK CHARGES", "AMAZONFEE"),
    *("ADJUST", "ADJUST2", "GIFT"),
}

pytestmark = pytest.mark.skipif(
    not EXTRACTS.is_dir(), reason="the extracts of Online Retail II are not beside the repository"
)


@pytest.fixture(scope="module")
def invoices():
    """Lines by invoice: an invoice that both extracts hold counts once, as the newer one has it."""
    found = {}
    for name in FILES.values():
        lines = defaultdict(list)
        for line in pyarrow.parquet.read_table(EXTRACTS / name).to_pylist():
            lines[line["Invoice"]].append(line)
        found.update(lines)
    return found


@pytest.fixture(scope="module")
def marts(tmp_path_factory):
    """The published marts of one refresh."""
    from orchestration.cli import main

    landing = tmp_path_factory.mktemp("landing")
    home = tmp_path_factory.mktemp("home")
    for day, name in FILES.items():
        folder = landing / "online_retail_ii" / "invoice_line" / f"dt={day}"
        folder.mkdir(parents=True)
        shutil.copy(EXTRACTS / name, folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIBUTARY_HASH_KEY", HASH_KEY)
        for name in ("TRIBUTARY_HOME", "TRIBUTARY_LANDING", "TRIBUTARY_VARS"):
            # Set before it is deleted, so that what the command leaves in the environment goes too.
            patch.setenv(name, "")
            patch.delenv(name)
        code = main(["refresh", "--landing", str(landing), "--home", str(home), "--vars", "{reporting_currency: GBP}"])
        assert code == 0
        with duckdb.connect() as connection:
            # Under a name of its own: the file and the schema in it are both called marts.
            connection.execute(f"attach '{home}/published/current/marts.duckdb' as release (read_only)")
            connection.execute("use release")
            yield connection


def rows(connection, sql):
    return connection.execute(sql).fetchall()


def amount(lines):
    """What an invoice charges, exactly: the shortest decimal of a price is the one that was printed."""
    return sum((Decimal(repr(line["Price"])) * line["Quantity"] for line in lines), Decimal(0))


def to_cents(value):
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def test_the_files_hold_what_their_page_says(invoices):
    assert len(invoices) == 53_628
    assert sum(map(len, invoices.values())) == 1_044_847
    assert sum(map(amount, invoices.values())) == Decimal("18909744.118")


def test_every_line_of_the_files_is_accounted_for(marts):
    ledger = rows(
        marts,
        """
        select export_date, status, rows_read, rows_loaded, rows_quarantined
        from marts.load_ledger where source = 'online_retail_ii' order by export_date
        """,
    )
    assert ledger == [
        (date(2010, 12, 9), "loaded", 525_461, 525_461, 0),
        (date(2011, 12, 9), "loaded", 541_909, 541_909, 0),
    ]


def test_every_line_is_published_once(marts, invoices):
    expected = {
        (f"online_retail_ii:{invoice}:{place}", line["Quantity"])
        for invoice, lines in invoices.items()
        for place, line in enumerate(lines, start=1)
    }
    assert len(expected) == 1_044_847
    assert set(rows(marts, "select order_line_id, quantity from marts.order_lines")) == expected


def test_every_document_is_an_order_of_what_its_lines_charge(marts, invoices):
    expected = {f"online_retail_ii:{invoice}": to_cents(amount(lines)) for invoice, lines in invoices.items()}
    published = rows(
        marts, "select order_id, net_revenue, gross_revenue, refunded, discount, currency, status from marts.orders"
    )
    assert {row[0]: row[1] for row in published} == expected
    assert len(published) == 53_628
    assert all(row[2:] == (row[1], 0, 0, "GBP", "placed") for row in published)


def test_known_customers_are_customers_each_with_what_it_was_charged(marts, invoices):
    expected = defaultdict(Decimal)
    for lines in invoices.values():
        if lines[0]["Customer ID"] is not None:
            expected[str(lines[0]["Customer ID"])] += to_cents(amount(lines))
    by_hash = {hashlib.sha256((HASH_KEY + customer).encode()).hexdigest(): customer for customer in expected}
    published = rows(
        marts,
        """
        select identifiers.identifier_hash, sum(orders.net_revenue)
        from marts.customer_identifiers as identifiers
        inner join marts.customers on customers.customer_id = identifiers.customer_id
        left join marts.orders on orders.customer_id = identifiers.customer_id
        where identifiers.identifier_type = 'online_retail_ii_id'
        group by identifiers.identifier_hash
        """,
    )
    assert len(published) == 5_942
    assert {by_hash[identifier]: charged for identifier, charged in published} == expected
    assert rows(marts, "select count(*) from marts.customers") == [(5_942,)]


def test_purchases_are_the_documents_that_charge_something(marts, invoices):
    purchases, revenue = defaultdict(int), defaultdict(Decimal)
    for lines in invoices.values():
        charged = to_cents(amount(lines))
        if charged > 0 and lines[0]["Customer ID"] is not None:
            purchases[lines[0]["Customer ID"]] += 1
            revenue[lines[0]["Customer ID"]] += charged
    published = rows(
        marts,
        """
        select count(*), sum(lifetime_orders), sum(lifetime_net_revenue)
        from marts.customers where lifetime_orders > 0
        """,
    )
    assert published == [(len(purchases), sum(purchases.values()), sum(revenue.values()))]


def test_guests_stay_nobody_and_their_money_is_booked(marts, invoices):
    guests = [to_cents(amount(lines)) for lines in invoices.values() if lines[0]["Customer ID"] is None]
    published = rows(marts, "select count(*), sum(net_revenue) from marts.orders where customer_id is null")
    assert published == [(len(guests), sum(guests))]
    booked = rows(
        marts, "select sum(orders), sum(orders_without_rate), sum(net_revenue) from marts.money_reconciliation"
    )
    assert booked == [(53_628, 0, Decimal("18909744.10"))]


def test_fees_are_lines_without_a_product(marts, invoices):
    codes = [line["StockCode"].strip().upper() for lines in invoices.values() for line in lines]
    fees = sum(code in NO_PRODUCTS or code.startswith(("GIFT_", "TEST")) for code in codes)
    published = rows(
        marts,
        """
        select
            count(*) filter (where product_id is null),
            count(*) filter (where product_id = 'online_retail_ii:85123A'),
            count(distinct product_id)
        from marts.order_lines
        """,
    )
    products = {code for code in codes if code not in NO_PRODUCTS and not code.startswith(("GIFT_", "TEST"))}
    assert published == [(fees, codes.count("85123A"), len(products))]
