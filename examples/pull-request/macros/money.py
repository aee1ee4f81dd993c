from sqlmesh import macro


@macro()
def euros(evaluator, cents):
    """An amount in cents as euros."""
    return f"ROUND({cents} / 100.0, 2)"
