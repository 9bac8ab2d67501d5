"""How long things take: proofs against SymPy's own way, training against automatic differentiation. See docs/performance.md."""
