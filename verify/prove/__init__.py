"""Proofs of statements: both checkers, expansion at sizes, premises, proofs as data."""
