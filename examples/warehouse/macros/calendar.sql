{% macro fiscal_quarter(column) %}
DATE_TRUNC('QUARTER', {{ column }})
{% endmacro %}
