"""The numeric claims of a theory on a model that somebody else wrote; docs/testing.md."""
