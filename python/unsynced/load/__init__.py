"""SQLMesh's own loaders, what they need, and what SQLMesh refuses."""
