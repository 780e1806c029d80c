"""Words and shapes that several tables share."""

from expectations.rules import Told

CUSTOMER_ID = "[0-9a-f]{32}"
HASH = "[0-9a-f]{64}"

# The GA4 default channel group, in the order in which its rules apply.
CHANNELS = (
    "Direct",
    "Cross-network",
    "Paid Shopping",
    "Paid Search",
    "Paid Social",
    "Paid Video",
    "Display",
    "Paid Other",
    "Organic Shopping",
    "Organic Social",
    "Organic Video",
    "Organic Search",
    "Referral",
    "Email",
    "Affiliates",
    "Audio",
    "SMS",
    "Mobile Push",
    "Unassigned",
)

# Names of one's own stand beside them, as a marketer spells them.
OWN_CHANNELS = Told(
    r"select regexp_replace(channel, '^[\s\p{Z}]+|[\s\p{Z}]+$', '', 'g') from seeds.channel_overrides "
    "where channel is not null",
    "a channel of dbt_project/seeds/channel_overrides.csv",
)

# The six rules, then the two that learn from all paths.
ATTRIBUTION_MODELS = (
    "first_touch",
    "last_touch",
    "last_non_direct",
    "linear",
    "position_based",
    "time_decay",
    "markov",
    "shapley",
)
DATA_DRIVEN_MODELS = ("markov", "shapley")
CONVERSION_TYPES = ("first_purchase", "repeat_purchase", "lead", "sign_up")
UNATTRIBUTED_REASONS = ("no_customer", "no_touch_in_lookback")

FILE_STATUSES = ("loaded", "empty", "duplicate", "rejected", "unreadable", "unknown_table")
QUARANTINE_REASONS = (
    "required_null",
    "not_a_number",
    "not_an_integer",
    "not_a_timestamp",
    "not_a_date",
    "not_a_boolean",
    "not_json",
    "malformed_row",
)
