"""What people do in a session: named scripts of steps, a page view or a tracked event each."""

from dataclasses import dataclass

import numpy as np

# A step is P:<page> or T:<event>; `2` behind a product means another product than the session's own.
SCRIPTS: dict[str, str] = {
    "bounce": "P:home",
    "bounce_product": "P:product",
    "glance": "P:home P:category",
    "browse": "P:category P:product T:Product_Viewed",
    "browse_more": "P:home T:Product_List_Viewed P:product T:Product_Viewed P:product2 T:Product_Viewed2",
    "search": "P:home T:Products_Searched P:search P:product T:Product_Viewed",
    "compare": "P:product T:Product_Viewed P:product2 T:Product_Viewed2 T:Product_Compared",
    "cart_left": "P:product T:Product_Viewed T:Product_Added P:cart T:Cart_Viewed",
    "checkout_left": "P:product T:Product_Added P:cart T:Cart_Viewed P:checkout T:Checkout_Started",
    "second_thoughts": "P:product T:Product_Added T:Product_Removed P:home",
    "download": "P:blog T:Content_Downloaded",
    "video": "P:blog T:Video_Playback_Completed",
    "prices": "P:pricing T:Price_Page_Viewed",
    "lead": "P:pricing T:Price_Page_Viewed P:contact T:Lead_Submitted",
    "sign_up": "P:home P:account T:Signed_Up",
    "offer": "P:home T:Experiment_Viewed T:Offer_Shown T:Offer_Accepted",
    "offer_declined": "P:home T:Experiment_Viewed T:Offer_Shown P:category",
    "custom": "P:home T:Store_Locator_Opened",
    "app_only": "T:Product_List_Viewed T:Product_Viewed",
    "long": "P:home P:category P:product T:Product_Viewed P:category P:product2 T:Product_Viewed2 P:blog P:home",
    "sign_in": "P:home T:Signed_In P:account P:product T:Product_Viewed",
    "sign_out": "P:account P:home T:Signed_Out",
    "unsubscribe": "P:unsubscribe P:home",
    "order": (
        "P:product T:Product_Viewed T:Product_Added P:cart T:Cart_Viewed T:Checkout_Started P:checkout "
        "T:Order_Completed"
    ),
    "order_short": "P:cart T:Checkout_Started T:Order_Completed",
    "order_sign_in": (
        "P:product T:Product_Viewed T:Product_Added P:account T:Signed_In T:Checkout_Started P:checkout "
        "T:Order_Completed"
    ),
    "tablet": "P:home T:Signed_In P:category P:product T:Product_Viewed T:Signed_Out",
    "tablet_left_open": "P:home T:Signed_In P:product T:Product_Viewed T:Product_Added",
    "tablet_nobody": "P:home P:category",
}
# Ordinary browsing, by how often.
BROWSING = {
    "bounce": 17,
    "bounce_product": 11,
    "glance": 13,
    "browse": 17,
    "browse_more": 8,
    "search": 7,
    "compare": 3,
    "cart_left": 7,
    "checkout_left": 3.5,
    "second_thoughts": 1.5,
    "download": 2,
    "video": 1.5,
    "prices": 2,
    "lead": 0.4,
    "sign_up": 1,
    "offer": 1,
    "offer_declined": 1,
    "custom": 1,
    "app_only": 1,
    "long": 3,
    "sign_out": 0.6,
    "unsubscribe": 0.25,
}
NAMES = list(SCRIPTS)


@dataclass(frozen=True)
class Steps:
    """Every step of every script, script after script."""

    script_start: np.ndarray
    script_length: np.ndarray
    is_page: np.ndarray
    page: np.ndarray  # page kind, for a track the page on which it happens
    event: np.ndarray  # event name, null for a page
    other_product: np.ndarray
    order_step: np.ndarray  # position within its script of Order Completed, -1 without
    sign_in_step: np.ndarray


def all_steps() -> Steps:
    start, length, order_step, sign_in_step = [], [], [], []
    is_page: list[bool] = []
    page: list[str] = []
    event: list[str | None] = []
    other: list[bool] = []
    for script in SCRIPTS.values():
        steps = script.split()
        start.append(len(page))
        length.append(len(steps))
        here = "home"
        for step in steps:
            kind, name = step.split(":")
            other.append(name.endswith("2"))
            name = name.rstrip("2")
            if kind == "P":
                here = name
            is_page.append(kind == "P")
            page.append(here)
            event.append(None if kind == "P" else name.replace("_", " "))
        names = event[start[-1] :]
        order_step.append(names.index("Order Completed") if "Order Completed" in names else -1)
        sign_in_step.append(names.index("Signed In") if "Signed In" in names else -1)
    return Steps(
        np.array(start),
        np.array(length),
        np.array(is_page),
        np.array(page, dtype=object),
        np.array(event, dtype=object),
        np.array(other),
        np.array(order_step),
        np.array(sign_in_step),
    )
