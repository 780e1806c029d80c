"""Person records by the half million, straight into a warehouse, and what linking them costs.

    python -m tests.bench.persons --records 500000

Two thirds of the people have one record, a third two or three that differ by slips; no identifier is shared.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from orchestration.lib.linking.decide import DEFAULT_THRESHOLDS, decide_links
from orchestration.lib.linking.evidence import read_pairs, read_parts
from orchestration.lib.linking.score import score_pairs
from tests.support.dbt_warehouse import Warehouse

# Syllables make as many surnames as a country has; a fifth of the people bear one of a hundred.
_SYLLABLES = (
    "['an','bel','cor','dan','el','fer','gol','har','in','jor','kal','lor','mar','nor','ol','per','ros','sal','tor','ul',"
    "'ver','wal','yas','zor','bri','cla','dro','fle','gri','sto']"
)


def fill(warehouse: Warehouse, records: int) -> None:
    """Loyalty members of about three quarters as many people: names, birth date, postcode and e-mail."""
    with warehouse.connect() as con:
        con.execute("delete from raw_loyalty.member")
        con.execute(
            f"""
            insert into raw_loyalty.member by name
            with people as (
                select
                    person,
                    list_extract({_SYLLABLES}, 1 + cast(hash(person * 7 + 1) % 30 as integer))
                    || list_extract({_SYLLABLES}, 1 + cast(hash(person * 7 + 2) % 12 as integer)) as first_name,
                    case when hash(person * 7 + 3) % 5 = 0
                        then list_extract({_SYLLABLES}, 1 + cast(hash(person * 7 + 4) % 10 as integer))
                            || list_extract({_SYLLABLES}, 1 + cast(hash(person * 7 + 5) % 10 as integer))
                        else list_extract({_SYLLABLES}, 1 + cast(hash(person * 11 + 4) % 30 as integer))
                            || list_extract({_SYLLABLES}, 1 + cast(hash(person * 11 + 5) % 30 as integer))
                            || list_extract({_SYLLABLES}, 1 + cast(hash(person * 11 + 6) % 30 as integer))
                    end as last_name,
                    date '1930-01-01' + cast(hash(person * 13) % 28000 as integer) as date_of_birth,
                    lpad(cast(hash(person * 17) % 30000 as varchar), 5, '0') as postcode,
                    hash(person * 19) % 9 as doubled
                from (select unnest(range({records * 3 // 4})) as person) as numbers
            ),
            copies as (
                select *, unnest(range(case when person % 9 < 7 then 1 when person % 9 = 7 then 2 else 3 end)) as copy
                from people
            )
            select
                'M' || lpad(cast(row_number() over (order by person, copy) as varchar), 8, '0') as member_id,
                first_name,
                case when copy = 0 then last_name else left(last_name, 2) || substr(last_name, 2) end as last_name,
                date_of_birth,
                postcode,
                first_name || '.' || last_name || person
                || case when copy = 0 then '' else 'x' || copy end || '@example.com' as email,
                timestamp '2024-01-01' as joined_at,
                timestamp '2024-01-01' as updated_at,
                'bench.csv' as _file,
                row_number() over (order by person, copy) as _line
            from copies
            order by member_id
            limit {records}
            """
        )


def link(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Score and decide; gives how many pairs were compared and how many links applied."""
    compared = score_pairs(con, DEFAULT_THRESHOLDS)
    pairs = read_pairs(con, {})
    return compared, len(decide_links(pairs, read_parts(con), DEFAULT_THRESHOLDS).links)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=500_000)
    records = parser.parse_args().records
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder), {"as_of_date": "2024-06-30", "cutoff_at": "2024-07-01 00:00:00"})
        fill(warehouse, records)
        started = time.monotonic()
        warehouse.run(["run", "--select", "+int_persons_prepared", "+int_identity_nodes_connected"])
        print(f"prepared {records:,} records: {time.monotonic() - started:.1f} s")
        for words in ("all new", "nothing new"):
            with warehouse.connect() as con:
                con.execute("set threads = 2")
                con.execute("set memory_limit = '4GB'")
                started = time.monotonic()
                compared, links = link(con)
                seconds = time.monotonic() - started
            print(f"{words}: {compared:,} pairs compared, {links:,} links applied: {seconds:.1f} s")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GB")


if __name__ == "__main__":
    main()
