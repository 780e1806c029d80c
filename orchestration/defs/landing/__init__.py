"""Raw tables: what landed, as assets."""
