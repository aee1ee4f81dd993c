"""Whether the code and the texts of a project can read files while it loads, decided without running them."""
