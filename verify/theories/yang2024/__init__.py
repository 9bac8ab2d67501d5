"""Yang, Huang, Liang and Chi (NeurIPS 2024): in-context learning with representations. `theory.py` puts the theory together."""
