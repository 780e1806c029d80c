"""Which columns each exported table has, in contract order, with their types; and how the demo lays the table out."""

from dataclasses import dataclass
from typing import Any

_EVENT = (
    "id anonymous_id user_id timestamp:t received_at:t url path title referrer search context_campaign_source "
    "context_campaign_medium context_campaign_name context_campaign_term context_campaign_content context_ip "
    "context_user_agent context_device_type context_locale context_timezone"
)
_TYPES = {
    "": "string",
    "i": "integer",
    "n": "number",
    "b": "boolean",
    "t": "timestamp",
    "d": "date",
    "j": "json",
}
SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "json": "VARCHAR",
}


@dataclass(frozen=True)
class Table:
    """One exported table: its contract, and the format of its dump and of its daily increments."""

    source: str
    name: str
    key: tuple[str, ...]
    columns: dict[str, str]
    # Extension of the history dump, and of each day's increment; no increment means one undated dump.
    dump: str
    daily: str | None
    # How text formats write a timestamp; Parquet has a type of its own.
    time_format: str
    # Ids that Parquet and JSON hold as integers.
    integer_ids: tuple[str, ...] = ()
    # Parquet timestamps carry the zone UTC.
    zoned: bool = False
    # Hours by which CSV and JSON write local times; the format names the offset.
    utc_offset: int = 0
    # How CSV writes true and false.
    booleans: tuple[str, str] = ("true", "false")
    # Integers that CSV writes as 3.0, as tools do whose column once held a null.
    float_integers: tuple[str, ...] = ()
    # Column that says which of two rows of one key is newer.
    version: str | None = None
    # A table so small that each day brings all of it again.
    daily_full: bool = False
    # Files of one day's increment.
    parts: int = 1
    # An undated dump from the early days lies beside the dated extracts, with rows that later dumps left out.
    early_dump: bool = False

    @property
    def path(self) -> str:
        return f"{self.source}/{self.name}"


ISO = "%Y-%m-%dT%H:%M:%SZ"
ISO_MS = "%Y-%m-%dT%H:%M:%S.%gZ"
SPACED = "%Y-%m-%d %H:%M:%S"
OFFSET = "%Y-%m-%d %H:%M:%S+00:00"
NAMED = "%Y-%m-%d %H:%M:%S UTC"
SUMMER = "%Y-%m-%dT%H:%M:%S+02:00"
EASTERN = "%Y-%m-%d %H:%M:%S-0500"
EPOCH_MS = "epoch"


def _table(
    path: str,
    columns: str,
    dump: str,
    daily: str | None,
    time_format: str = ISO,
    key: str = "id",
    integer_ids: str = "",
    float_integers: str = "",
    **more: Any,
) -> Table:
    source, name = path.split("/")
    parsed = {}
    for column in columns.split():
        column_name, _, code = column.partition(":")
        parsed[column_name] = _TYPES[code]
    return Table(
        source,
        name,
        tuple(key.split()),
        parsed,
        dump,
        daily,
        time_format,
        tuple(integer_ids.split()),
        float_integers=tuple(float_integers.split()),
        **more,
    )


