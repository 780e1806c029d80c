{#
  The type of identifier that a source of one's own brings: <source>_id, unless the source's contract says, with
  `config.meta.customer_ids_of: <other source>`, that its customer ids are another source's.
#}
{% macro own_identifier_type(own_source) -%}
    {%- set types = {
        'shopify': 'user_id', 'segment': 'user_id', 'survey': 'user_id', 'hubspot': 'crm_id', 'loyalty': 'loyalty_id',
        'klaviyo': 'klaviyo_id', 'zendesk': 'zendesk_id'
    } -%}
    {%- set found = namespace(type=own_source ~ '_id') -%}
    {%- if execute -%}
        {%- for node in graph.get('sources', {}).values() if node.source_name == own_source -%}
            {%- set owner = node.config.meta.get('customer_ids_of') -%}
            {%- if owner and owner in types -%}
                {%- set found.type = types[owner] -%}
            {%- elif owner and owner in var('own_sources') -%}
                {%- set found.type = owner ~ '_id' -%}
            {%- elif owner -%}
                {{ exceptions.raise_compiler_error(
                    "The contract of source " ~ own_source ~ " says customer_ids_of: " ~ owner
                    ~ ", which is no source with customer ids. Name one of "
                    ~ (types.keys() | list + var('own_sources').keys() | list) | join(', ') ~ "."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if found.type == own_source ~ '_id' and found.type in shared_identifier_types() -%}
        {{ exceptions.raise_compiler_error(
            "A source of one's own may not be called " ~ own_source ~ ": its ids would be taken for the " ~ found.type
            ~ "s of another system. Rename the source."
        ) }}
    {%- endif -%}
    {{ return(found.type) }}
{%- endmacro %}

{# The types that every warehouse has, in the order that decides between identifiers seen at the same time. #}
{% macro shared_identifier_types() -%}
    {{ return(['user_id', 'email', 'phone', 'crm_id', 'loyalty_id', 'klaviyo_id', 'zendesk_id', 'anonymous_id']) }}
{%- endmacro %}

{# All types of identifier in their order: a source's own type stands before anonymous_id. #}
{% macro identifier_types() -%}
    {%- set types = shared_identifier_types()[:-1] -%}
    {%- for own_source in var('own_sources') -%}
        {%- if own_identifier_type(own_source) not in types -%}
            {%- do types.append(own_identifier_type(own_source)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do types.append('anonymous_id') -%}
    {{ return(types) }}
{%- endmacro %}

{# The place of each of some names in a list, as a number; names outside the list come last. #}
{% macro place_in_list(expression, names) -%}
    case {{ expression }}
        {%- for name in names %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
        else {{ names | length + 1 }}
    end
{%- endmacro %}

{# The place of a type of identifier in the order of types. #}
{% macro identifier_type_order(column) -%}
    {{ place_in_list(column, identifier_types()) }}
{%- endmacro %}

{# The place of a source in the order of vars.sources, then vars.own_sources: breaks ties between equal times. #}
{% macro source_order(column) -%}
    {{ place_in_list(column, var('sources') + (var('own_sources').keys() | list)) }}
{%- endmacro %}

{# The place of a source in vars.survivorship; sources that are not named there come after it, in their own order. #}
{% macro survivorship_order(column) -%}
    {%- set ranked = var('survivorship') | list -%}
    {%- for name in var('sources') + (var('own_sources').keys() | list) if name not in ranked -%}
        {%- do ranked.append(name) -%}
    {%- endfor -%}
    {{ place_in_list(column, ranked) }}
{%- endmacro %}

{# White space of any script: what `\s` of the regular expressions misses is named. #}
{% macro white_space() -%}
    {{ return('\\s\\x0b\\x1c-\\x1f\\x{85}\\p{Z}') }}
{%- endmacro %}

{# A text without white space at its ends. #}
{% macro trim_white_space(expression) -%}
    {{ regex_replace_all(expression, '^[' ~ white_space() ~ ']+|[' ~ white_space() ~ ']+$', '') }}
{%- endmacro %}

{# Whether a trimmed, lower-case value is a placeholder: one of vars.identity_blocked_patterns matches. #}
{% macro is_placeholder(expression) -%}
    {%- set patterns = [] -%}
    {%- for pattern in var('identity_blocked_patterns') -%}
        {%- do patterns.append('(?:' ~ pattern ~ ')') -%}
    {%- endfor -%}
    {%- if patterns -%}
        {{ regex_matches(expression, patterns | join('|')) }}
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{# A number per identifier: how many accounts make it a shared one (vars.identity_limits); null where there is no limit. #}
{% macro identity_limit(column) -%}
    case {{ column }}
        {%- for identifier_type, limit in var('identity_limits').items() %}
        when '{{ identifier_type }}' then {{ limit }}
        {%- endfor %}
    end
{%- endmacro %}

{# The key of a record over all sources, as one text. #}
{% macro record_key(source, record_type, record_id) -%}
    '{{ source }}:{{ record_type }}:' || {{ record_id }}
{%- endmacro %}

{#
  The key of the group of segment events that name the same person, by the columns that name it. Those that were erased
  are records of their own: what they name no longer counts, what the others name does.
#}
{% macro event_record_key(record_type, columns) -%}
    'segment:' || {{ record_type }} || ':'
    {%- for column in columns %} || {{ delimited(column) }}{% endfor %} || case when is_erased then ':erased' else '' end
{%- endmacro %}

{# What stands in an exported column in place of an e-mail or phone that was erased: erased:<validity>:<hash>. #}
{% macro is_erased_token(expression) -%}
    {{ regex_matches(expression, '^erased:(?:ok|invalid|placeholder):[0-9a-f]{64}$') }}
{%- endmacro %}

{# A text that is different for different values, nulls too: its length stands before it. #}
{% macro delimited(expression) -%}
    coalesce(cast(length({{ expression }}) as string) || ':' || {{ expression }}, '-')
{%- endmacro %}

{# A query that normalises e-mail addresses: from a query or relation of (raw_value) to (raw_value, value, validity). #}
{% macro normalised_emails(relation) -%}
    select
        raw_value,
        value,
        case
            when {{ is_placeholder('value') }} then 'placeholder'
            when {{ regex_matches('value', '^[^@' ~ white_space() ~ ']+@[^@' ~ white_space() ~ ']+\\.[^@' ~ white_space() ~ ']+$') }}
                then 'ok'
            else 'invalid'
        end as validity
    from (
        select
            raw_value,
            {{ lower_case(trim_white_space('raw_value')) }} as value
        from {{ relation }} as addresses
    ) as trimmed
{%- endmacro %}

{#
  A query that normalises phone numbers: from a query or relation of (raw_value, country) to (raw_value, country,
  value, validity). An `ok` value is E.164. The country, a code or an English name, gives the calling code of a
  national number; where it names no country, vars.default_country does.
#}
{% macro normalised_phones(relation) -%}
    select
        raw_value,
        country,
        case when validity = 'ok' then '+' || international_digits else raw_digits end as value,
        validity
    from (
        select
            raw_value,
            country,
            raw_digits,
            international_digits,
            case
                when {{ is_placeholder('trimmed_value') }} or {{ is_placeholder('raw_digits') }} then 'placeholder'
                {#- Without a digit, or of one digit repeated. #}
                when replace(raw_digits, substr(raw_digits, 1, 1), '') = '' then 'placeholder'
                when raw_digits like '%0000000' or raw_digits = '1234567890' then 'placeholder'
                when length(international_digits) between 8 and 15 then 'ok'
                else 'invalid'
            end as validity
        from (
            select
                raw_value,
                country,
                trimmed_value,
                raw_digits,
                case
                    when marks like '+%' then digits_without_trunk
                    when marks like '00%' then substr(digits_without_trunk, 3)
                    when calling_code = '1' and length(digits) = 11 and digits like '1%' then digits
                    when calling_code <> '1' and not keeps_trunk_zero and digits like '0%'
                        then calling_code || substr(digits, 2)
                    else calling_code || digits
                end as international_digits
            from (
                select
                    located.raw_value,
                    located.country,
                    located.trimmed_value,
                    countries.calling_code,
                    countries.keeps_trunk_zero,
                    {{ regex_replace_all('located.trimmed_value', '[^0-9]', '') }} as raw_digits,
                    {{ regex_replace_all('located.main_number', '[^0-9]', '') }} as digits,
                    {{ regex_replace_all('located.main_number', '[^0-9+]', '') }} as marks,
                    {#- A trunk zero in brackets after a country code is for callers at home. #}
                    {{ regex_replace_all(
                        regex_replace_all('located.main_number', '\\([' ~ white_space() ~ ']*0[' ~ white_space() ~ ']*\\)', ''),
                        '[^0-9]', ''
                    ) }} as digits_without_trunk
                from (
                    select
                        parts.raw_value,
                        parts.country,
                        parts.trimmed_value,
                        {#- An extension follows a number; where nothing is left before it, it was none. #}
                        case
                            when {{ regex_matches('parts.without_extension', '[0-9]') }} then parts.without_extension
                            else parts.trimmed_value
                        end as main_number,
                        coalesce(coded.country_code, named.country_code, '{{ var("default_country") }}') as country_code
                    from (
                        select
                            raw_value,
                            country,
                            trimmed_value,
                            {{ regex_replace_all(
                                'trimmed_value',
                                '[' ~ white_space() ~ ',;]*(?:extension|extn|ext|x|#)[' ~ white_space() ~ '.:=]*[0-9]+$', ''
                            ) }} as without_extension,
                            {{ trim_white_space('lower(country)') }} as country_text
                        from (
                            select
                                raw_value,
                                country,
                                lower({{ trim_white_space('raw_value') }}) as trimmed_value
                            from {{ relation }} as phone_numbers
                        ) as trimmed
                    ) as parts
                    left join {{ ref('countries') }} as coded on parts.country_text = lower(coded.country_code)
                    left join {{ ref('country_names') }} as named on parts.country_text = lower(named.country_name)
                ) as located
                left join {{ ref('countries') }} as countries on located.country_code = countries.country_code
            ) as digitised
        ) as dialled
    ) as judged
{%- endmacro %}

{#
  Lower case as Unicode maps it. Engines lower the dotted capital I to a plain i, which would join two addresses that
  differ; its full mapping keeps the dot as a combining character.
#}
{% macro lower_case(expression) -%}
    lower(replace({{ expression }}, 'İ', 'i̇'))
{%- endmacro %}
