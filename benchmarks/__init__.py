"""What the site costs: CPU per request, beside servers that others would write."""
