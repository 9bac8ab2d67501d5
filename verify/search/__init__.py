"""The search for a counterexample of an inequality: draw, climb, confirm in balls, shrink."""
