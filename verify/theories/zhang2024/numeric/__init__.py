"""The instance, the literal models, the population loss, the gradient flow and the risks of the paper."""
