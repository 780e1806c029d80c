"""The truth beside the exports: who is behind every record, and the real channel of every session."""

from pathlib import Path

import numpy as np

from .contract import TABLES
from .devices import Devices
from .people import People
from .sessions import CONTINUES, FIXED
from .store import LANDED, PERSON, PHONE, ROW, Store
from .words import COUNTRIES

# Record type of identity, and the column of each identifier type, for every table that names a person.
_RECORDS: dict[str, tuple[str, dict[str, str]]] = {
    "shopify/customer": ("customers", {"user_id": "id", "email": "email", "phone": "phone"}),
    "shopify/order": ("orders", {"user_id": "customer_id", "email": "email", "phone": "phone"}),
    "hubspot/contact": ("contacts", {"crm_id": "id", "email": "property_email", "phone": "property_phone"}),
    "klaviyo/person": ("people", {"klaviyo_id": "id", "email": "email", "phone": "phone_number"}),
    "zendesk/user": ("users", {"zendesk_id": "id", "email": "email", "phone": "phone"}),
    "loyalty/member": ("members", {"loyalty_id": "member_id", "email": "email", "phone": "phone"}),
    "survey/response": ("responses", {"user_id": "customer_ref", "email": "email"}),
    "consent/event": (
        "events",
        {"user_id": "user_id", "email": "email", "phone": "phone", "anonymous_id": "anonymous_id"},
    ),
    "partner/placement_event": (
        "placement_events",
        {"email": "email", "phone": "phone", "anonymous_id": "anonymous_id"},
    ),
    "segment/identifies": (
        "identifies",
        {"user_id": "user_id", "email": "email", "phone": "phone", "anonymous_id": "anonymous_id"},
    ),
}


def write_truth(store: Store, people: People, devices: Devices, truth: Path) -> None:
    truth.mkdir(parents=True, exist_ok=True)
    parts = [
        f"""select {PERSON} as person_id, '{TABLES[path].source}' as source, '{record}' as record_type,
            cast("{TABLES[path].key[0]}" as varchar) as record_id, '{kind}' as identifier_type,
            "{column}" as identifier_value,
            {PHONE if kind == "phone" else "null"} as phone_e164,
            row_number() over (partition by "{TABLES[path].key[0]}" order by {LANDED} desc, {ROW} desc) = 1 as is_latest
        from "{path}" where {PERSON} >= 0"""
        for path, (record, columns) in _RECORDS.items()
        for kind, column in columns.items()
    ]
    parts.append(
        "select person, 'segment', 'devices', anonymous_id, 'anonymous_id', anonymous_id, null, true "
        'from "_devices" where person >= 0'
    )
    # Several versions of a record say the same thing mostly: once is enough.
    _copy(
        store,
        "select * exclude (is_latest), bool_or(is_latest) as is_latest "
        f"from ({' union all '.join(parts)}) where identifier_value is not null group by all order by all",
        truth / "people.parquet",
    )
    kinds = np.full(len(people), None, dtype=object)
    for name, members in people.kinds.items():
        kinds[members] = name
    store.load(
        "_people",
        {
            "person_id": np.arange(len(people)),
            "kind": kinds,
            "role": people.role,
            "household_id": people.household,
            "first_name": people.first,
            "last_name": people.last,
            "email": people.email,
            "other_email": people.other_email,
            "phone_e164": people.phone,
            "date_of_birth": people.born,
            "country_code": np.array([row[0] for row in COUNTRIES], dtype=object)[people.country],
            "postcode": people.postcode,
            "since": people.since.astype("datetime64[s]"),
        },
        {"kind": "VARCHAR", "date_of_birth": "DATE", "since": "TIMESTAMP"},
    )
    _copy(store, 'select * from "_people" order by person_id', truth / "persons.parquet")
    _copy(
        store,
        f"""with shared as (
            select device from (
                select device, "user" from "_sessions" where placeholder < 0 and "user" >= 0
                union all select s.device, o.account from "_sessions" as s
                join "_orders" as o on o."order" = s."order" where o.account >= 0
            ) group by 1 having count(distinct "user") >= 2
        )
        select d.anonymous_id, epoch_ms(s.started_ms) as started_at, nullif(s.person, -1) as person_id, w.channel,
            w.true_source as source, w.true_medium as medium, w.true_campaign as campaign,
            s.events + case when s.edge = {FIXED} then coalesce(c.events, 0) else 0 end as events,
            s.device in (select device from shared) as is_shared_device
        from "_sessions" as s
        join "_devices" as d on d.device = s.device
        join "_ways" as w on w.way = s.way
        left join "_sessions" as c on c.device = s.device and c.edge = {CONTINUES}
        where s.placeholder < 0 and s.edge <> {CONTINUES}
        order by s.session""",
        truth / "sessions.parquet",
    )


def _copy(store: Store, query: str, target: Path) -> None:
    place = str(target).replace("'", "''")
    store.con.execute(f"copy ({query}) to '{place}' (format parquet, compression zstd)")
