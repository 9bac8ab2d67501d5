"""What is stated: expressions in the letters of a setting, derivations, a small proof kernel.

Never imports numeric.
"""
