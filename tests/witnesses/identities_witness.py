"""The identities that fail as printed: both sides from the text of the theory, at a printed point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product as cartesian

import brute_force_witness as bf
import matrices_witness as la
from brute_force_witness import Parameters, Setting
from judge_witness import Case, Sides, ones, setting, start
from matrices_witness import Matrix, Number
from printed_witness import Printed, agree, interval

# (33): K ∂𝓛/∂Â_{:,k} = (ZᵀZ + mτI) δ_k, as far as it types


def sides_33(at: Printed) -> Sides:
    here, j, k = setting(at), at.at("j"), at.at("k")
    steps = []
    for sign in (1, -1):  # of a quadratic function the central difference is the derivative
        moved = [list(row) for row in at["Ahat"]]
        moved[j][k] += sign
        steps.append(here.loss(moved))
    printed = [[x + (here.noise if i == k else 0)] for i, (x,) in enumerate(la.column(at["Z"], k))]
    delta = la.plus(la.column(at["Ahat"], k), la.solved(here.gram, printed), -1)
    return (steps[0] - steps[1]) / 2, la.times(here.gram, delta)[j][0] / here.K


def shift_33(size: Mapping[str, int]) -> Matrix:
    """z_k + mτe_k."""
    return la.plus(ones(size["m"], 1), ones(size["N"], 1))


# Lemma 5


def star(here: Setting, *, repaired: bool) -> Number:
    """𝓛* of (36), as printed or with mτ at every token."""
    total = Fraction(0)
    for k in range(here.K):
        target = here.target(k)
        total -= la.times(la.transposed(target), la.solved(here.gram, target))[0][0]
        total += la.squared_norm(la.column(here.features, k))
        total += here.noise if k < here.N or repaired else 0
    return total / (2 * here.K)


def squares(here: Setting, weights: Matrix) -> Number:
    """(1/2K) Σ_k ‖Z̄δ_k‖²."""
    each = (la.squared_norm(la.times(here.Zbar, here.delta(weights, k))) for k in range(here.K))
    return sum(each, Fraction(0)) / (2 * here.K)


def sides_lemma_5(at: Printed) -> Sides:
    here = setting(at)
    return here.loss(at["Ahat"]), squares(here, at["Ahat"]) + star(here, repaired=False)


def sides_infimum(at: Printed) -> Sides:
    """The loss at A, the only place where it does not fall in any direction, and the printed 𝓛*."""
    here = setting(at)
    return here.loss(here.A), star(here, repaired=False)


def sides_lemma_7_loss(at: Printed) -> Sides:
    weights = bf.weights(at["s"], at["alpha"], at["gamma"])
    return setting(at).loss(weights), squares(setting(at), weights)


# (56)


def sides_56(at: Printed) -> Sides:
    here, (h, p, q) = setting(at), (at.at(index) for index in "hpq")
    s, alpha, V = at["s"], at["alpha"], at["V"]
    left = bf.gradient_Q(here, V, s, alpha, at["gamma"])[h][p][q]
    weights, right = bf.weights(s, alpha, at["gamma"]), Fraction(0)
    for k, j in cartesian(range(here.K), range(here.N)):
        image = la.times(here.Zbar, here.delta(weights, k))
        inner = la.times(la.transposed(image), la.column(at["Z"], j))[0][0]
        for i in range(here.N):
            right += inner * alpha[h][k] * s[h][j][k] * s[h][i][k] * (V[p][j] - V[p][i]) * V[q][k]
    return left, right * at["gamma"] / here.K


def query_key(at: Printed) -> list[Matrix]:
    """The Q_h whose softmax s is, for as many tokens as dimensions, all of them labelled: V^{-T} log(s) V^{-1}."""
    V, K = at["V"], at.sizes["K"]
    if not len(V) == K == at.sizes["N"]:
        raise ValueError("no Q is looked for unless N = K = d")
    found = []
    for head in at["s"]:
        logs = [[la.REAL.log(la.real(x)) for x in row] for row in head]
        found.append(la.times(la.times(la.inverse(la.transposed(V)), logs), la.inverse(V)))
    return found


def attained(at: Printed) -> Iterator[str]:
    """Whether some Q_h gives the attention that is printed."""
    model = Parameters(setting(at), at["V"], query_key(at), at["alpha"], at["gamma"])
    for h, j, k in cartesian(range(at.sizes["H"]), range(at.sizes["N"]), range(at.sizes["K"])):
        if not agree(interval(at["s"][h][j][k]), interval(model.s[h][j][k])):
            yield f"s of head {h + 1}, entry ({j + 1}, {k + 1}), is the softmax of no scores"


def inner_56(size: Mapping[str, int]) -> Matrix:
    """(Z̄δ_k)ᵀz_j."""
    return la.times(
        la.transposed(la.times(ones(size["N"], size["N"]), ones(size["N"], 1))), ones(size["m"], 1)
    )


# (66): A against the middle of the chain


def middle_66(size: Mapping[str, int]) -> Matrix:
    """(0, Zᵀ) as an m×K block."""
    block = la.beside(la.zeros(size["m"], size["N"]), la.transposed(ones(size["m"], size["N"])))
    if la.shape(block) != (size["m"], size["K"]):
        raise la.Shape(f"(0, Zᵀ) is {la.shape(block)}, not {(size['m'], size['K'])}")
    return block


def sides_66(at: Printed) -> Sides:
    here, j, k = setting(at), at.at("j"), at.at("k")
    Z = here.Z
    square = la.plus(la.identity(here.m, here.noise), la.times(Z, la.transposed(Z)))
    block = la.beside(la.zeros(here.m, here.N), la.transposed(Z))
    first = la.beside(la.identity(here.N), la.zeros(here.N, here.K - here.N))
    middle = la.plus(first, la.times(la.transposed(Z), la.solved(square, block)))
    return here.A[j][k], middle[j][k]


# Before (70): 𝓛 = (1/2K)‖Z̄(Â − A)‖₂² + 𝓛*


def sides_70_loss(at: Printed) -> Sides:
    model = start(at, "w")
    here = model.setting
    off = la.times(here.Zbar, la.plus(model.weights, here.A, -1))
    return here.loss(model.weights), la.real(la.spectral_norm(off)) ** 2 / (2 * here.K) + la.real(
        star(here, repaired=True)
    )


# After (38): y_k = ⟨y, Z†z_k⟩ for labels y_k = λᵀz_k without noise


def sides_noise_free(at: Printed) -> Sides:
    here, k = setting(at), at.at("k")
    labels = la.times([at["lam"]], here.features)[0]
    weights = la.times(at["Zdag"], la.column(here.features, k))
    return labels[k], la.times([labels[: here.N]], weights)[0][0]


def moore_penrose(at: Printed) -> Iterator[str]:
    """The four conditions that only the pseudo-inverse meets; and N ≥ m."""
    Z, found = setting(at).Z, at["Zdag"]
    left, right = la.times(Z, found), la.times(found, Z)
    if (
        la.times(left, Z) != Z
        or la.times(right, found) != found
        or la.transposed(left) != left
        or la.transposed(right) != right
    ):
        yield "Z† is not the pseudo-inverse of Z"
    if at.sizes["N"] < at.sizes["m"]:
        yield "N < m"


# (77), (79)


def sides_77(at: Printed) -> Sides:
    k, N, m = at.at("k"), at.sizes["N"], at.sizes["m"]
    tau, weights = at["tau"], [row[at.at("k")] for row in at["Ahat"]]
    total = Fraction(0)
    for a in range(m):
        entry: la.Polynomial = {}
        for j in range(N):
            entry = la.added(entry, {(("epsilon", a, j),): Fraction(1)}, weights[j])
        entry = la.added(entry, {(("epsilon", a, k),): Fraction(1)}, -1)
        total += la.mean(la.multiplied(entry, entry), lambda variable: tau**2)
    right = m * tau * (sum(x * x for x in weights) + 1) - 2 * m * tau * (weights[k] if k < N else 0)
    return total, right


def sides_79(at: Printed) -> Sides:
    here, k = setting(at), at.at("k")
    target = here.target(k)
    square = la.squared_norm(
        la.times(here.Zbar, la.plus(la.column(at["Ahat"], k), la.solved(here.gram, target), -1))
    )
    constant = la.squared_norm(la.column(here.features, k))
    constant -= la.times(la.transposed(target), la.solved(here.gram, target))[0][0]
    return here.loss_at(at["Ahat"], k), square / 2 + constant / 2


def unlabelled(at: Printed) -> Iterator[str]:
    if not at.entry["k"] > at.sizes["N"]:
        yield f"token {at.entry['k']} is labelled"


ROOTED = {"Ahat": "NK", "Minv": "NN", "Z": "mK", "Zbar": "NN", "tau": ""}
CASES: Mapping[str, Case] = {
    "eq-33": Case({"Ahat": "NK", "Minv": "NN", "Z": "mK", "Zsq": "NK", "tau": ""}, sides_33, expression=shift_33),
    "noise-free": Case({"Z": "mK", "lam": "m", "Zdag": "Nm", "tau": ""}, sides_noise_free, given=moore_penrose, noisy=False),
    "lemma-5": Case(ROOTED, sides_lemma_5),
    "lemma-5-infimum": Case({"Minv": "NN", "Z": "mK", "tau": ""}, sides_infimum),
    "lemma-7-loss": Case(
        {"Minv": "NN", "Z": "mK", "Zbar": "NN", "alpha": "HK", "s": "HNK", "tau": "", "gamma": ""}, sides_lemma_7_loss
    ),
    "eq-56": Case(
        {"Minv": "NN", "V": "dK", "Z": "mK", "Zbar": "NN", "Zsq": "NK", "alpha": "HK", "s": "HNK", "tau": "", "gamma": ""},
        sides_56, given=attained, expression=inner_56, idle={"alpha(1, 2)": "entry q = 1 of v_2 is 0"},
    ),
    "eq-66": Case({"Z": "mK", "tau": ""}, sides_66, expression=middle_66),
    "eq-70-loss": Case(
        {"V": "dK", "Z": "mK", "tau": "", "Q": "Hdd", "w": "HK"}, sides_70_loss, idle={"Q(1, 1, 1)": "w = 0 takes it away"}
    ),
    "eq-77": Case({"Ahat": "NK", "tau": ""}, sides_77),
    "eq-79": Case(ROOTED, sides_79, given=unlabelled, idle={"Ahat(1, 1)": "the entry is that of token 2"}),
}  # fmt: skip
