{% macro fiscal_quarter(column) %}
DATE_TRUNC('QUARTER', {{ column }} - INTERVAL 1 MONTH)
{% endmacro %}
