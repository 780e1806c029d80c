"""Who is who, where SQL does not suffice: stewards' decisions as cuts and joins of the identity graph."""
