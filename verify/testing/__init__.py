"""Statements of a theory as tests of pytest; docs/testing.md."""

from verify.testing.said import NotRefuted as NotRefuted
