"""What the check runs in the user's Python. Imported by __main__.py, and by nothing of the user's."""
