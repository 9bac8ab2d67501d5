"""How tight the proofs of Theorems 1 and 2 are: the slack of every inequality, and where the constants lose what they lose."""
