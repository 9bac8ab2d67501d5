"""The families of algorithms, one a file; a new file needs a line here."""

from __future__ import annotations

from numeric.probe.families.descent import Descent
from numeric.probe.families.feature_noise import FeatureNoise
from numeric.probe.families.lasso import Lasso
from numeric.probe.families.least_squares import LeastSquares
from numeric.probe.families.linear_attention import LinearAttention
from numeric.probe.families.mean import Mean
from numeric.probe.families.mixture import Mixture
from numeric.probe.families.neighbours import Neighbours
from numeric.probe.families.posterior import Rademacher
from numeric.probe.families.preconditioned import Preconditioned
from numeric.probe.families.ridge import Ridge
from numeric.probe.families.scaled import Scaled
from numeric.probe.families.smoothing import Gaussian, Softmax
from numeric.probe.family import Family

_SINGLE: tuple[Family, ...] = (
    LeastSquares(),
    Ridge(),
    Scaled(),
    Descent(),
    LinearAttention(),
    Preconditioned(),
    Gaussian(),
    Softmax(),
    Neighbours(),
    Mean(),
)
_MIXED = tuple(
    one for one in _SINGLE if not isinstance(one, Preconditioned | LinearAttention | Scaled | LeastSquares)
)
FAMILIES: tuple[Family, ...] = (*_SINGLE, Lasso(), Rademacher(), FeatureNoise(), Mixture(_MIXED))
