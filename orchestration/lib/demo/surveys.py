"""What people answer when asked: scores, and free text in every shape."""

import numpy as np

from .accounts import Accounts
from .catalogue import Catalogue
from .orders import Orders
from .people import People
from .scene import DAY, Scene, at, pick, where
from .store import Store

_ANSWERS = [
    None,
    "Great!",
    "ok",
    "Too slow; too dear",
    'They said "tomorrow", it took a week',
    "Line one\nline two",
    "=1+1",
    "+49 is not a price",
    "☕☕☕ love it",
    "N/A",
    "NULL",
    "très bien, merci",
    " spaced ",
    "-",
    "@home it works",
    "a,b;c\td",
]
_QUESTIONS = {
    "nps": "How likely are you to recommend us?",
    "csat": "How was your order?",
    "product_rating": "How do you like it?",
    "brand": "Which of these brands do you know?",
    "need": "What are you looking for?",
}


def ask_people(
    scene: Scene, store: Store, people: People, accounts: Accounts, orders: Orders, catalogue: Catalogue
) -> None:
    rng = scene.rng("surveys")
    asked = np.flatnonzero((orders.person >= 0) & (rng.random(len(orders)) < 0.09))
    others = np.flatnonzero(rng.random(len(people)) < 0.02)
    person = np.concatenate([orders.person[asked], others])
    when = np.concatenate(
        [
            orders.placed[asked] + rng.integers(2 * DAY, 16 * DAY, len(asked)),
            scene.moments(rng, people.since[others], scene.stop, len(others)),
        ]
    )
    product = np.concatenate([orders.product[asked], np.full(len(others), -1)])
    survey = pick(rng, ["nps", "csat", "product_rating"], len(person), [0.45, 0.35, 0.2])
    survey[len(asked) :] = pick(rng, ["brand", "need"], len(others))
    inside = np.flatnonzero(when < scene.stop)
    rows = inside[np.argsort(when[inside], kind="stable")]
    person, when, product, survey = person[rows], when[rows], product[rows], survey[rows]
    size = len(rows)
    mood = np.clip(rng.normal(0.72, 0.22, size), 0, 1)
    score = np.select(
        [survey == "nps", np.isin(survey, ["csat", "product_rating"])],
        [np.round(mood * 10), 1 + np.round(mood * 4)],
        np.nan,
    )
    account = accounts.of_person[person]
    knows_account = (account >= 0) & (rng.random(size) < 0.5)
    knows_email = rng.random(size) < where(knows_account, 0.6, 0.93)
    email = where(rng.random(size) < 0.1, people.other_email[person], people.email[person])
    store.add(
        "survey/response",
        {
            "id": np.array([f"sv-{n:06d}" for n in range(size)], dtype=object),
            "email": where(knows_email, email, None),
            "customer_ref": where(knows_account, account.astype(str).astype(object), None),
            "survey": survey,
            "question": np.array([_QUESTIONS[name] for name in survey], dtype=object),
            "score": where(rng.random(size) < 0.02, np.nan, score),
            "answer": pick(rng, _ANSWERS, size),
            "product_id": where(
                (survey == "product_rating") & (product >= 0),
                catalogue.ids[np.maximum(product, 0)].astype(str).astype(object),
                None,
            ),
            "submitted_at": at(when),
        },
        landed=when // DAY,
        person=person,
    )
