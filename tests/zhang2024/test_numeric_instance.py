"""The instance: the same bits everywhere, hypotheses with margins, and input that defines none."""

import hashlib
from fractions import Fraction

import numpy as np
import pytest

from numeric.errors import InputError
from verify.theories.zhang2024.numeric.instance import (
    Instance,
    assumptions,
    correlations,
    diabetes,
    gamma,
    independent_diagonal,
    theta,
)


def test_the_default_instance_has_the_same_bits_on_every_machine():
    i = diabetes()
    bits = i.covariances.tobytes() + i.Theta.tobytes()
    assert (
        hashlib.sha256(bits).hexdigest() == "f643541cec23a96e161c598d394462efc5803fc3c790050a3c598c9e1c0c2c0c"
    )
    assert (i.d, i.N, i.M) == (6, 20, 40)


def test_correlations_are_the_exact_values_rounded_once():
    """Columns (1, 2, 4) and (0, 1, 1): centred products 4/3 and squares 14/3, 2/3, so that the correlation is 4/√28."""
    found = correlations(np.array([[1.0, 0.0], [2.0, 1.0], [4.0, 1.0]]))
    assert found[0, 0] == 1.0
    low, high = (Fraction(np.nextafter(found[0, 1], way)) for way in (0, 1))
    assert low**2 < Fraction(16, 28) < high**2


@pytest.mark.parametrize("whitened", [False, True])
def test_the_default_meets_every_hypothesis(whitened):
    found = assumptions(diabetes(whitened=whitened))
    assert len(found) == 3
    assert all(one.holds and one.margin > 0 for one in found)


def test_hypotheses_that_fail_are_found_with_their_margins():
    i = diabetes(sigma=3.0)
    by_name = {one.name: one for one in assumptions(i)}
    norm = np.linalg.norm(gamma(i.Lambda, i.N), 2)
    assert by_name["σ²‖Γ‖_op√d < 2"].margin == pytest.approx(2 - 9 * norm * 6**0.5, rel=1e-9)
    assert not by_name["σ²‖Γ‖_op√d < 2"].holds
    other = Instance("‖Θ‖_F = 1", np.eye(2)[None], 5, 5, 0.1, np.eye(2) / 2**0.5)
    assert not assumptions(other)[0].holds
    zero = Instance("zero", np.eye(2)[None], 5, 5, 0.1, np.zeros((2, 2)))
    assert [one.holds for one in assumptions(zero)] == [False, False, True]


def test_the_two_readings_of_4_11_differ():
    """λ ∈ {1, 3}, d = 1, N = 1: ‖E ΛΘ‖² = 4 and E‖ΛΘ‖² = 5; Γ = 3λ, so that (4.11) is σ² < 8/42 or 10/42."""
    i = independent_diagonal([(1, 3)], 1, 1, 0.25, np.eye(1))
    margins = [one.margin for one in assumptions(i)[2:]]
    assert margins == pytest.approx([8 / 42 - 1 / 16, 10 / 42 - 1 / 16], rel=1e-12)


def test_the_start_is_3_10():
    i = diabetes((2, 3), sigma=0.5)
    assert (i.start[:2, :2] == 0.5 * (i.Theta @ i.Theta.T)).all()
    assert i.start[2].tolist() == [0, 0, 0.5]
    assert i.start[:, 2].tolist() == [0, 0, 0.5]


EYE = np.eye(2)[None]


@pytest.mark.parametrize(
    ("changed", "argument"),
    [
        ({"covariances": np.eye(2)}, "covariances shape"),
        ({"covariances": np.ones((1, 2, 3))}, "covariances shape"),
        ({"covariances": np.array([[[1.0, 2.0], [0.0, 1.0]]])}, "covariances\\[0\\]"),
        ({"covariances": np.ones((1, 2, 2))}, "covariances\\[0\\]"),
        ({"covariances": EYE * np.nan}, "covariances"),
        ({"N": 0}, "N"),
        ({"M": 1.5}, "M"),
        ({"sigma": 0.0}, "sigma"),
        ({"Theta": np.eye(3)}, "Theta shape"),
        ({"weights": [0.5]}, "weights"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_defines_no_instance_is_refused(changed, argument):
    given = {"name": "x", "covariances": EYE, "N": 3, "M": 3, "sigma": 0.1, "Theta": theta(2)}
    with pytest.raises(InputError, match=f"^{argument} = "):
        Instance(**{**given, **changed})


def test_unsuitable_features_are_refused():
    with pytest.raises(InputError, match=r"^features = "):
        diabetes((2, 2))
    with pytest.raises(InputError, match=r"^features column 1 = constant"):
        correlations(np.ones((3, 2)))
    with pytest.raises(InputError, match="one covariance"):
        _ = independent_diagonal([(1, 3)], 1, 1, 0.1, np.eye(1)).Lambda
