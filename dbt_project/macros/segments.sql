{# What a goal may be set on: columns of segment_performance. #}
{% macro goal_metrics() -%}
    {{ return([
        'size', 'reach_30d', 'activation_rate_30d', 'purchases_30d', 'conversion_rate_30d', 'net_revenue_30d',
        'average_order_value', 'arpu_30d', 'contribution_margin_30d', 'retention_rate_90d', 'churn_rate_90d',
        'engagement_velocity', 'nps', 'csat'
    ]) }}
{%- endmacro %}

{# The columns that a published table brings into a customer's profile: those of its contract. #}
{% macro profile_columns(table) -%}
    {%- set left_out = {
        'customer_features': ['customer_id'],
        'customer_rfm': ['customer_id', 'as_of_date'],
        'customers': ['customer_id', 'loyalty_tier', 'primary_segment'],
    } -%}
    {%- set node = graph.nodes.values() | selectattr('name', 'equalto', table) | selectattr('resource_type', 'equalto', 'model') | first -%}
    {{ return(node.columns.keys() | reject('in', left_out[table]) | list) }}
{%- endmacro %}

{# Everything that a segment's rule may name. #}
{% macro rule_columns() -%}
    {{ return(
        ['customer_id'] + profile_columns('customer_features') + profile_columns('customer_rfm') + profile_columns('customers')
    ) }}
{%- endmacro %}

{# The condition behind `where` in a segment's file, its jinja not rendered; none where the file has another shape. #}
{% macro segment_condition(node) -%}
    {%- set shape = modules.re.match(
        "(?is)^(?:\\s|--[^\\n]*(?:\\n|$)|\\{#.*?#\\})*select\\s+customer_id\\s+from\\s+"
        ~ "\\{\\{\\s*ref\\(\\s*['\"]int_customers_profiled['\"]\\s*\\)\\s*\\}\\}\\s+where\\s(.+)$",
        node.raw_code
    ) -%}
    {{ return(shape.group(1) | trim if shape else none) }}
{%- endmacro %}

{#
  What a definition's SQL may not hold, as a list of sentences: vars that nobody gives, and functions that answer otherwise
  at every refresh. code: as it stands in the file, its jinja not rendered.
#}
{% macro code_faults(code) -%}
    {%- set faults = [] -%}
    {%- for name in modules.re.findall("\\bvar\\(\\s*['\"]([^'\"]+)['\"]\\s*\\)", code) | unique if not var.has_var(name) -%}
        {%- do faults.append('it reads the var ' ~ name ~ ', which dbt_project.yml does not give') -%}
    {%- endfor -%}
    {%- set bare = modules.re.sub("'(?:[^']|'')*'|--[^\\n]*|/\\*[\\s\\S]*?\\*/|[{]#[\\s\\S]*?#[}]", ' ', code) | lower -%}
    {%- for name in modules.re.findall(
        "(?<![\\w.])(now|today|random|rand|randn|uuid|gen_random_uuid|get_current_timestamp|get_current_time|getdate|"
        ~ "transaction_timestamp|current_date|current_time|current_timestamp|localtime|localtimestamp|unix_timestamp)\\b(?=\\s*\\(|[^\\w.]|$)",
        bare
    ) | unique -%}
        {%- do faults.append(
            'it asks for ' ~ name ~ ', which says something else at every refresh: write as_of_date() or cutoff_at() in jinja'
            ~ ' for the day that is refreshed'
        ) -%}
    {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}

{# The texts of a definition without what speaks of a person: a sentence for each that holds an e-mail address. #}
{% macro text_faults(meta) -%}
    {%- set faults = [] -%}
    {%- for key, value in meta.items() if modules.re.search("[^\\s@]+@[^\\s@]+[.][^\\s@]+", value | string) -%}
        {%- do faults.append(key ~ ' holds an e-mail address, and is published: write the name of a team') -%}
    {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}

{# A rule without its comments. #}
{% macro without_comments(rule) -%}
    {{ return(modules.re.sub("('(?:[^']|'')*')|[ \\t]*--[^\\n]*|/\\*[\\s\\S]*?\\*/", '\\1', rule) | trim) }}
{%- endmacro %}

{# The words of a rule that name no function: columns and keywords, in lower case. Texts and comments say nothing. #}
{% macro words_of_rule(rule) -%}
    {%- set bare = modules.re.sub("'(?:[^']|'')*'|--[^\\n]*|/\\*[\\s\\S]*?\\*/", ' ', rule) | lower -%}
    {{ return(modules.re.findall("(?<![\\w.])[a-z_]\\w*\\b(?!\\s*\\()", bare) | unique | list) }}
{%- endmacro %}

{# What is wrong with a rule's text, as a list of sentences. #}
{% macro rule_faults(rule, columns) -%}
    {%- set faults = [] -%}
    {%- set keywords = [
        'and', 'or', 'not', 'in', 'is', 'null', 'between', 'like', 'ilike', 'escape', 'case', 'when', 'then', 'else', 'end',
        'true', 'false', 'distinct', 'from', 'as', 'date', 'timestamp', 'interval', 'second', 'seconds', 'minute', 'minutes',
        'hour', 'hours', 'day', 'days', 'week', 'weeks', 'month', 'months', 'year', 'years', 'integer', 'int', 'bigint',
        'double', 'float', 'decimal', 'numeric', 'varchar', 'string', 'boolean', 'any', 'all', 'for'
    ] -%}
    {%- set clauses = ['select', 'union', 'group', 'order', 'having', 'limit', 'join', 'where'] -%}
    {%- for word in words_of_rule(rule) -%}
        {%- if word in clauses -%}
            {%- do faults.append("its rule holds '" ~ word ~ "': a rule is one condition, the text after the only where") -%}
        {%- elif word not in columns and word not in keywords -%}
            {%- do faults.append(
                "its rule names '" ~ word ~ "', which is no column of customer_features, customer_rfm or customers"
                ~ (' that a rule may use: it is decided by segments' if word == 'primary_segment' else '')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not faults -%}
        {%- set said = syntax_fault('select (' ~ rule ~ '\n) as holds from profiles') -%}
        {%- if said -%}{%- do faults.append('its rule is no condition: ' ~ said) -%}{%- endif -%}
    {%- endif -%}
    {{ return(faults) }}
{%- endmacro %}

{# Whether a value is a date, YYYY-MM-DD, as text or as YAML reads it. #}
{% macro is_iso_date(value) -%}
    {%- set parts = modules.re.match("^(\\d{4})-(\\d{2})-(\\d{2})$", value | string) -%}
    {%- if not parts -%}{{ return(false) }}{%- endif -%}
    {%- set month, day, year = parts.group(2) | int, parts.group(3) | int, parts.group(1) | int -%}
    {%- set leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 -%}
    {%- set days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {{ return(1 <= month <= 12 and 1 <= day <= days[month - 1] and year > 0) }}
{%- endmacro %}

{# Whether a value is a text with something in it. #}
{% macro is_text(value) -%}
    {{ return(value is string and value | trim != '') }}
{%- endmacro %}

{# What is wrong with the config.meta.segment of one segment, as a list of sentences. #}
{% macro segment_meta_faults(name, meta) -%}
    {%- set faults = [] -%}
    {%- for key in ['description', 'owner', 'positioning'] if not is_text(meta.get(key)) -%}
        {%- do faults.append(key ~ ' is missing: write a text') -%}
    {%- endfor -%}
    {%- for key in ['channel_mix', 'key_metrics', 'action_plan'] -%}
        {%- set value = meta.get(key) -%}
        {%- if value is string or value is not sequence or value | length == 0 -%}
            {%- do faults.append(key ~ ' is missing: write a list of texts') -%}
        {%- else -%}
            {%- for entry in value if not is_text(entry) -%}
                {%- do faults.append(key ~ ' holds ' ~ entry ~ ': write texts') -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if meta.get('price_tier') not in ['low', 'mid', 'high', 'any'] -%}
        {%- do faults.append('price_tier is ' ~ meta.get('price_tier') ~ ': write low, mid, high or any') -%}
    {%- endif -%}
    {%- if meta.get('status') not in ['draft', 'active', 'retired'] -%}
        {%- do faults.append('status is ' ~ meta.get('status') ~ ': write draft, active or retired') -%}
    {%- endif -%}
    {%- if meta.get('priority') is not integer or meta.get('priority') is boolean or meta.get('priority') < 1 -%}
        {%- do faults.append('priority is ' ~ meta.get('priority') ~ ': write a whole number from 1, the highest') -%}
    {%- endif -%}
    {%- if not is_iso_date(meta.get('review_due_on')) -%}
        {%- do faults.append('review_due_on is ' ~ meta.get('review_due_on') ~ ': write a date, YYYY-MM-DD') -%}
    {%- endif -%}
    {%- if meta.get('renamed_from') is not none and not modules.re.match('^[a-z][a-z0-9_]*$', meta.get('renamed_from') | string) -%}
        {%- do faults.append('renamed_from is ' ~ meta.get('renamed_from') ~ ': write the name that the segment had') -%}
    {%- endif -%}
    {%- set goal = meta.get('goal') -%}
    {%- if goal is not mapping -%}
        {%- do faults.append('goal is missing: write its metric, target and due_on') -%}
    {%- else -%}
        {%- if goal.get('metric') not in goal_metrics() -%}
            {%- do faults.append('goal.metric is ' ~ goal.get('metric') ~ ': write one of ' ~ goal_metrics() | join(', ')) -%}
        {%- endif -%}
        {%- if goal.get('target') is not number or goal.get('target') is boolean -%}
            {%- do faults.append('goal.target is ' ~ goal.get('target') ~ ': write a number') -%}
        {%- endif -%}
        {%- if not is_iso_date(goal.get('due_on')) -%}
            {%- do faults.append('goal.due_on is ' ~ goal.get('due_on') ~ ': write a date, YYYY-MM-DD') -%}
        {%- endif -%}
        {%- if goal.get('direction', 'at_least') not in ['at_least', 'at_most'] -%}
            {%- do faults.append('goal.direction is ' ~ goal.get('direction') ~ ': write at_least or at_most') -%}
        {%- endif -%}
        {%- for key in goal if key not in ['metric', 'target', 'due_on', 'direction'] -%}
            {%- do faults.append('goal.' ~ key ~ ' means nothing: take it out') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for key in meta if key not in [
        'description', 'owner', 'goal', 'positioning', 'price_tier', 'channel_mix', 'key_metrics', 'action_plan',
        'priority', 'review_due_on', 'status', 'renamed_from'
    ] -%}
        {%- do faults.append(key ~ ' means nothing: take it out') -%}
    {%- endfor -%}
    {{ return(faults) }}
{%- endmacro %}

{#
  Every segment of models/segments, by priority, retired ones last: name, file, rule (text), inputs (columns that the rule
  names), active, and what config.meta.segment says, the goal as goal_metric, goal_target, goal_due_on, goal_direction.
  Stops the build with all that is wrong, naming segment and file. Only at execution: before it there is no graph.
#}
{% macro segment_definitions() -%}
    {%- set nodes = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('fqn.1', 'equalto', 'segments')
        | sort(attribute='name') -%}
    {%- set columns = rule_columns() -%}
    {%- set found, faults, taken = [], [], {} -%}
    {%- for node in nodes -%}
        {%- set meta = node.config.meta.get('segment') -%}
        {%- set sql_file = 'dbt_project/' ~ node.original_file_path -%}
        {%- set yaml_file = modules.re.sub('sql$', 'yml', sql_file) -%}
        {%- if not modules.re.match('^[a-z][a-z0-9_]*$', node.name) or node.name == 'none' -%}
            {%- do faults.append('segment ' ~ node.name ~ ' (' ~ sql_file ~ "): a segment's name is of small letters, digits and _, and not none") -%}
        {%- endif -%}
        {%- if node.config.materialized != 'ephemeral' -%}
            {%- do faults.append('segment ' ~ node.name ~ ' (' ~ sql_file ~ '): its rule is compiled into segment_membership: leave it ephemeral') -%}
        {%- endif -%}
        {%- set condition = segment_condition(node) -%}
        {%- set of_code = code_faults(condition or '') -%}
        {%- for fault in of_code -%}
            {%- do faults.append('segment ' ~ node.name ~ ' (' ~ sql_file ~ '): ' ~ fault) -%}
        {%- endfor -%}
        {%- set rule = without_comments(render(condition)) if condition is not none and not of_code else none -%}
        {%- if condition is none -%}
            {%- do faults.append(
                'segment ' ~ node.name ~ ' (' ~ sql_file ~ "): it must read: select customer_id from {{ ref('int_customers_profiled') }}"
                ~ ' where <one condition>'
            ) -%}
        {%- elif rule is not none and meta is mapping and meta.get('status') != 'retired' -%}
            {%- for fault in rule_faults(rule, columns) -%}
                {%- do faults.append('segment ' ~ node.name ~ ' (' ~ sql_file ~ '): ' ~ fault) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if meta is not mapping -%}
            {%- do faults.append('segment ' ~ node.name ~ ' (' ~ yaml_file ~ '): config.meta.segment is missing') -%}
        {%- else -%}
            {%- set of_meta = segment_meta_faults(node.name, meta) + text_faults(meta) -%}
            {%- for fault in of_meta -%}
                {%- do faults.append('segment ' ~ node.name ~ ' (' ~ yaml_file ~ '): ' ~ fault) -%}
            {%- endfor -%}
            {%- if meta.get('status') != 'retired' -%}
                {%- if meta.get('priority') in taken -%}
                    {%- do faults.append(
                        'segment ' ~ node.name ~ ' (' ~ yaml_file ~ '): its priority ' ~ meta.get('priority') ~ ' is that of '
                        ~ taken[meta.get('priority')] ~ ' too: a customer of both would have no one primary segment'
                    ) -%}
                {%- endif -%}
                {%- do taken.update({meta.get('priority'): node.name}) -%}
            {%- endif -%}
            {%- if meta.get('renamed_from') in nodes | map(attribute='name') -%}
                {%- do faults.append('segment ' ~ node.name ~ ' (' ~ yaml_file ~ '): renamed_from is ' ~ meta.get('renamed_from') ~ ', which is still there') -%}
            {%- endif -%}
            {%- if rule is not none and not of_meta -%}
                {%- set goal = meta.get('goal') -%}
                {%- do found.append(dict(
                    meta,
                    name=node.name,
                    file=sql_file,
                    rule=rule,
                    inputs=words_of_rule(rule) | select('in', columns) | list,
                    active=meta.get('status') == 'active',
                    order=(1000000 if meta.get('status') == 'retired' else 0) + meta.get('priority'),
                    renamed_from=meta.get('renamed_from'),
                    goal_metric=goal.get('metric'),
                    goal_target=goal.get('target'),
                    goal_due_on=goal.get('due_on') | string,
                    goal_direction=goal.get('direction', 'at_least'),
                    review_due_on=meta.get('review_due_on') | string
                )) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set former = found | map(attribute='renamed_from') | select('string') | list -%}
    {%- for name in former | unique if former | select('equalto', name) | list | length > 1 -%}
        {%- do faults.append(name ~ ': more than one segment says that it was renamed from it') -%}
    {%- endfor -%}
    {%- if faults -%}
        {{ exceptions.raise_compiler_error(
            'Not well defined:\n' ~ faults | map('replace', '\n', ' ') | join('\n')
        ) }}
    {%- endif -%}
    {{ return(found | sort(attribute='name') | sort(attribute='order')) }}
{%- endmacro %}

{# Definitions and vars that are wrong stop a run before it builds anything. #}
{% macro check_definitions() -%}
    {%- if execute -%}
        {%- do segment_definitions() -%}
        {%- do trigger_definitions() -%}
        {%- do tier_steps() -%}
        {%- do scorecard_limits() -%}
        {%- do lookback_microseconds() -%}
        {%- do half_life_seconds() -%}
        {%- do check_effect_vars() -%}
        {%- do intent_score() -%}
        {%- do intent_class('0') -%}
        {%- set of_rfm = {'recency': '0', 'frequency': '0', 'monetary': '0'} -%}
        {%- do weighted_mean(var('rfm_weights'), 'rfm_weights', of_rfm) -%}
        {%- do weighted_mean(var('audience_weights'), 'audience_weights', dict(of_rfm, intent='0')) -%}
    {%- endif -%}
{%- endmacro %}
{# The names of the segments whose rules hold, with a comma between them: one expression, so that all cost one pass. #}
{% macro judged_segments(definitions) -%}
    concat_ws(
        ','
        {%- for one in definitions %},
        -- {{ one.name }}: {{ one.file }}
        case
            when (
                {{ one.rule }}
            ) then '{{ one.name }}'
        end
        {%- endfor %}
        {%- if not definitions %}, ''{% endif %}
    )
{%- endmacro %}

{# The priority of a segment by its name. #}
{% macro priority_of(segment, definitions) -%}
    case
        {%- for one in definitions %}
        when {{ segment }} = '{{ one.name }}' then {{ one.priority }}
        {%- endfor %}
        {%- if not definitions %}
        when {{ segment }} is null then 0
        {%- endif %}
    end
{%- endmacro %}

{# A text as a literal, null for none. #}
{% macro text_literal(value) -%}
    {%- if value is none -%}cast(null as string)
    {%- else -%}{{ dbt.string_literal(dbt.escape_single_quotes(value | string | trim)) }}
    {%- endif -%}
{%- endmacro %}
