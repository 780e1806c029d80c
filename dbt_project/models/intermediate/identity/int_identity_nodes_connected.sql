-- Grain: one row a node that has an edge, with the smallest node of its connected component.
{{ config(materialized='connected_components') }}
select
    left_node_id,
    right_node_id
from {{ ref('int_identity_edges_unioned') }}
