"""Loading less than a project: docs/what-is-loaded.md has the rule."""
