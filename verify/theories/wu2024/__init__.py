"""Wu et al. (ICLR 2024), Theorem 3.1: the least risk of one step of descent with a matrix in the place of the rate."""

from verify.theories.named import of_setting

NAMED = of_setting(
    __name__,
    'Wu et al., "How Many Pretraining Tasks Are Needed for In-Context Learning of Linear Regression?", ICLR 2024, Theorem 3.1',
)
