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
SCALARS: dict[str, Scalar] = {}  # nonnegative, beside the sizes
PRIMED: dict[Tensor, Tensor] = {}  # the letters of ξ, and those of the second point ξ′ of the inequalities
# What a letter or scalar is a function of, where no formula or operation says so: nothing if it is free.
OF: dict[Tensor | str, tuple[Tensor, ...]] = {}
# By what a proof may divide, and why. The other scalars may be zero: norms at Z = 0, distances of equal points, ‖x_{N+1:K}‖ where N = K.
POSITIVE: dict[str, str] = {
    "N": "a prompt has an example", "K": "K ≥ N", "m": "there is a basis function", "d": "a token has an entry",
    "H": "there is a head",
}  # fmt: skip


def _letter(
    name: str,
    slots: str,
    latex: str,
    meaning: str,
    *,
    symmetric: bool = False,
    unit: int | None = None,
    nonneg: bool = False,
    of: tuple[Tensor, ...] | None = None,
    primes: Tensor | None = None,
) -> Tensor:
    """A letter. `primes` is the letter of ξ of which it is the one of ξ′."""
    made = tensor(name, slots, symmetric=symmetric, unit_sum=unit, nonneg=nonneg)
    TABLE[name] = Letter(made, sp.IndexedBase(name), latex, meaning)
    if of is not None:
        OF[made] = of
    if primes is not None:
        PRIMED[primes] = made
    return made


def _scalar(
    name: str,
    latex: str,
    meaning: str,
    *,
    positive: str = "",
    of: tuple[Tensor, ...] | None = None,
    symbol: sp.Symbol | None = None,
) -> None:
    """A nonnegative scalar; `positive` says why it is not zero."""
    symbol = sp.Symbol(name, nonnegative=True) if symbol is None else symbol
    SCALARS[name] = Scalar(symbol, latex, meaning, bool(positive))
    if positive:
        POSITIVE[name] = positive
    if of is not None:
        OF[name] = of


V = _letter("V", "d K", r"\hat V_{{{0}{1}}}", "tokens, columns v_k", of=())
Z = _letter("Z", "m K", r"\hat Z_{{{0}{1}}}", "features, columns z_k = f(v_k)", of=())
LAM = _letter("lam", "m", r"\lambda_{{{0}}}", "task coefficients", of=())
EPS = _letter("eps", "m K", r"\epsilon_{{{0}{1}}}", "label noise, columns ε_k", of=())
Y = _letter("y", "K", r"y_{{{0}}}", "labels", of=())
W = _letter("w", "H K", r"w_{{{0},{1}}}", "trainable w_h", of=())
ALPHA = _letter("alpha", "H K", r"\alpha_{{{0},{1}}}", "α_h = w_h/γ (39)")
Q = _letter("Q", "H d d", r"(Q_{{{0}}})_{{{1}{2}}}", "trainable Q_h", of=())
X = _letter("x", "H N K", r"x^{{{0}}}_{{{1}{2}}}", "scores Vᵀ Q_h v_k")
S = _letter("s", "H N K", r"s^{{{0}}}_{{{1}{2}}}", "softmax of the scores (28)", unit=1, nonneg=True)
E = _letter("e", "H N K", r"e^{{x^{{{0}}}_{{{1}{2}}}}}", "exponential of the scores", nonneg=True)
R = _letter("r", "H K", r"r^{{{0}}}_{{{1}}}", "1/Σ_j of the exponentials", nonneg=True, of=(E,))
AHAT = _letter("Ahat", "N K", r"\hat A_{{{0}{1}}}", "Â(θ) of (35)")
ZSQ = _letter("Zsq", "N K", r"\hat Z_{{{0}{1}}}", "Ẑ read as N×K, which types only where m = N", of=(Z,))
XS = _letter("xs", "N d", r"x_{{{0},{1}}}", "vectors x_1, …, x_l", of=())
XI = _letter("xi", "N", r"\xi_{{{0}}}", "any vector", of=())
G = _letter("G", "N K", r"G_{{{0}{1}}}", "K ∂𝓛/∂Â, the residual of the fixed-point equation")
ZBAR = _letter("Zbar", "N N", r"\bar Z_{{{0}{1}}}", "(ZᵀZ + mτI)^{1/2} (12)", symmetric=True, of=(Z,))
MINV = _letter(
    "Minv", "N N", r"[(Z^\top Z+m\tau I)^{{-1}}]_{{{0}{1}}}", "(ZᵀZ + mτI_N)^{-1}", symmetric=True, of=(Z,)
)
GINV = _letter(
    "Ginv", "m m", r"[(ZZ^\top+m\tau I)^{{-1}}]_{{{0}{1}}}", "(ZZᵀ + mτI_m)^{-1}", symmetric=True, of=(Z,)
)

