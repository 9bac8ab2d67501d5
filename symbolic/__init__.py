"""What is stated: expressions in the paper's letters, derivations, a small proof kernel.

Never imports numeric.
"""
