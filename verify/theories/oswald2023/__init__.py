"""Von Oswald et al. (ICML 2023), Proposition 1: one step of linear self-attention is one step of gradient descent."""

from verify.theories.named import of_setting

NAMED = of_setting(
    __name__,
    'von Oswald et al., "Transformers Learn In-Context by Gradient Descent", ICML 2023, Proposition 1',
)
