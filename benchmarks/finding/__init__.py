"""How many proofs are found from bare statements, and how long that takes."""
