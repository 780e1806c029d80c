"""Builds a world from the top: people, what they do, what each system exports of it, and the truth."""

import json
from datetime import date
from pathlib import Path

from .accounts import open_accounts
from .ads import spend_on_ads
from .catalogue import stock_catalogue
from .consents import record_consent
from .crm import keep_crm
from .devices import hand_out_devices
from .email import send_email
from .faults import plant_faults
from .finance import quote_rates
from .landing import write_exports
from .loyalty import run_loyalty
from .orders import take_orders
from .partners import place_with_partners, plan_clicks
from .people import invent_people
from .plan import Cast
from .scene import Scene
from .sends import send_activations
from .site import visit_site
from .store import Store
from .summary import WorldSummary
from .support import run_support
from .surveys import ask_people
from .truth import write_truth


def build_world(
    out: Path, customers: int, days: int, end: date, seed: int, faults: bool, hash_key: str = ""
) -> WorldSummary:
    scene = Scene(customers, days, end, seed, hash_key)
    store = Store()
    try:
        people = invent_people(scene)
        quote_rates(scene, store)
        catalogue = stock_catalogue(scene, store)
        accounts = open_accounts(scene, store, people)
        orders = take_orders(scene, store, people, accounts, catalogue)
        clicks = send_email(scene, store, people)
        placements = plan_clicks(scene, people)
        devices = hand_out_devices(scene, people)
        cast = Cast(people, accounts, orders, devices, clicks, placements)
        visits = visit_site(scene, store, cast, catalogue)
        spend_on_ads(scene, store, visits)
        keep_crm(scene, store, people)
        run_support(scene, store, people, orders)
        run_loyalty(scene, store, people, orders)
        ask_people(scene, store, people, accounts, orders, catalogue)
        record_consent(scene, store, people, accounts, devices)
        place_with_partners(scene, store, people, devices, orders, placements)
        send_activations(scene, store, people, accounts)
        files = write_exports(scene, store, out)
        truth = out / "_truth"
        write_truth(store, people, devices, truth)
        planted = plant_faults(scene, store, out, files) if faults else []
    finally:
        store.close()
    rows: dict[str, int] = {}
    for name, count in files.items():
        source, table = name.split("/")[:2]
        key = f"{source}.{table.split('.')[0]}"
        rows[key] = rows.get(key, 0) + count
    summary = WorldSummary(out, len(files) + len(planted), rows, scene.first_date, end, truth, planted)
    (truth / "faults.json").write_text(json.dumps(planted, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (truth / "world.json").write_text(
        json.dumps(
            {
                "customers": customers,
                "days": days,
                "start": str(scene.first_date),
                "dump": str(scene.dump_date),
                "end": str(end),
                "seed": seed,
                "faults": faults,
                "rows": rows,
                "files": files,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    return summary
