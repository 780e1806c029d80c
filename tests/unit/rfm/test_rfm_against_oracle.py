"""RFM of random purchases against ranks counted one by one, and the grid that people edit."""

from __future__ import annotations

import csv
import itertools
import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.compiled_project import PROJECT, CompiledProject, refresh_vars, rows_of
from tests.support.orders_oracle import Expected, score

AS_OF = date(2024, 6, 30)
SEGMENTS = {
    "champions",
    "loyal",
    "potential_loyalist",
    "new",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
    "lost",
}
SETTINGS: dict[str, tuple[int, tuple[float, float, float]]] = {
    "the shipped vars": (540, (1, 1, 1)),
    "a short window, weighted": (30, (3, 0.5, 0)),
}


@pytest.fixture(scope="module", params=SETTINGS)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CompiledProject:
    window, (recency, frequency, monetary) = SETTINGS[request.param]
    weights = {"recency": recency, "frequency": frequency, "monetary": monetary}
    variables = refresh_vars(AS_OF, own_sources={}, rfm_window_days=window, rfm_weights=weights)
    return CompiledProject(
        ["customer_rfm"], tmp_path_factory.mktemp("rfm"), variables, ["assert_every_rfm_cell_has_one_segment"]
    )


# Few values each, so that customers tie; the edges of both windows are among the days.
purchases = st.lists(
    st.tuples(
        st.integers(0, 45),
        st.sampled_from([0, 1, 7, 28, 29, 30, 31, 200, 538, 539, 540, 541]),
        st.sampled_from(["0.01", "5.00", "5.00", "19.99", "250.00"]),
    ),
    max_size=120,
)


def as_orders(bought: list[tuple[int, int, str]]) -> dict[str, dict[str, Any]]:
    orders: dict[str, dict[str, Any]] = {}
    counts: dict[int, int] = defaultdict(int)
    for place, (customer, days_ago, amount) in enumerate(bought):
        counts[customer] += 1
        day = AS_OF - timedelta(days=days_ago)
        orders[f"o{place}"] = {
            "order_id": f"o{place}",
            "customer_id": f"c{customer}",
            "ordered_at": datetime.combine(day, datetime.min.time()),
            "ordered_on": day,
            "order_number": counts[customer],
            "is_purchase": True,
            "net_revenue": Decimal(amount),
        }
    return orders


def as_query(orders: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        f"('{row['customer_id']}', date '{row['ordered_on']}', {row['order_number']}, {row['net_revenue']})"
        for row in orders.values()
    ]
    return (
        "select customer_id, ordered_on, order_number, cast(net_revenue as decimal(18, 2)) as net_revenue from (values "
        + ", ".join(rows or ["('', date '2000-01-01', 1, 0)"])
        + ") as listed (customer_id, ordered_on, order_number, net_revenue)"
        + ("" if rows else " where false")
    )


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(bought=purchases)
def test_every_score_equals_the_count_of_worse_customers(
    project: CompiledProject, bought: list[tuple[int, int, str]]
) -> None:
    window = project.variables["rfm_window_days"]
    weights = tuple(project.variables["rfm_weights"].values())
    expected = Expected(orders=as_orders(bought))
    score(expected, AS_OF, window, weights)
    con = project.build({}, {"orders": as_query(expected.orders)})
    try:
        rows = {row["customer_id"]: row for row in rows_of(con, "select * from marts.customer_rfm")}
    finally:
        con.close()
    assert set(rows) == set(expected.customer_rfm)
    for customer, want in expected.customer_rfm.items():
        got = rows[customer]
        assert got["rfm_segment"] in SEGMENTS
        assert got["rfm_score"] == pytest.approx(want.pop("rfm_score"), abs=1e-12)
        assert {column: got[column] for column in want} == want


