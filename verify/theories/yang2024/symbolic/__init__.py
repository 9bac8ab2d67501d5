"""The letters, the derivation and the lemmas that the claims of the paper share."""
