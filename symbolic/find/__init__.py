"""Proofs are found here. Nothing here is trusted: what is found is data that both checkers accept or refuse."""
