{#
  How a seed's file is read: fields are quoted by ", whatever they hold. The adapter's own statement guesses the quote from
  the file, and takes a ' that begins a name for one.
#}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set sql -%}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}'
        (format csv, header true, delimiter '{{ config.get("delimiter", ",") }}', quote '"', escape '"')
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
