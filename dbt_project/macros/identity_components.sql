{#
  The connected components of a graph: a table (node_id, component_id) of every node that has an edge, where
  component_id is the smallest node_id of the component. The model's query gives the edges as (left_node_id,
  right_node_id); direction, repetition and loops do not matter.

  How many rounds it takes depends on the data, so it is a loop and no single query. A round:
    1. every node that has a smaller neighbour hooks onto the smallest; a node that has none is a root;
    2. hooks are followed to their roots, doubling the distance at every step, until nothing moves;
    3. edges become the distinct pairs of different roots.
  Of any two rounds, the second leaves at most half of the nodes of the first; it stops when no edge is left, and
  the rounds' maps are composed backwards. Following the hooks to the end matters: a fixed number of steps moves a
  long chain of ascending nodes along instead of shortening it, and a chain of identifiers in the order of their
  first sight is ascending.

  Maps hold no roots: a root is what has no row. So an edge is read once for its higher end only, and the smallest
  node of each component, which some other node leads to, joins the others at the end.
#}
{% materialization connected_components, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set backup_type = 'table' if existing_relation is none else existing_relation.type -%}
    {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
    {%- do drop_relation_if_exists(load_cached_relation(intermediate_relation)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup_relation)) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set components = contract_components(sql, this.identifier) -%}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(
            False, intermediate_relation,
            'select node_id, root_id as component_id from ' ~ components
            ~ ' union all select distinct root_id as node_id, root_id as component_id from ' ~ components
        ) }}
    {%- endcall -%}
    {%- do drop_scratch_table(components) -%}

    {%- if existing_relation is not none -%}
        {%- do adapter.rename_relation(existing_relation, backup_relation) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {%- do drop_relation_if_exists(backup_relation) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Runs the rounds for the edges of a query; gives the name of a scratch table (node_id, root_id) of all but roots. #}
{% macro contract_components(edges_sql, name) -%}
    {%- set state = namespace(
        edges=create_scratch_table(
            name ~ '__edges_0',
            'select least(left_node_id, right_node_id) as low_id, greatest(left_node_id, right_node_id) as high_id '
            ~ 'from (' ~ edges_sql ~ ') as edges where left_node_id <> right_node_id'
        ),
        maps=[],
        is_done=false
    ) -%}
    {#- Nodes at least halve every two rounds, so no graph of 64-bit node ids needs more. -#}
    {%- for round in range(1, 129) if not state.is_done -%}
        {%- set hooks = create_scratch_table(
            name ~ '__hooks_' ~ round,
            'select high_id as node_id, min(low_id) as root_id from ' ~ state.edges ~ ' group by high_id'
        ) -%}
        {%- set roots = follow_hooks(hooks, name ~ '__roots_' ~ round) -%}
        {%- do state.maps.append(roots) -%}
        {%- set edges = create_scratch_table(
            name ~ '__edges_' ~ round,
            'select distinct least(low_id, high_id) as low_id, greatest(low_id, high_id) as high_id from ('
            ~ 'select coalesce(low.root_id, edges.low_id) as low_id, high.root_id as high_id '
            ~ 'from ' ~ state.edges ~ ' as edges '
            ~ 'inner join ' ~ roots ~ ' as high on edges.high_id = high.node_id '
            ~ 'left join ' ~ roots ~ ' as low on edges.low_id = low.node_id'
            ~ ') as contracted where low_id <> high_id'
        ) -%}
        {%- do drop_scratch_table(state.edges) -%}
        {%- set state.edges = edges -%}
        {%- if run_query('select 1 from ' ~ edges ~ ' limit 1').rows | length == 0 -%}
            {%- set state.is_done = true -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do drop_scratch_table(state.edges) -%}
    {%- set composed = namespace(map=state.maps[-1]) -%}
    {%- for map in (state.maps[:-1] | reverse) -%}
        {%- set longer = create_scratch_table(
            name ~ '__composed_' ~ loop.index,
            'select earlier.node_id, coalesce(later.root_id, earlier.root_id) as root_id '
            ~ 'from ' ~ map ~ ' as earlier left join ' ~ composed.map ~ ' as later on earlier.root_id = later.node_id '
            ~ 'union all select node_id, root_id from ' ~ composed.map
        ) -%}
        {%- do drop_scratch_table(composed.map) -%}
        {%- do drop_scratch_table(map) -%}
        {%- set composed.map = longer -%}
    {%- endfor -%}
    {{ return(composed.map) }}
{%- endmacro %}

{# Replaces every node's hook by the root at the end of its hooks: each step doubles the distance. #}
{% macro follow_hooks(hooks, name) -%}
    {%- set state = namespace(hooks=hooks, is_done=false) -%}
    {#- 64 doublings are longer than any chain of 64-bit node ids. -#}
    {%- for step in range(1, 65) if not state.is_done -%}
        {%- set further = create_scratch_table(
            name ~ '_' ~ step,
            'select near.node_id, coalesce(far.root_id, near.root_id) as root_id, far.root_id is not null as has_moved '
            ~ 'from ' ~ state.hooks ~ ' as near left join ' ~ state.hooks ~ ' as far on near.root_id = far.node_id'
        ) -%}
        {%- do drop_scratch_table(state.hooks) -%}
        {%- set state.hooks = further -%}
        {%- if run_query('select 1 from ' ~ further ~ ' where has_moved limit 1').rows | length == 0 -%}
            {%- set state.is_done = true -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(state.hooks) }}
{%- endmacro %}
