"""Checks that look at an instance of the paper."""
