{# The reporting currency's code, as it stands in the data. #}
{% macro reporting_currency() -%}
    '{{ var("reporting_currency") | trim | upper }}'
{%- endmacro %}

{# The join condition under which int_fx_rates_dated gives the one rate of a currency on a day. #}
{% macro rate_applies(rates, currency, day) -%}
    {{ rates }}.from_currency = {{ currency }}
        and {{ rates }}.valid_from <= {{ day }}
        and {{ day }} < {{ rates }}.valid_to
{%- endmacro %}

{#
  The sum of an amount in its own currency, or null where one of the amounts is unknown: an amount too large for
  a decimal is null, and a sum that leaves it out would state less than there is.
#}
{% macro sum_if_all_known(amount) -%}
    {{ to_money('case when count(' ~ amount ~ ') = count(*) then sum(' ~ amount ~ ') end') }}
{%- endmacro %}

{#
  Units times an amount a unit, exactly. 20 digits hold every quantity, and with the 18 of an amount make the 38 of
  the widest decimal, so nothing overflows, however absurd; what does not fit an amount is null.
#}
{% macro units_times_amount(units, amount) -%}
    {{ to_money(try_cast_to(units, 'decimal(20, 0)') ~ ' * ' ~ amount) }}
{%- endmacro %}
