"""The paper's letters: for each one, what SymPy writes, what the kernel knows and how it is printed.

Two spellings share one kernel tensor where prompt positions are tokens: Z and Ẑ, V and V̂.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symbolic.indexed import Tensor

N, K, m, d, H = sp.symbols("N K m d H", integer=True, positive=True)
tau = sp.Symbol("tau", positive=True)
gamma = sp.Symbol("gamma", positive=True)
SIZE = {"N": N, "K": K, "m": m, "d": d, "H": H}

# Index letters by dimension, in the order in which bound indices are named; U runs over the tokens N+1..K.
INDEX_NAMES = {
    "N": ("j", "i", "l", "n"), "K": ("k", "t", "c"), "U": ("k", "t", "c"), "m": ("a", "b", "e"),
    "d": ("p", "q", "u", "v"), "H": ("h", "g", "f"),
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """One letter: its kernel tensor, its SymPy head, the LaTeX of an entry ({0}, {1}, … are the indices)."""

    tensor: Tensor
    base: sp.IndexedBase
    latex: str
    meaning: str


TABLE: dict[str, Letter] = {}


def _letter(
    name: str, slots: str, latex: str, meaning: str, *, symmetric: bool = False, unit: int | None = None
) -> Tensor:
    tensor = Tensor(name, tuple(slots.split()), symmetric=symmetric, unit_sum=unit)
    TABLE[name] = Letter(tensor, sp.IndexedBase(name), latex, meaning)
    return tensor


V = _letter("V", "d K", r"\hat V_{{{0}{1}}}", "tokens, columns v_k")
Z = _letter("Z", "m K", r"\hat Z_{{{0}{1}}}", "features, columns z_k = f(v_k)")
LAM = _letter("lam", "m", r"\lambda_{{{0}}}", "task coefficients")
EPS = _letter("eps", "m K", r"\epsilon_{{{0}{1}}}", "label noise, columns ε_k")
Y = _letter("y", "K", r"y_{{{0}}}", "labels")
W = _letter("w", "H K", r"w_{{{0},{1}}}", "trainable w_h")
ALPHA = _letter("alpha", "H K", r"\alpha_{{{0},{1}}}", "α_h = w_h/γ (39)")
Q = _letter("Q", "H d d", r"(Q_{{{0}}})_{{{1}{2}}}", "trainable Q_h")
X = _letter("x", "H N K", r"x^{{{0}}}_{{{1}{2}}}", "scores Vᵀ Q_h v_k")
S = _letter("s", "H N K", r"s^{{{0}}}_{{{1}{2}}}", "softmax of the scores (28)", unit=1)
E = _letter("e", "H N K", r"e^{{x^{{{0}}}_{{{1}{2}}}}}", "exponential of the scores")
R = _letter("r", "H K", r"r^{{{0}}}_{{{1}}}", "1/Σ_j of the exponentials")
AHAT = _letter("Ahat", "N K", r"\hat A_{{{0}{1}}}", "Â(θ) of (35)")
ZSQ = _letter("Zsq", "N K", r"\hat Z_{{{0}{1}}}", "Ẑ read as N×K, which types only where m = N")
XS = _letter("xs", "N d", r"x_{{{0},{1}}}", "vectors x_1, …, x_l")
XI = _letter("xi", "N", r"\xi_{{{0}}}", "any vector")
G = _letter("G", "N K", r"G_{{{0}{1}}}", "K ∂𝓛/∂Â, the residual of the fixed-point equation")
ZBAR = _letter("Zbar", "N N", r"\bar Z_{{{0}{1}}}", "(ZᵀZ + mτI)^{1/2} (12)", symmetric=True)
MINV = _letter("Minv", "N N", r"[(Z^\top Z+m\tau I)^{{-1}}]_{{{0}{1}}}", "(ZᵀZ + mτI_N)^{-1}", symmetric=True)
GINV = _letter("Ginv", "m m", r"[(ZZ^\top+m\tau I)^{{-1}}]_{{{0}{1}}}", "(ZZᵀ + mτI_m)^{-1}", symmetric=True)


def base(tensor: Tensor) -> sp.IndexedBase:
    return TABLE[tensor.name].base
