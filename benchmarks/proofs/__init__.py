"""How long proofs take, against SymPy's own way of doing the same."""
