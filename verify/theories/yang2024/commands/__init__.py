"""Commands that speak of an instance of the paper."""
