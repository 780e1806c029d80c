"""A channel of one's own is as good as one of the default channel group, wherever channels are listed."""

from __future__ import annotations

from expectation_warehouse import AS_OF, CHECKED_AT, CONTRACTS, built

from expectations import run_gate

# The line of the seed in warehouse.sql has spaces around the name.
OWN = 'a > b "it\'s" 🎈'
RULES = {
    "sessions.channel_is_known": ("marts.sessions", "channel"),
    "touchpoints.channel_is_known": ("marts.touchpoints", "channel"),
    "customers.acquisition_channel_is_known": ("marts.customers", "acquisition_channel"),
    "customer_features.preferred_channel_is_known": ("marts.customer_features", "preferred_channel"),
    "funnel_stages.channel_is_known": ("marts.funnel_stages", "channel"),
}


def failing(connection) -> set[str]:
    report = run_gate(
        connection,
        run_id="own",
        as_of_date=AS_OF,
        checked_at=CHECKED_AT,
        contracts=CONTRACTS,
        only=list(RULES),
    )
    assert {row.rule for row in report.results} == set(RULES)
    return {row.rule for row in report.results if not row.success}


def test_a_channel_of_ones_own_is_known_everywhere():
    connection = built()
    for table, column in RULES.values():
        connection.execute(f"update {table} set {column} = ?", [OWN])
    assert failing(connection) == set()
    # Spelled otherwise it is another channel.
    for table, column in RULES.values():
        connection.execute(f"update {table} set {column} = ?", [OWN.upper()])
    assert failing(connection) == set(RULES)
    connection.close()


def test_a_channel_that_nobody_names_any_more_stays_in_history():
    connection = built()
    connection.execute("update marts.funnel_stages set channel = 'Former' where as_of_date < ?", [AS_OF])
    assert failing(connection) == set()
    connection.close()
