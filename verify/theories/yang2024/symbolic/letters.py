"""The paper's letters: for each one, what SymPy writes, what the kernel knows and how it is printed.

Two spellings share one kernel tensor where prompt positions are tokens: Z and Ẑ, V and V̂.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from symbolic.dimension import Dimension
from symbolic.indexed import Index, Tensor, fresh
from symbolic.language import Language, Letter, Scalar

N, K, m, d, H = sp.symbols("N K m d H", integer=True, positive=True)
tau = sp.Symbol("tau", positive=True)
gamma = sp.Symbol("gamma", positive=True)
SIZE = {"N": N, "K": K, "m": m, "d": d, "H": H}

_tokens = Dimension("K", ("N", "U"), ("k", "t", "c"), N=("j", "i", "l", "n"), U=("k", "t", "c"))
# By name; N are the tokens of the prompt and U the unlabelled ones, N+1..K.
DIMENSIONS: dict[str, Dimension] = {
    dim.name: dim
    for dim in (
        *_tokens.parts,
        _tokens,
        Dimension("m", letters=("a", "b", "e")),
        Dimension("d", letters=("p", "q", "u", "v")),
        Dimension("H", letters=("h", "g", "f")),
    )
}


def index(name: str, dim: str) -> Index:
    """A free index over the dimension of this name."""
    return Index(name, DIMENSIONS[dim])


def unused(dim: str) -> Index:
    """An index over the dimension of this name that no expression contains yet."""
    return fresh(DIMENSIONS[dim])


def tensor(name: str, slots: str, **kind: Any) -> Tensor:
    """A tensor with a slot for each of these names of dimensions; `kind` says what else `Tensor` is to know."""
    return Tensor(name, tuple(DIMENSIONS[slot] for slot in slots.split()), **kind)


TABLE: dict[str, Letter] = {}


def _letter(
    name: str,
    slots: str,
    latex: str,
    meaning: str,
    *,
    symmetric: bool = False,
    unit: int | None = None,
    nonneg: bool = False,
) -> Tensor:
    made = tensor(name, slots, symmetric=symmetric, unit_sum=unit, nonneg=nonneg)
    TABLE[name] = Letter(made, sp.IndexedBase(name), latex, meaning)
    return made


V = _letter("V", "d K", r"\hat V_{{{0}{1}}}", "tokens, columns v_k")
Z = _letter("Z", "m K", r"\hat Z_{{{0}{1}}}", "features, columns z_k = f(v_k)")
LAM = _letter("lam", "m", r"\lambda_{{{0}}}", "task coefficients")
EPS = _letter("eps", "m K", r"\epsilon_{{{0}{1}}}", "label noise, columns ε_k")
Y = _letter("y", "K", r"y_{{{0}}}", "labels")
W = _letter("w", "H K", r"w_{{{0},{1}}}", "trainable w_h")
ALPHA = _letter("alpha", "H K", r"\alpha_{{{0},{1}}}", "α_h = w_h/γ (39)")
Q = _letter("Q", "H d d", r"(Q_{{{0}}})_{{{1}{2}}}", "trainable Q_h")
X = _letter("x", "H N K", r"x^{{{0}}}_{{{1}{2}}}", "scores Vᵀ Q_h v_k")
S = _letter("s", "H N K", r"s^{{{0}}}_{{{1}{2}}}", "softmax of the scores (28)", unit=1, nonneg=True)
E = _letter("e", "H N K", r"e^{{x^{{{0}}}_{{{1}{2}}}}}", "exponential of the scores", nonneg=True)
R = _letter("r", "H K", r"r^{{{0}}}_{{{1}}}", "1/Σ_j of the exponentials", nonneg=True)
AHAT = _letter("Ahat", "N K", r"\hat A_{{{0}{1}}}", "Â(θ) of (35)")
ZSQ = _letter("Zsq", "N K", r"\hat Z_{{{0}{1}}}", "Ẑ read as N×K, which types only where m = N")
XS = _letter("xs", "N d", r"x_{{{0},{1}}}", "vectors x_1, …, x_l")
XI = _letter("xi", "N", r"\xi_{{{0}}}", "any vector")
G = _letter("G", "N K", r"G_{{{0}{1}}}", "K ∂𝓛/∂Â, the residual of the fixed-point equation")
ZBAR = _letter("Zbar", "N N", r"\bar Z_{{{0}{1}}}", "(ZᵀZ + mτI)^{1/2} (12)", symmetric=True)
MINV = _letter("Minv", "N N", r"[(Z^\top Z+m\tau I)^{{-1}}]_{{{0}{1}}}", "(ZᵀZ + mτI_N)^{-1}", symmetric=True)
GINV = _letter("Ginv", "m m", r"[(ZZ^\top+m\tau I)^{{-1}}]_{{{0}{1}}}", "(ZZᵀ + mτI_m)^{-1}", symmetric=True)

# A second point ξ′ of the inequalities, and what the proofs name. Definitions: `verify.theories.yang2024.symbolic.definitions`.
Q2 = _letter("Q2", "H d d", r"(Q'_{{{0}}})_{{{1}{2}}}", "Q_h of a second point ξ′")
ALPHA2 = _letter("alpha2", "H K", r"\alpha'_{{{0},{1}}}", "α_h of a second point ξ′")
S2 = _letter("s2", "H N K", r"s'^{{{0}}}_{{{1}{2}}}", "softmax of the scores at ξ′", unit=1, nonneg=True)
SLAM = _letter(
    "Slam",
    "m m",
    r"\mathbb{{E}}[\lambda_{{{0}}}\lambda_{{{1}}}]",
    "second moments of λ, where A1 is dropped",
    symmetric=True,
)
A = _letter("A", "N K", r"A_{{{0}{1}}}", "the fixed point (34)")
DEL = _letter("del", "N K", r"\delta_{{{0}{1}}}", "(33), repaired, in α of (39)")
DEL2 = _letter("del2", "N K", r"\delta'_{{{0}{1}}}", "δ at ξ′")
ZD = _letter("zd", "N K", r"(\bar Z\delta_{{{1}}})_{{{0}}}", "Z̄δ_k")
ZD2 = _letter("zd2", "N K", r"(\bar Z\delta'_{{{1}}})_{{{0}}}", "Z̄δ_k at ξ′")
B = _letter("b", "H N K", r"b^{{{0}}}_{{{1}{2}}}", "b_k^h = Z̄ s_k^h, the columns of B_k (13)")
B2 = _letter("b2", "H N K", r"b'^{{{0}}}_{{{1}{2}}}", "b_k^h at ξ′")
GA = _letter("ga", "H K", r"(\nabla_\alpha\ell)_{{{0}{1}}}", "∂ℓ/∂α_{h,k} (45)")
GA2 = _letter("ga2", "H K", r"(\nabla_\alpha\ell')_{{{0}{1}}}", "∂ℓ/∂α_{h,k} at ξ′")
GQ = _letter("gQ", "H d d", r"(\partial\ell/\partial Q_{{{0}}})_{{{1}{2}}}", "∂ℓ/∂Q_h (82)")
GQ2 = _letter("gQ2", "H d d", r"(\partial\ell'/\partial Q_{{{0}}})_{{{1}{2}}}", "∂ℓ/∂Q_h at ξ′")
DQ = _letter("dQ", "H", r"\|Q_{{{0}}}-Q'_{{{0}}}\|_F", "‖Q_h − Q′_h‖_F", nonneg=True)
DAK = _letter(
    "dak", "K", r"\|\alpha_{{{0}}}-\alpha'_{{{0}}}\|_2", "‖α_k − α′_k‖₂, over the heads", nonneg=True
)
DAH = _letter(
    "dah", "H", r"\|\alpha_{{{0},:}}-\alpha'_{{{0},:}}\|_2", "‖α_h − α′_h‖₂, over the tokens", nonneg=True
)
DS = _letter(
    "ds",
    "H N K",
    r"|s^{{{0}}}_{{{1}{2}}}-s'^{{{0}}}_{{{1}{2}}}|",
    "what ‖s_k^h − s′_k^h‖₁ is the sum of",
    nonneg=True,
)
DX = _letter(
    "dx", "H K", r"\|V^\top(Q_{{{0}}}-Q'_{{{0}}})v_{{{1}}}\|_\infty", "distance of the scores", nonneg=True
)
JX = _letter(
    "jx",
    "H N K",
    r"|\xi_{{{1}}}-\textstyle\sum_i s^{{{0}}}_{{i{2}}}\xi_i|",
    "s_j times it is an entry of the Jacobian of softmax times ξ",
    nonneg=True,
)
CZ = _letter("cz", "N K", r"(\bar Z\delta_{{{1}}})^\top\bar z_{{{0}}}", "inner products of (82)")
CZ2 = _letter("cz2", "N K", r"(\bar Z\delta'_{{{1}}})^\top\bar z_{{{0}}}", "inner products of (82) at ξ′")
VB = _letter("vb", "H d K", r"(V s^{{{0}}}_{{{2}}})_{{{1}}}", "Σ_i s_{ik}^h v_i")
VB2 = _letter("vb2", "H d K", r"(V s'^{{{0}}}_{{{2}}})_{{{1}}}", "Σ_i s_{ik}^h v_i at ξ′")
GTAU = _letter(
    "Gtau", "m m", r"[(ZZ^\top+N\tau I)^{{-1}}]_{{{0}{1}}}", "(ZZᵀ + NτI_m)^{-1} of (25)", symmetric=True
)
QD = _letter("QD", "d H", r"Q_{{{0}{1}}}", "the d×H matrix of D_k = VᵀQ in the proof of Proposition 1")

# The steps of the induction and of Theorem 2
NAH = _letter("nah", "H", r"\|\alpha_{{{0}}}\|_2", "‖α_h‖₂, over the tokens", nonneg=True)
NAH2 = _letter("nah2", "H", r"\|\alpha'_{{{0}}}\|_2", "‖α_h‖₂ at ξ′", nonneg=True)
LMIN = _letter("lmin", "K", r"\lambda_{{\min}}(B_{{{0}}}B_{{{0}}}^\top)", "of B_k in (13)", nonneg=True)
LMIN2 = _letter("lmin2", "K", r"\lambda_{{\min}}(B'_{{{0}}}B_{{{0}}}'^\top)", "of B_k at ξ′", nonneg=True)
XIK = _letter("xik", "K", r"x_{{{0}}}", "any vector over the tokens")
CINV = _letter("cinv", "K N N", r"[(C_{{{0}}}C_{{{0}}}^\top)^{{-1}}]_{{{1}{2}}}", "(C_k C_kᵀ)^{-1} (13)")
ZDAG = _letter("Zdag", "N m", r"Z^\dagger_{{{0}{1}}}", "the pseudo-inverse of Z")
PT = _letter(
    "pt", "H d K", r"g^{{{0}}}_{{{1}{2}}}", "∂ℓ/∂Q_h = (γ/K) Σ_k g_k^h v_kᵀ: what one token adds to (82)"
)
PT2 = _letter("pt2", "H d K", r"g'^{{{0}}}_{{{1}{2}}}", "g_k^h at ξ′")
PD = _letter("pd", "H d K", r"g^{{\delta,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where δ moves")
PA = _letter("pa", "H d K", r"g^{{\alpha,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where α moves")
PS = _letter("ps", "H d K", r"g^{{s,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where attention moves")

# Nonnegative scalars beside the sizes, τ and γ: what SymPy writes is the name, what is printed the LaTeX. A proof may divide by those of
# which True is said. The other ones may be zero: norms at Z = 0, distances of equal points, ‖x_{N+1:K}‖ where N = K. ζ_0 > 0 is A2, and
# with it σ; η_Q > 0 is a rate, ε > 0 an accuracy.
SCALARS: dict[str, tuple[str, str] | tuple[str, str, bool]] = {
    "abar": (r"\alpha", "the α of |α_{h,k}| ≤ α"),
    "cx": (r"c", "bound of the entries of ξ"),
    "fmax": (r"\bar f_{\max}", "max_i ‖z̄_i‖₂ (12)"),
    "nZbar": (r"\|\bar Z\|_2", "spectral norm of Z̄"),
    "nA": (r"\|A\|_2", "spectral norm of A"),
    "nZ": (r"\|Z\|_2", "spectral norm of Z"),
    "nZZ": (r"\|Z^\top\hat Z\|_2", "spectral norm of ZᵀẐ"),
    "nDQ": (r"\sqrt{\sum_h\|Q_h-Q'_h\|_F^2}", "distance of the Q_h"),
    "mDQ": (r"\max_h\|Q_h-Q'_h\|_F", "largest distance of a Q_h"),
    "nDA": (r"\|\alpha-\alpha'\|_F", "distance of the α_h"),
    "mx": (r"\max\{1,(2\sqrt K\alpha)^2\}", "in (59), (61)"),
    "zeta": (r"\zeta_0", "ζ_0 (14)", True),
    "eta": (r"\eta_Q", "learning rate of Q (16)", True),
    "sigma": (r"\sigma", "ζ_0γ²/K (44)", True),
    "Lip": (r"L", "smoothness (61)"),
    "Delta0": (r"\Delta^{(0)}", "function gap at θ^(0) (11)"),
    "beta": (r"\beta", "deviation of the entries of Q_h^(0)", True),
    "root2": (r"\sqrt2", "√2", True),
    "rr": (r"{\textstyle\sqrt{1-\eta_Q\sigma/2}}", "ratio of the sum in Step 3"),
    "fall": (r"(1-\sqrt{1-\eta_Q\sigma/2})", "by how much that ratio is below 1"),
    "rrt": (r"{(\textstyle\sqrt{1-\eta_Q\sigma/2})^t}", "its t-th power"),
    "geo": (r"{\textstyle\sum_{i<t}}(\sqrt{1-\eta_Q\sigma/2})^i", "the sum in Step 3"),
    "gap": (r"(\ell(\xi)-\mathcal{L}^\star)", "distance from the least loss"),
    "gapn": (r"(\ell(\xi')-\mathcal{L}^\star)", "distance from the least loss at ξ′"),
    "ng": (r"\|\nabla\ell(\xi)\|_F", "norm of the gradient"),
    "nxi": (r"\|x\|_2", "norm of the vector over the tokens"),
    "nxP": (r"\|x_{1:N}\|_2", "norm of its part over the prompt"),
    "nxU": (r"\|x_{N+1:K}\|_2", "norm of its part over the unlabelled tokens"),
    "nD": (r"\|\hat A-A\|_2", "spectral norm of Â − A"),
    "nZD": (r"\|\bar Z(\hat A-A)\|_2", "spectral norm of Z̄(Â − A)"),
    "ny": (r"\|y\|_2", "norm of the labels of the prompt"),
    "rad": (r"R", "right side of (69)"),
    "epsilon": (r"\varepsilon", "accuracy of Theorem 2", True),
    "T": (r"T", "steps of Theorem 2"),
    "lq": (r"\log\tfrac1q", "logarithm of 1/q, with q = 1 − γ²η_Qζ_0/(2K)"),
    "lX": (r"\log\max\{1,X\}", "of X = Δ^(0)R²/(mτε)"),
    "qT": (r"{(1-\gamma^2\eta_Q\zeta_0/(2K))^T}", "factor of (18) after T steps"),
}

LANGUAGE = Language(
    DIMENSIONS,
    TABLE,
    {
        "tau": Scalar(tau, r"\tau", "variance of the label noise", True),
        "gamma": Scalar(gamma, r"\gamma", "scale of w in (39)", True),
    }
    | {name: Scalar(sp.Symbol(name, nonnegative=True), *said) for name, said in SCALARS.items()},
    {"Loss": r"\mathcal{L}", "ell": r"\ell", "Ridge": "J"},
    {
        "E": r"\mathbb{E}_{\lambda,\epsilon}\left[{0}\right]",
        "E_eps": r"\mathbb{E}_{\epsilon}\left[{0}\right]",
        "E_sq": r"\mathbb{E}_{\epsilon\sim\mathcal{N}(0,\tau^2)}\left[{0}\right]",
        "E_Q": r"\mathbb{E}_{Q_h\sim\mathcal{N}(0,\beta^2)}\left[{0}\right]",
        "E_D": r"\mathbb{E}_{Q\sim\mathcal{N}(0,\beta^2\|v_k\|_2^2)}\left[{0}\right]",
        "at_alpha": r"\left[{0}\right]_{w=\gamma\alpha}",
        "at_A": r"\left[{0}\right]_{\hat A=A}",
        "at_ridge": r"\left[{0}\right]_{\lambda=\hat\lambda}",
    },
)


def scalar_symbol(name: str) -> sp.Symbol:
    """The SymPy symbol of a scalar of SCALARS."""
    return LANGUAGE.scalars[name].symbol


def base(tensor: Tensor) -> sp.IndexedBase:
    return TABLE[tensor.name].base
