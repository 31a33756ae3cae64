"""The compiled inner loop (optional at run time)."""
