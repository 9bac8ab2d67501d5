"""What is stated: expressions in the paper's letters, derivations, and a small proof kernel. Never imports numeric."""
