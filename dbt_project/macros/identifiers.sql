{#
  hash(x) of identity.md: SHA-256 hex of the key and the text. The key is a secret of the environment, so it is
  a variable of the connection (orchestration.dbt_plugin sets it), never a text in compiled SQL. Use it in
  tables only: a view would hash with the key of whoever reads it.
#}
{% macro keyed_hash(expression) -%}
    {{ sha256_hex(hash_key() ~ ' || ' ~ expression) }}
{%- endmacro %}
