{# A tracked event's name in one form: 'Product Viewed', 'product_viewed' and 'PRODUCT VIEWED' are product_viewed. #}
{% macro event_name(expression) -%}
    {{ regex_replace_all('lower(trim(' ~ expression ~ '))', '[\\s_]+', '_') }}
{%- endmacro %}

{# Whether a normalised event name tells of an intent to buy. #}
{% macro is_intent_event(event_name) -%}
    {{ event_name }} in (
        'product_added', 'cart_viewed', 'checkout_started', 'order_completed', 'price_page_viewed',
        'content_downloaded', 'video_playback_completed', 'products_searched', 'product_compared', 'signed_up',
        'lead_submitted', 'offer_accepted'
    )
{%- endmacro %}

{#
  The region of a locale as an ISO 3166 alpha-2 code: US of en-US, GB of en_GB.UTF-8, TW of zh-Hant-TW. Null where the locale
  names none, or an area of several countries (es-419).
#}
{% macro locale_region(locale) -%}
    nullif(upper({{ regex_extract(
        'trim(' ~ locale ~ ')',
        '^[A-Za-z]{2,8}(?:[-_][A-Za-z]{3}){0,3}(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})(?:[-_.@;,]|$)',
        1
    ) }}), '')
{%- endmacro %}

{# The id of the session that a device opened at a time: hash(`<anonymous_id>:<microseconds since 1970, UTC>`). #}
{% macro session_id(anonymous_id, started_at) -%}
    {{ keyed_hash(
        anonymous_id ~ " || ':' || cast("
        ~ microseconds_between("cast('1970-01-01 00:00:00' as timestamp)", started_at) ~ " as string)"
    ) }}
{%- endmacro %}
