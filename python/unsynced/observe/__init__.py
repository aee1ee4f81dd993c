"""What the project's code does with the files that differ between the commits, seen while it runs."""
