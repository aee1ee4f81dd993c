"""Which snapshot versions a change makes new, by SQLMesh's own planner without state."""