# A second point ξ′, and what the proofs name. Definitions: `verify.theories.yang2024.symbolic.definitions`.
Q2 = _letter("Q2", "H d d", r"(Q'_{{{0}}})_{{{1}{2}}}", "Q_h of a second point ξ′", of=(), primes=Q)
ALPHA2 = _letter("alpha2", "H K", r"\alpha'_{{{0},{1}}}", "α_h of a second point ξ′", of=(), primes=ALPHA)
S2 = _letter(
    "s2",
    "H N K",
    r"s'^{{{0}}}_{{{1}{2}}}",
    "softmax of the scores at ξ′",
    unit=1,
    nonneg=True,
    of=(Q2, V),
    primes=S,
)
SLAM = _letter(
    "Slam",
    "m m",
    r"\mathbb{{E}}[\lambda_{{{0}}}\lambda_{{{1}}}]",
    "second moments of λ, where A1 is dropped",
    symmetric=True,
    of=(),
)
A = _letter("A", "N K", r"A_{{{0}{1}}}", "the fixed point (34)", of=(Z,))
DEL = _letter("del", "N K", r"\delta_{{{0}{1}}}", "(33), repaired, in α of (39)")
DEL2 = _letter("del2", "N K", r"\delta'_{{{0}{1}}}", "δ at ξ′", primes=DEL)
ZD = _letter("zd", "N K", r"(\bar Z\delta_{{{1}}})_{{{0}}}", "Z̄δ_k")
ZD2 = _letter("zd2", "N K", r"(\bar Z\delta'_{{{1}}})_{{{0}}}", "Z̄δ_k at ξ′", primes=ZD)
B = _letter("b", "H N K", r"b^{{{0}}}_{{{1}{2}}}", "b_k^h = Z̄ s_k^h, the columns of B_k (13)")
B2 = _letter("b2", "H N K", r"b'^{{{0}}}_{{{1}{2}}}", "b_k^h at ξ′", primes=B)
GA = _letter("ga", "H K", r"(\nabla_\alpha\ell)_{{{0}{1}}}", "∂ℓ/∂α_{h,k} (45)")
GA2 = _letter("ga2", "H K", r"(\nabla_\alpha\ell')_{{{0}{1}}}", "∂ℓ/∂α_{h,k} at ξ′", primes=GA)
GQ = _letter("gQ", "H d d", r"(\partial\ell/\partial Q_{{{0}}})_{{{1}{2}}}", "∂ℓ/∂Q_h (82)")
GQ2 = _letter("gQ2", "H d d", r"(\partial\ell'/\partial Q_{{{0}}})_{{{1}{2}}}", "∂ℓ/∂Q_h at ξ′", primes=GQ)
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
CZ2 = _letter(
    "cz2", "N K", r"(\bar Z\delta'_{{{1}}})^\top\bar z_{{{0}}}", "inner products of (82) at ξ′", primes=CZ
)
VB = _letter("vb", "H d K", r"(V s^{{{0}}}_{{{2}}})_{{{1}}}", "Σ_i s_{ik}^h v_i")
VB2 = _letter("vb2", "H d K", r"(V s'^{{{0}}}_{{{2}}})_{{{1}}}", "Σ_i s_{ik}^h v_i at ξ′", primes=VB)
GTAU = _letter(
    "Gtau",
    "m m",
    r"[(ZZ^\top+N\tau I)^{{-1}}]_{{{0}{1}}}",
    "(ZZᵀ + NτI_m)^{-1} of (25)",
    symmetric=True,
    of=(Z,),
)
QD = _letter("QD", "d H", r"Q_{{{0}{1}}}", "the d×H matrix of D_k = VᵀQ in the proof of Proposition 1", of=())

# The steps of the induction and of Theorem 2
NAH = _letter("nah", "H", r"\|\alpha_{{{0}}}\|_2", "‖α_h‖₂, over the tokens", nonneg=True)
NAH2 = _letter("nah2", "H", r"\|\alpha'_{{{0}}}\|_2", "‖α_h‖₂ at ξ′", nonneg=True)
LMIN = _letter("lmin", "K", r"\lambda_{{\min}}(B_{{{0}}}B_{{{0}}}^\top)", "of B_k in (13)", nonneg=True)
LMIN2 = _letter("lmin2", "K", r"\lambda_{{\min}}(B'_{{{0}}}B_{{{0}}}'^\top)", "of B_k at ξ′", nonneg=True)
XIK = _letter("xik", "K", r"x_{{{0}}}", "any vector over the tokens", of=())
CINV = _letter("cinv", "K N N", r"[(C_{{{0}}}C_{{{0}}}^\top)^{{-1}}]_{{{1}{2}}}", "(C_k C_kᵀ)^{-1} (13)")
ZDAG = _letter("Zdag", "N m", r"Z^\dagger_{{{0}{1}}}", "the pseudo-inverse of Z", of=(Z,))
PT = _letter(
    "pt", "H d K", r"g^{{{0}}}_{{{1}{2}}}", "∂ℓ/∂Q_h = (γ/K) Σ_k g_k^h v_kᵀ: what one token adds to (82)"
)
PT2 = _letter("pt2", "H d K", r"g'^{{{0}}}_{{{1}{2}}}", "g_k^h at ξ′", primes=PT)
PD = _letter("pd", "H d K", r"g^{{\delta,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where δ moves")
PA = _letter("pa", "H d K", r"g^{{\alpha,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where α moves")
PS = _letter("ps", "H d K", r"g^{{s,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where attention moves")

