{#
  A text of a person record as it is compared: lower case, without accents or punctuation, single spaces; null where
  nothing is left. What `kept` does not name goes; a hyphen or a line break parts words.
#}
{% macro comparable_text(expression, kept) -%}
    {%- set lowered = "replace(replace(replace(lower(" ~ without_accents(expression)
        ~ "), 'ß', 'ss'), 'ø', 'o'), 'æ', 'ae')" -%}
    {%- set parted = regex_replace_all(lowered, '[\\-_/,;' ~ white_space() ~ ']+', ' ') -%}
    nullif(trim({{ regex_replace_all(parted, '[^' ~ kept ~ ']+', '') }}), '')
{%- endmacro %}

{# A name as it is compared; null where it stands for no name. #}
{% macro comparable_name(expression) -%}
    case
        when not {{ is_placeholder('lower(' ~ trim_white_space(expression) ~ ')') }}
            then {{ comparable_text(expression, '\\p{L} ') }}
    end
{%- endmacro %}

{# A blocking key of several parts, null where one of them is: pairs that share a key are compared. #}
{% macro blocking_key(parts) -%}
    {{ parts | join(" || '|' || ") }}
{%- endmacro %}

{# The first or last letters of a text, null where it has fewer. #}
{% macro letters_of(expression, count, from_the_end=false) -%}
    case
        when length({{ expression }}) >= {{ count }}
            then {% if from_the_end -%}
                substr({{ expression }}, length({{ expression }}) - {{ count - 1 }}, {{ count }})
            {%- else -%}
                substr({{ expression }}, 1, {{ count }})
            {%- endif %}
    end
{%- endmacro %}