def test_the_order_of_rows_does_not_matter(project: CompiledProject) -> None:
    bought = [(customer, 30 * (customer % 4), "5.00") for customer in range(20)]
    answers = []
    for listed in (bought, bought[::-1]):
        con = project.build({}, {"orders": as_query(as_orders(listed))})
        answers.append(rows_of(con, "select * from marts.customer_rfm order by customer_id"))
        con.close()
    assert answers[0] == answers[1]


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(bought=purchases, shuffling=st.randoms(use_true_random=False))
def test_scores_are_monotone_ties_share_and_shuffled_rows_change_nothing(
    project: CompiledProject, bought: list[tuple[int, int, str]], shuffling: random.Random
) -> None:
    answers = []
    shuffled = list(bought)
    shuffling.shuffle(shuffled)
    for listed in (bought, shuffled):
        con = project.build({}, {"orders": as_query(as_orders(listed))})
        answers.append(rows_of(con, "select * from marts.customer_rfm order by customer_id"))
        con.close()
    scored, again = answers
    assert scored == again
    # Better by a measure: never a lower score. Equal by it: the same score.
    for measure, score_column, sign in (
        ("recency_days", "r_score", -1),
        ("frequency", "f_score", 1),
        ("monetary", "m_score", 1),
    ):
        ranked = sorted(scored, key=lambda row: sign * row[measure])
        for worse, better in itertools.pairwise(ranked):
            assert worse[score_column] <= better[score_column], (worse, better)
            if worse[measure] == better[measure]:
                assert worse[score_column] == better[score_column], (worse, better)
        assert {row[score_column] for row in scored} <= {1, 2, 3, 4, 5}


def test_every_one_of_the_125_cells_is_reached_and_named(project: CompiledProject) -> None:
    # A customer a cell. The amount of each is its level of money, whatever the number of its orders.
    orders: dict[str, dict[str, Any]] = {}
    for customer, (recency, frequency, monetary) in enumerate(itertools.product(range(1, 6), repeat=3)):
        for number in range(1, frequency + 1):
            day = AS_OF - timedelta(days=5 * (5 - recency))
            orders[f"o{customer}-{number}"] = {
                "customer_id": f"c{customer}",
                "ordered_on": day,
                "order_number": number,
                "net_revenue": Decimal(60 * monetary) / frequency,
            }
    con = project.build({}, {"orders": as_query(orders)})
    rows = rows_of(con, "select * from marts.customer_rfm")
    con.close()
    wanted = {"".join(map(str, scores)) for scores in itertools.product(range(1, 6), repeat=3)}
    assert {row["rfm_cell"] for row in rows} == wanted
    assert len(rows) == len(wanted) == 125
    with (PROJECT / "seeds" / "rfm_segments.csv").open(newline="", encoding="utf-8") as file:
        names = {cell["rfm_cell"]: cell["rfm_segment"] for cell in csv.DictReader(file)}
    assert set(names) == wanted
    assert {row["rfm_cell"]: row["rfm_segment"] for row in rows} == names


CHANGES = [
    "delete from seeds.rfm_segments where rfm_cell = '111'",
    "insert into seeds.rfm_segments select * from seeds.rfm_segments where rfm_cell = '111'",
    "update seeds.rfm_segments set rfm_segment = 'other' where rfm_cell = '111'",
    "update seeds.rfm_segments set rfm_segment = null where rfm_cell = '111'",
    "update seeds.rfm_segments set rfm_cell = '112' where rfm_cell = '111'",
    "insert into seeds.rfm_segments values ('611', 6, 1, 1, 'lost')",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_grid_with_a_fault_is_found(project: CompiledProject, change: str) -> None:
    con = project.build({}, {"orders": as_query({})})
    assert project.failures(con, "assert_every_rfm_cell_has_one_segment") == []
    con.execute(change)
    assert project.failures(con, "assert_every_rfm_cell_has_one_segment")
    con.close()


def test_every_segment_has_a_cell_and_every_cell_agrees_with_its_name() -> None:
    with (PROJECT / "seeds" / "rfm_segments.csv").open(newline="", encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    assert {cell["rfm_segment"] for cell in cells} == SEGMENTS
    recent = {"champions", "new", "promising", "potential_loyalist"}
    gone = {"at_risk", "cannot_lose", "hibernating", "lost"}
    for cell in cells:
        recency = int(cell["r_score"])
        if cell["rfm_segment"] in recent:
            assert recency >= 4, cell
        if cell["rfm_segment"] in gone:
            assert recency <= 2, cell


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"recency": 0, "frequency": 0, "monetary": 0}, "rfm_weights are all 0"),
        ({"recency": 1, "frequency": "much", "monetary": 1}, "rfm_weights.frequency must be a number of 0 or more"),
    ],
)
def test_weights_without_a_mean_stop_the_build_by_name(
    tmp_path_factory: pytest.TempPathFactory, weights: dict[str, Any], words: str
) -> None:
    with pytest.raises(Exception, match=words):
        CompiledProject(
            ["customer_rfm"],
            tmp_path_factory.mktemp("weights"),
            refresh_vars(AS_OF, own_sources={}, rfm_weights=weights),
        )
