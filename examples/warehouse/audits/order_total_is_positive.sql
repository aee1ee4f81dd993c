AUDIT (
  name order_total_is_positive
);

SELECT
  *
FROM @this_model
WHERE
  order_total < 0
