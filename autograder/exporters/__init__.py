"""One file a format: grades in the form another system reads."""
