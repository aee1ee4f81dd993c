from sqlmesh import ExecutionContext, model


def segment_of(total_spent: float) -> str:
    if total_spent >= 1500:
        return "gold"
    if total_spent >= 500:
        return "silver"
    return "bronze"


@model(
    "marts.customer_segments",
    kind="FULL",
    columns={"customer_id": "bigint", "segment": "text"},
    grain="customer_id",
)
def execute(context: ExecutionContext, start, end, execution_time, **kwargs):
    table = context.resolve_table("marts.customer_orders")
    customers = context.fetchdf(f"SELECT customer_id, total_spent FROM {table}")
    customers["segment"] = customers["total_spent"].astype(float).map(segment_of)
    return customers[["customer_id", "segment"]]