TABLES: dict[str, Table] = {
    table.path: table
    for table in [
        _table(
            "shopify/customer",
            "id email phone first_name last_name created_at:t updated_at:t accepts_marketing:b state verified_email:b "
            "default_address_address_1 default_address_city default_address_province default_address_country_code "
            "default_address_zip tags",
            "csv",
            "csv",
            OFFSET,
            version="updated_at",
            booleans=("T", "F"),
        ),
        _table(
            "shopify/order",
            "id name customer_id email phone created_at:t processed_at:t updated_at:t cancelled_at:t financial_status "
            "fulfillment_status currency subtotal_price:n total_price:n total_discounts:n total_tax:n total_shipping:n "
            "source_name referring_site landing_site_base_url browser_ip discount_code test:b",
            "csv.gz",
            "jsonl",
            ISO,
            integer_ids="id customer_id",
            version="updated_at",
        ),
        _table(
            "shopify/order_line",
            "id order_id product_id variant_id sku name quantity:i price:n total_discount:n",
            "parquet",
            "csv",
            integer_ids="id order_id product_id variant_id",
        ),
        _table("shopify/refund", "id order_id created_at:t", "csv", "csv", ISO),
        _table(
            "shopify/order_line_refund",
            "id refund_id order_line_id quantity:i subtotal:n total_tax:n",
            "jsonl",
            "jsonl",
            integer_ids="id refund_id order_line_id",
        ),
        _table(
            "shopify/product",
            "id title product_type vendor unit_cost:n created_at:t updated_at:t",
            "csv",
            None,
            SPACED,
            version="updated_at",
        ),
        _table(
            "segment/identifies",
            "id anonymous_id user_id email phone timestamp:t received_at:t",
            "jsonl.gz",
            "jsonl",
            ISO_MS,
        ),
        _table("segment/pages", _EVENT, "parquet", "csv.gz", ISO_MS),
        _table(
            "segment/tracks",
            _EVENT + " event product_id order_id query value:n currency experiment_id variation_id properties:j",
            "parquet",
            "jsonl.gz",
            ISO_MS,
            parts=2,
        ),
        _table(
            "hubspot/contact",
            "id property_email property_phone property_firstname property_lastname property_jobtitle "
            "property_associatedcompanyid property_lifecyclestage property_city property_country "
            "property_date_of_birth:d property_gender property_createdate:t property_lastmodifieddate:t "
            "property_hs_merged_object_ids _fivetran_deleted:b",
            "jsonl",
            "csv",
            ISO_MS,
            integer_ids="id",
            version="property_lastmodifieddate",
        ),
        _table(
            "hubspot/company",
            "id property_name property_industry property_numberofemployees:i property_annualrevenue:n property_city "
            "property_country property_createdate:t is_deleted:b",
            "csv",
            None,
            ISO,
            booleans=("yes", "no"),
            float_integers="property_numberofemployees",
        ),
        _table(
            "hubspot/deal",
            "deal_id property_dealname property_amount:n deal_currency deal_pipeline_stage_id property_createdate:t "
            "property_closedate:t is_won:b is_deleted:b",
            "csv",
            "csv",
            NAMED,
            key="deal_id",
            booleans=("1", "0"),
        ),
        _table("hubspot/deal_contact", "deal_id contact_id", "csv", "csv", key="deal_id contact_id"),
        _table(
            "klaviyo/person",
            "id email phone_number first_name last_name city country created:t updated:t",
            "jsonl.gz",
            "jsonl",
            ISO,
            version="updated",
        ),
        _table(
            "klaviyo/campaign",
            "id name subject sent_at:t campaign_type",
            "csv",
            "csv",
            EASTERN,
            utc_offset=-5,
        ),
        _table("klaviyo/metric", "id name", "csv", None),
        _table(
            "klaviyo/event",
            "id person_id metric_id campaign_id flow_id datetime:t property_url",
            "parquet",
            "parquet",
            zoned=True,
        ),
        _table(
            "google_ads/campaign_history",
            "id updated_at:t customer_id name advertising_channel_type",
            "csv",
            "csv",
            SPACED,
            daily_full=True,
            key="id updated_at",
        ),
        _table(
            "google_ads/campaign_stats",
            "id date:d customer_id device ad_network_type impressions:i clicks:i cost_micros:i conversions:n "
            "conversions_value:n currency_code",
            "csv.gz",
            "csv",
            key="id date device ad_network_type",
        ),
        _table(
            "facebook_ads/campaign_history",
            "id updated_time:t account_id name",
            "jsonl",
            "jsonl",
            OFFSET,
            daily_full=True,
            key="id updated_time",
            integer_ids="id",
        ),
        _table(
            "facebook_ads/basic_campaign",
            "campaign_id date:d account_id impressions:i inline_link_clicks:i spend:n account_currency",
            "parquet",
            "parquet",
            key="campaign_id date",
            integer_ids="campaign_id",
        ),
        _table("zendesk/user", "id email phone name role", "jsonl", "jsonl", integer_ids="id"),
        _table(
            "zendesk/ticket",
            "id requester_id created_at:t updated_at:t status priority type satisfaction_score",
            "jsonl.gz",
            "jsonl",
            ISO,
            integer_ids="id requester_id",
            version="updated_at",
        ),
        _table(
            "loyalty/member",
            "member_id email phone first_name last_name postcode date_of_birth:d tier joined_at:t updated_at:t",
            "csv",
            "csv",
            SPACED,
            key="member_id",
            early_dump=True,
            version="updated_at",
        ),
        _table("loyalty/point_transaction", "id member_id points:i occurred_at:t order_id", "csv.gz", "csv", ISO),
        _table(
            "survey/response",
            "id email customer_ref survey question score:n answer product_id submitted_at:t",
            "csv",
            "csv",
            SUMMER,
            utc_offset=2,
        ),
        _table(
            "consent/event",
            "id email phone user_id anonymous_id purpose status lawful_basis occurred_at:t",
            "jsonl",
            "jsonl",
            ISO_MS,
        ),
        _table("consent/erasure_request", "id email phone user_id requested_at:t", "csv", "csv", ISO),
        _table(
            "partner/placement_event",
            "id partner event email phone anonymous_id campaign order_id cost:n currency occurred_at:t",
            "csv.gz",
            "csv",
            EPOCH_MS,
        ),
        _table(
            "campaigns/send",
            "id campaign_id campaign_name channel segment variation_id email customer_id sent_at:t cost:n currency",
            "parquet",
            "csv",
            ISO,
        ),
        _table(
            "finance/fx_rate",
            "date:d from_currency to_currency rate:n",
            "csv",
            None,
            key="date from_currency to_currency",
        ),
    ]
}
