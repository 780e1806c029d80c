{#
  The host of a link, lower-case, without user, port, trailing dot and a leading www.; null where it has none.
  A text without a scheme counts when it begins like a host (a dot before the first slash): some trackers write
  referrers so. A path, mailto:, about: and the like have no host.
#}
{% macro url_host(url) -%}
    {%- set link = 'lower(trim(' ~ url ~ '))' -%}
    {%- set with_scheme = regex_extract(link, '^(?:[a-z][a-z0-9+.\\-]*:)?//(?:[^/?#]*@)?(\\[[^\\]]*\\]|[^/?#:\\s]*)', 1) -%}
    {%- set without_scheme = regex_extract(link, '^([^/?#:@()$\\s]+\\.[^/?#:@()$\\s]+)(?:[:/?#]|$)', 1) -%}
    nullif({{ regex_replace_all(
        "coalesce(nullif(" ~ with_scheme ~ ", ''), " ~ without_scheme ~ ")",
        '^www\\.|\\.+$',
        ''
    ) }}, '')
{%- endmacro %}

{# The path of a link, up to ? or #: / where a host stands alone. Null of what is neither a link nor a path. #}
{% macro url_path(url) -%}
    case
        when {{ url_host(url) }} is not null
            then coalesce(
                nullif({{ regex_extract(
                    regex_replace_all('trim(' ~ url ~ ')', '^(?:[A-Za-z][A-Za-z0-9+.\\-]*:)?//', ''),
                    '^[^/?#]*(/[^?#]*)',
                    1
                ) }}, ''),
                '/'
            )
        when trim({{ url }}) like '/%' then {{ regex_extract('trim(' ~ url ~ ')', '^[^?#]+') }}
    end
{%- endmacro %}

{# The query of a link: what stands between the first ? and the fragment; the empty text where there is none. #}
{% macro url_query(url) -%}
    {{ regex_extract(url, '^[^?#]*\\?([^#]*)', 1) }}
{%- endmacro %}

{# A part of a query decoded: + and %20 are spaces, %XX is UTF-8. What is no UTF-8 stays as it was written. #}
{% macro query_decoded(part) -%}
    coalesce({{ percent_decoded("replace(" ~ part ~ ", '+', ' ')") }}, {{ part }})
{%- endmacro %}

{#
  The domain that someone registered: the public suffix of a host and the one label before it. suffix is the entry
  of the seed public_suffixes for the host's last two labels; without one the suffix is the last label. A host without a dot,
  an address and a suffix itself stand for themselves.
#}
{% macro registrable_domain(host, suffix) -%}
    case
        when {{ host }} not like '%.%' or {{ regex_matches(host, '^[0-9.]+$|^\\[') }} then {{ host }}
        when {{ suffix }} is not null then coalesce(nullif({{ last_labels(host, 3) }}, ''), {{ host }})
        else coalesce(nullif({{ last_labels(host, 2) }}, ''), {{ host }})
    end
{%- endmacro %}

{# The last labels of a host, the empty text where it has fewer. #}
{% macro last_labels(host, count) -%}
    {{ regex_extract(host, '(?:[^.]+\\.){' ~ (count - 1) ~ '}[^.]+$') }}
{%- endmacro %}
