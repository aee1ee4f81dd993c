"""What one model is made of, as the manifest has it."""
