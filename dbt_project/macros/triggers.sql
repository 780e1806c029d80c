{#
  The models that a trigger may read: those whose rows carry times of their own. What is said as of D (customers, features,
  RFM, segments) would let a moment of last month come and go with today's state. A mart that unions triggers must name
  them all before its SQL, because dbt cannot see a ref in a file that it renders only when it runs.
#}
{% macro trigger_inputs() -%}
    {{ return([
        'int_events_owned',
        'int_orders_lasted',
        'int_records_resolved',
        'order_lines',
        'orders',
        'refunds',
        'sessions',
        'stg_consent__events',
        'stg_klaviyo__events',
        'stg_klaviyo__metrics',
        'stg_loyalty__members',
        'stg_loyalty__point_transactions',
        'stg_survey__responses',
        'stg_zendesk__tickets',
        'touchpoints'
    ]) }}
{%- endmacro %}

{# Whether a value of YAML is a whole number, so small or larger. #}
{% macro is_whole_number(value, smallest) -%}
    {{ return(value is integer and value is not boolean and value >= smallest) }}
{%- endmacro %}

{# A var, or an entry of one, that must be a whole number above zero. Anything else stops the build, by name. #}
{% macro whole_number_var(name, key=none) -%}
    {%- set value = var(name) if key is none else (var(name).get(key) if var(name) is mapping) -%}
    {%- if not is_whole_number(value, 1) -%}
        {{ exceptions.raise_compiler_error(
            'vars.' ~ name ~ ('' if key is none else '.' ~ key) ~ ' must be a whole number above 0, not ' ~ value ~ '.'
        ) }}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro %}

{# A number and what it counts: 1 visit, 2 visits. #}
{% macro counted(number, one, many) -%}
    (cast({{ number }} as string) || case when {{ number }} = 1 then ' {{ one }}' else ' {{ many }}' end)
{%- endmacro %}

{#
  The column lists of a trigger's selects outside brackets, one list of names for each: as far as text can tell, without
  running it. Comments and texts are blanked, what jinja writes is a word, and what stands in brackets is taken out.
#}
{% macro selected_columns(raw_code) -%}
    {%- set re = modules.re -%}
    {%- set ns = namespace(text=re.sub('(?s)[{]#.*?#[}]|[{]%.*?%[}]', ' ', raw_code)) -%}
    {%- set ns.text = re.sub('(?s)[{][{].*?[}][}]', ' jinja ', ns.text) -%}
    {%- set ns.text = re.sub("--[^\\n]*|/\\*(?:.|\\n)*?\\*/|'(?:[^']|'')*'", ' ', ns.text) -%}
    {%- for depth in range(100) if '(' in ns.text -%}
        {%- set ns.text = re.sub('[(][^()]*[)]', ' ', ns.text) -%}
    {%- endfor -%}
    {%- set lists = [] -%}
    {%- for items in re.findall('(?is)\\bselect\\b(.*?)(?=\\bfrom\\b|\\bunion\\b|$)', ns.text) -%}
        {%- set names = [] -%}
        {%- for item in items.split(',') -%}
            {%- do names.append((re.findall('(?:^|[\\s.])([A-Za-z_]\\w*)\\s*$', item) or [item | trim or 'nothing']) | first | lower) -%}
        {%- endfor -%}
        {%- do lists.append(names) -%}
    {%- endfor -%}
    {{ return(lists) }}
{%- endmacro %}

{# What is wrong with one trigger, as a list of sentences, each with the file in which to mend it. #}
{% macro trigger_faults(node, segments) -%}
    {%- set trigger = node.config.meta.get('trigger') -%}
    {%- set sql_file = 'dbt_project/' ~ node.original_file_path -%}
    {%- set yaml_file = modules.re.sub('sql$', 'yml', sql_file) -%}
    {%- set of_yaml, of_sql = [], [] -%}
    {%- if trigger is not mapping -%}
        {%- do of_yaml.append('config.meta.trigger is missing') -%}
    {%- else -%}
        {%- for key in ['description', 'owner', 'offer', 'segment'] if not is_text(trigger.get(key)) -%}
            {%- do of_yaml.append(key ~ ' is missing: write a text') -%}
        {%- endfor -%}
        {%- if is_text(trigger.get('segment')) and trigger.segment not in segments and trigger.get('status') != 'retired' -%}
            {%- do of_yaml.append(
                'segment ' ~ trigger.segment ~ ' is unknown: write one of ' ~ (segments | sort | join(', ') or 'none, for there is none')
            ) -%}
        {%- endif -%}
        {%- if not is_whole_number(trigger.get('expires_after_days'), 1) -%}
            {%- do of_yaml.append(
                'expires_after_days is ' ~ trigger.get('expires_after_days') ~ ': write a whole number of days, 1 or more'
            ) -%}
        {%- endif -%}
        {%- if 'quiet_days' in trigger and not is_whole_number(trigger.quiet_days, 0) -%}
            {%- do of_yaml.append('quiet_days is ' ~ trigger.quiet_days ~ ': write a whole number of days, 0 or more') -%}
        {%- endif -%}
        {%- if trigger.get('status') not in ['draft', 'active', 'retired'] -%}
            {%- do of_yaml.append('status is ' ~ trigger.get('status') ~ ': write draft, active or retired') -%}
        {%- endif -%}
        {%- for key in trigger if key not in [
            'description', 'owner', 'segment', 'offer', 'expires_after_days', 'quiet_days', 'status'
        ] -%}
            {%- do of_yaml.append(key ~ ' is no key of a trigger') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if node.config.materialized != 'ephemeral' -%}
        {%- do of_sql.append('it is materialized as ' ~ node.config.materialized ~ ': leave it ephemeral') -%}
    {%- endif -%}
    {%- set wanted = ['customer_id', 'evidence', 'fired_at'] -%}
    {%- set lists = selected_columns(node.raw_code) -%}
    {%- if not lists -%}
        {%- do of_sql.append('it selects nothing: write select customer_id, fired_at, evidence') -%}
    {%- endif -%}
    {%- for names in lists if names | sort != wanted or names != lists[0] -%}
        {%- do of_sql.append('it selects ' ~ names | join(', ') ~ ': write select customer_id, fired_at, evidence') -%}
    {%- endfor -%}
    {%- if modules.re.search(';[\\s]*$', node.raw_code) -%}
        {%- do of_sql.append('it ends with a semicolon: take it off') -%}
    {%- endif -%}
    {%- for parent in node.depends_on.nodes -%}
        {%- set name = parent.split('.') | last -%}
        {%- if not parent.startswith('model.') or name not in trigger_inputs() -%}
            {%- do of_sql.append(
                'it reads ' ~ name ~ ', whose rows carry no times of their own: write a ref to one of ' ~ trigger_inputs() | join(', ')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for fault in code_faults(node.raw_code) -%}
        {%- do of_sql.append(fault) -%}
    {%- endfor -%}
    {%- for fault in text_faults(trigger if trigger is mapping else {}) -%}
        {%- do of_yaml.append(fault) -%}
    {%- endfor -%}
    {%- set faults = [] -%}
    {%- for fault in of_yaml -%}{%- do faults.append('trigger ' ~ node.name ~ ' (' ~ yaml_file ~ '): ' ~ fault) -%}{%- endfor -%}
    {%- for fault in of_sql -%}{%- do faults.append('trigger ' ~ node.name ~ ' (' ~ sql_file ~ '): ' ~ fault) -%}{%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}

{#
  Every trigger, by name: name, file, description, owner, segment, offer, expires_after_days, quiet_days, status, raw_code.
  A trigger is a model of models/triggers, or one with config.meta.trigger; a segment is one with config.meta.segment.
  All that is wrong with any of them stops the build in one message. There is nothing to tell before dbt runs.
#}
{% macro trigger_definitions() -%}
    {%- set definitions, faults, segments = [], [], [] -%}
    {%- if execute -%}
        {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') -%}
        {%- for node in models if node.config.meta.get('segment') is mapping -%}
            {%- do segments.append(node.name) -%}
        {%- endfor -%}
        {%- for node in models if node.fqn[1] == 'triggers' or 'trigger' in node.config.meta -%}
            {%- set of_node = trigger_faults(node, segments) -%}
            {%- do faults.extend(of_node) -%}
            {%- if not of_node -%}
                {%- set trigger = node.config.meta.trigger -%}
                {%- do definitions.append({
                    'name': node.name,
                    'file': 'dbt_project/' ~ node.original_file_path,
                    'description': trigger.description | trim,
                    'owner': trigger.owner | trim,
                    'segment': trigger.segment,
                    'offer': trigger.offer | trim,
                    'expires_after_days': trigger.expires_after_days,
                    'quiet_days': trigger.get('quiet_days', trigger.expires_after_days),
                    'status': trigger.status,
                    'raw_code': node.raw_code
                }) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if faults -%}
            {{ exceptions.raise_compiler_error('Not well defined:\n' ~ faults | map('replace', '\n', ' ') | join('\n')) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(definitions) }}
{%- endmacro %}

{#
  The tiers of the loyalty programme that are reached by points (vars.loyalty_tiers), from the lowest on: tier, points, and
  near_from, where the last part of the step to it begins. Tiers without a meaning stop the build, by name.
#}
{% macro tier_steps() -%}
    {%- set tiers, share, steps = var('loyalty_tiers'), var('trigger_tier_near_share'), [] -%}
    {%- if tiers is not mapping or tiers | length == 0 -%}
        {{ exceptions.raise_compiler_error('vars.loyalty_tiers must give points by tier, not ' ~ tiers ~ '.') }}
    {%- endif -%}
    {%- if share is not number or share is boolean or share <= 0 or share > 1 -%}
        {{ exceptions.raise_compiler_error('vars.trigger_tier_near_share must be above 0 and at most 1, not ' ~ share ~ '.') }}
    {%- endif -%}
    {%- for tier, points in tiers.items() if not is_whole_number(points, 0) -%}
        {{ exceptions.raise_compiler_error('vars.loyalty_tiers.' ~ tier ~ ' must be a whole number of points, not ' ~ points ~ '.') }}
    {%- endfor -%}
    {%- if tiers.values() | unique | list | length < tiers | length -%}
        {{ exceptions.raise_compiler_error('vars.loyalty_tiers: two tiers begin at the same points.') }}
    {%- endif -%}
    {%- set ns = namespace(previous=0) -%}
    {%- for tier, points in tiers | dictsort(by='value') if points > 0 -%}
        {%- do steps.append({
            'tier': dbt.escape_single_quotes(tier | string),
            'points': points,
            'near_from': (points - share * (points - ns.previous)) | round(6)
        }) -%}
        {%- set ns.previous = points -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}