# Scalars beside the sizes: what SymPy writes is the name, what is printed the LaTeX. ζ_0 > 0 is A2, and with it σ.
_scalar("tau", r"\tau", "variance of the label noise", positive="noise has a variance", of=(), symbol=tau)
_scalar("gamma", r"\gamma", "scale of w in (39)", positive="γ > 0 is a rate", of=(), symbol=gamma)
_scalar("beta", r"\beta", "deviation of the entries of Q_h^(0)", positive="β > 0 is a deviation", of=())
_scalar("root2", r"\sqrt2", "√2", positive="√2 > 0", of=())
_scalar("abar", r"\alpha", "the α of |α_{h,k}| ≤ α")
_scalar("cx", r"c", "bound of the entries of ξ")
_scalar("fmax", r"\bar f_{\max}", "max_i ‖z̄_i‖₂ (12)", of=(Z,))
_scalar("nZbar", r"\|\bar Z\|_2", "spectral norm of Z̄", of=(Z,))
_scalar("nA", r"\|A\|_2", "spectral norm of A", of=(Z,))
_scalar("nZ", r"\|Z\|_2", "spectral norm of Z", of=(Z,))
_scalar("nZZ", r"\|Z^\top\hat Z\|_2", "spectral norm of ZᵀẐ", of=(Z,))
_scalar("nDQ", r"\sqrt{\sum_h\|Q_h-Q'_h\|_F^2}", "distance of the Q_h")
_scalar("mDQ", r"\max_h\|Q_h-Q'_h\|_F", "largest distance of a Q_h")
_scalar("nDA", r"\|\alpha-\alpha'\|_F", "distance of the α_h")
_scalar("mx", r"\max\{1,(2\sqrt K\alpha)^2\}", "in (59), (61)")
_scalar("eta", r"\eta_Q", "learning rate of Q (16)", positive="η_Q > 0 is a rate")
_scalar("zeta", r"\zeta_0", "ζ_0 (14)", positive="ζ_0 > 0 is A2")
_scalar("sigma", r"\sigma", "ζ_0γ²/K (44)", positive="σ = ζ_0γ²/K, and ζ_0 > 0 is A2")
_scalar("Lip", r"L", "smoothness (61)")
_scalar("Delta0", r"\Delta^{(0)}", "function gap at θ^(0) (11)")
_scalar("rr", r"{\textstyle\sqrt{1-\eta_Q\sigma/2}}", "ratio of the sum in Step 3")
_scalar("fall", r"(1-\sqrt{1-\eta_Q\sigma/2})", "by how much that ratio is below 1")
_scalar("rrt", r"{(\textstyle\sqrt{1-\eta_Q\sigma/2})^t}", "its t-th power")
_scalar("geo", r"{\textstyle\sum_{i<t}}(\sqrt{1-\eta_Q\sigma/2})^i", "the sum in Step 3")
_scalar("gap", r"(\ell(\xi)-\mathcal{L}^\star)", "distance from the least loss")
_scalar("gapn", r"(\ell(\xi')-\mathcal{L}^\star)", "distance from the least loss at ξ′")
_scalar("ng", r"\|\nabla\ell(\xi)\|_F", "norm of the gradient")
_scalar("nxi", r"\|x\|_2", "norm of the vector over the tokens")
_scalar("nxP", r"\|x_{1:N}\|_2", "norm of its part over the prompt")
_scalar("nxU", r"\|x_{N+1:K}\|_2", "norm of its part over the unlabelled tokens")
_scalar("nD", r"\|\hat A-A\|_2", "spectral norm of Â − A")
_scalar("nZD", r"\|\bar Z(\hat A-A)\|_2", "spectral norm of Z̄(Â − A)")
_scalar("ny", r"\|y\|_2", "norm of the labels of the prompt")
_scalar("rad", r"R", "right side of (69)")
_scalar("epsilon", r"\varepsilon", "accuracy of Theorem 2", positive="ε > 0 is an accuracy")
_scalar("T", r"T", "steps of Theorem 2")
_scalar("lq", r"\log\tfrac1q", "logarithm of 1/q, with q = 1 − γ²η_Qζ_0/(2K)")
_scalar("lX", r"\log\max\{1,X\}", "of X = Δ^(0)R²/(mτε)")
_scalar("qT", r"{(1-\gamma^2\eta_Q\zeta_0/(2K))^T}", "factor of (18) after T steps")

LANGUAGE = Language(
    DIMENSIONS,
    TABLE,
    SCALARS,
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
