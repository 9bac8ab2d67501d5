"""Theorem 1 on many instances of one family, each at its own constants: `icl-verify sweep`."""
