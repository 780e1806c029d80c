"""Segments as their owners see them: read from one release, and laid out as text. What a segment is stands in dbt."""
