"""Which partitions assets have, and which of a parent's each reads, by Dagster's own mappings."""
