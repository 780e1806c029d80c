{#
  Free text without the e-mail addresses, phone numbers and IPv4 addresses in it: each becomes [masked]. A link may carry them
  percent-encoded, so %40 counts as @, %2B as + and %20 as a space. A phone number is
    - + or 00, then 7 to 15 digits, however they are grouped;
    - groups of 3, 3 and 4 digits;
    - a trunk 0 in the usual national groupings;
    - 10 to 15 digits in one run.
  Dates (8 digits) and the ids of ad platforms of 16 digits and more are none of these. A match takes the character
  on either side along, so that longer runs do not match in part; a second pass reaches a neighbour that lost its side.
#}
{% macro mask_identifiers(expression) -%}
    {%- set part = "[^\\s@/?&=#:;,<>()\"\\[\\]]" -%}
    {%- set email = part ~ "+(?:@|%(?:25)?40)" ~ part ~ "+(?:\\.|%2[eE])" ~ part ~ "+" -%}
    {%- set gap = "(?:%20|[ ().\\-]){0,3}" -%}
    {%- set separator = "(?:%20|[ ._\\-])" -%}
    {%- set international = "(?:(?:\\+|%2[bB])" ~ gap ~ "|00" ~ gap ~ ")[1-9](?:" ~ gap ~ "[0-9]){6,14}" -%}
    {%- set grouped = "\\(?[0-9]{3}\\)?" ~ separator ~ "{1,2}[0-9]{3}" ~ separator ~ "[0-9]{4}" -%}
    {%- set trunk = "(?:\\(?0[1-9][0-9]{1,3}\\)?" ~ separator ~ "{1,2}(?:[0-9]{6,8}|[0-9]{3,4}" ~ separator ~ "[0-9]{3,5})"
        ~ "|0[1-9](?:" ~ separator ~ "[0-9]{2}){4}|0[1-9][0-9]{7})" -%}
    {%- set bare = "[0-9]{10,15}" -%}
    {%- set address = "(?:[0-9]{1,3}\\.){3}[0-9]{1,3}" -%}
    {%- set ns = namespace(text=regex_replace_all(expression, email, '[masked]')) -%}
    {%- for pattern in [international, address, grouped ~ "|" ~ trunk ~ "|" ~ bare] -%}
        {%- for pass in range(2) -%}
            {%- set ns.text = regex_replace_all(
                ns.text,
                "(^|[^0-9])(?:" ~ pattern ~ ")($|[^0-9])",
                regex_group(1) ~ "[masked]" ~ regex_group(2)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    case
        when {{ regex_matches(expression, '@|%(?:25)?40|[0-9](?:[^0-9A-Za-z]{0,3}[0-9]){6}|[0-9]\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]') }}
            then {{ ns.text }}
        else {{ expression }}
    end
{%- endmacro %}

{# A name without the e-mail addresses in it: file names hold dates and counters that look like phone numbers. #}
{% macro mask_emails(expression) -%}
    {{ regex_replace_all(expression, '[^\\s@/]+@[^\\s@/]+', '[masked]') }}
{%- endmacro %}
