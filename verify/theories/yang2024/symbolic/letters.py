"""The paper's letters, each declared once: how SymPy writes it, how it is printed, what it means, and what it is.

What a letter is may need what comes out of the derivation, which is D here. Letters of the second point ξ′ are what those of ξ are,
with every letter primed. Two spellings share one kernel tensor where prompt positions are tokens: Z and Ẑ, V and V̂.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy as sp

from symbolic.dimension import Dimension
from symbolic.indexed import Expr, Index, Tensor, delta, entry, fresh, number, scalar
from symbolic.kinds import (
    AboveAll,
    BelowAll,
    Exponential,
    Free,
    Inverse,
    Is,
    Kind,
    LargestRoot,
    LeastEigenvalue,
    MatrixRoot,
    Reciprocal,
    Root,
    Softmax,
    SpectralNorm,
)
from symbolic.language import Language, Letter, Scalar

if TYPE_CHECKING:
    from verify.theories.yang2024.symbolic.derivation import Derivation

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


# What a letter is, or how this follows from the derivation.
What: TypeAlias = "Kind | Callable[[Derivation], Kind]"

TABLE: dict[str, Letter] = {}
SCALARS: dict[str, Scalar] = {}  # nonnegative, beside the sizes
PRIMED: dict[Tensor, Tensor] = {}  # the letters of ξ, and those of the second point ξ′ of the inequalities
WHAT: dict[
    str, What
] = {}  # of the letters that are more than names: the free ones first, in the order in which a point has them
# What a letter or scalar is a function of, where no formula or operation says so: nothing if it is free.
OF: dict[Tensor | str, tuple[Tensor, ...]] = {}
# By what a proof may divide, and why. The other scalars may be zero: norms at Z = 0, distances of equal points, ‖x_{N+1:K}‖ where N = K.
POSITIVE: dict[str, str] = {
    "N": "a prompt has an example", "K": "K ≥ N", "m": "there is a basis function", "d": "a token has an entry",
    "H": "there is a head",
}  # fmt: skip

h, g = index("h", "H"), index("g", "H")
i, j, n = index("i", "N"), index("j", "N"), index("n", "N")
k, unlabelled = index("k", "K"), index("k", "U")
p, q = index("p", "d"), index("q", "d")
a, b = index("a", "m"), index("b", "m")


def _letter(
    name: str,
    slots: str,
    latex: str,
    meaning: str,
    what: What | None = None,
    *,
    symmetric: bool = False,
    unit: int | None = None,
    nonneg: bool = False,
    of: tuple[Tensor, ...] | None = None,
    primes: Tensor | None = None,
) -> Tensor:
    """A letter. `primes` is the letter of ξ of which it is the one of ξ′: it is what that one is, primed, where `what` says nothing."""
    made = tensor(name, slots, symmetric=symmetric, unit_sum=unit, nonneg=nonneg)
    TABLE[name] = Letter(made, sp.IndexedBase(name), latex, meaning)
    if primes is not None:
        PRIMED[primes] = made
        what = what or _second(primes.name)
    _keep(name, made, what, of)
    return made


def _second(name: str) -> What:
    return lambda D: primed(kind(name, D))


def _scalar(
    name: str,
    latex: str,
    meaning: str,
    what: What | None = None,
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
    _keep(name, name, what, of)


def _keep(name: str, key: Tensor | str, what: What | None, of: tuple[Tensor, ...] | None) -> None:
    if what is not None:
        WHAT[name] = what
    if of is not None:
        OF[key] = of


def kind(name: str, D: Derivation) -> Kind:
    """What a letter or scalar of WHAT is."""
    what = WHAT[name]
    return what(D) if callable(what) else what


def value(letter: Tensor, *at: Index) -> Expr:
    """The entry at these indices of a letter that is an expression, whatever the derivation."""
    what = WHAT[letter.name]
    assert isinstance(what, Is), letter.name
    return what.value.at(dict(zip(what.indices, at, strict=True)))


def primed(what: Kind) -> Kind:
    """The same at ξ′."""
    expressions = ((one.name, getattr(what, one.name)) for one in fields(what))
    moved: dict[str, Any] = {
        name: at_second_point(expr) for name, expr in expressions if isinstance(expr, Expr)
    }
    return replace(what, **moved)


def at_second_point(expr: Expr) -> Expr:
    """The same expression at ξ′."""
    total = number(0)
    for head, factors, names in expr.opened():
        for letter, refs in factors:
            head = head * entry(PRIMED.get(letter, letter), refs)
        total = total + head.sum(*names)
    return total


# fmt: off
# Free letters, in the order in which a point has them.
V = _letter("V", "d K", r"\hat V_{{{0}{1}}}", "tokens, columns v_k", Free("unit columns", assumption="A0"), of=())
Z = _letter("Z", "m K", r"\hat Z_{{{0}{1}}}", "features, columns z_k = f(v_k)", Free(), of=())
Q = _letter("Q", "H d d", r"(Q_{{{0}}})_{{{1}{2}}}", "trainable Q_h", Free(score=True), of=())
Q2 = _letter("Q2", "H d d", r"(Q'_{{{0}}})_{{{1}{2}}}", "Q_h of a second point ξ′", Free(score=True, near="Q"), of=(), primes=Q)
ALPHA = _letter("alpha", "H K", r"\alpha_{{{0},{1}}}", "α_h = w_h/γ (39)", Free())
ALPHA2 = _letter("alpha2", "H K", r"\alpha'_{{{0},{1}}}", "α_h of a second point ξ′", Free(near="alpha"), of=(), primes=ALPHA)
XS = _letter("xs", "N d", r"x_{{{0},{1}}}", "vectors x_1, …, x_l", Free(), of=())
XI = _letter("xi", "N", r"\xi_{{{0}}}", "any vector", Free(), of=())
XIK = _letter("xik", "K", r"x_{{{0}}}", "any vector over the tokens", Free(), of=())
Y = _letter("y", "K", r"y_{{{0}}}", "labels", Free(), of=())
LAM = _letter("lam", "m", r"\lambda_{{{0}}}", "task coefficients", Free(), of=())
EPS = _letter("eps", "m K", r"\epsilon_{{{0}{1}}}", "label noise, columns ε_k", Free(), of=())
QD = _letter("QD", "d H", r"Q_{{{0}{1}}}", "the d×H matrix of D_k = VᵀQ in the proof of Proposition 1", Free(), of=())
_scalar("tau", r"\tau", "variance of the label noise", Free(), of=(), positive="noise has a variance", symbol=tau)
_scalar("gamma", r"\gamma", "scale of w in (39)", Free(), of=(), positive="γ > 0 is a rate", symbol=gamma)

# The model
W = _letter("w", "H K", r"w_{{{0},{1}}}", "trainable w_h", Is((h, k), scalar("gamma") * ALPHA[h, k]), of=())
SCORES = (V[p, j] * Q[h, p, q] * V[q, k]).sum(p, q)
X = _letter("x", "H N K", r"x^{{{0}}}_{{{1}{2}}}", "scores Vᵀ Q_h v_k", Is((h, j, k), SCORES))
S = _letter("s", "H N K", r"s^{{{0}}}_{{{1}{2}}}", "softmax of the scores (28)", Softmax((h, j, k), SCORES, j), unit=1, nonneg=True)
S2 = _letter("s2", "H N K", r"s'^{{{0}}}_{{{1}{2}}}", "softmax of the scores at ξ′", unit=1, nonneg=True, of=(Q2, V), primes=S)
E = _letter("e", "H N K", r"e^{{x^{{{0}}}_{{{1}{2}}}}}", "exponential of the scores", Exponential((h, j, k), X[h, j, k]), nonneg=True)
R = _letter("r", "H K", r"r^{{{0}}}_{{{1}}}", "1/Σ_j of the exponentials", Reciprocal((h, k), E[h, j, k].sum(j)), nonneg=True, of=(E,))
AHAT = _letter("Ahat", "N K", r"\hat A_{{{0}{1}}}", "Â(θ) of (35)", Is((j, k), (W[h, k] * S[h, j, k]).sum(h)))
G = _letter("G", "N K", r"G_{{{0}{1}}}", "K ∂𝓛/∂Â, the residual of the fixed-point equation", lambda D: Is((j, k), D.residual))
ZSQ = _letter("Zsq", "N K", r"\hat Z_{{{0}{1}}}", "Ẑ read as N×K, which types only where m = N", of=(Z,))

# Matrices of the features
_INVERSE = r"[({0})^{{{{-1}}}}]_{{{{{{0}}{{1}}}}}}".format
ZBAR = _letter(
    "Zbar", "N N", r"\bar Z_{{{0}{1}}}", "(ZᵀZ + mτI)^{1/2} (12)", lambda D: MatrixRoot((j, n), D.system), symmetric=True, of=(Z,),
)
MINV = _letter(
    "Minv", "N N", _INVERSE(r"Z^\top Z+m\tau I"), "(ZᵀZ + mτI_N)^{-1}", lambda D: Inverse((j, n), D.system), symmetric=True, of=(Z,),
)
GINV = _letter(
    "Ginv", "m m", _INVERSE(r"ZZ^\top+m\tau I"), "(ZZᵀ + mτI_m)^{-1}", lambda D: Inverse((a, b), D.ridge_system), symmetric=True, of=(Z,),
)
GTAU = _letter(
    "Gtau", "m m", _INVERSE(r"ZZ^\top+N\tau I"), "(ZZᵀ + NτI_m)^{-1} of (25)",
    Inverse((a, b), (Z[a, j] * Z[b, j]).sum(j) + scalar("N") * scalar("tau") * delta(a, b)), symmetric=True, of=(Z,),
)
ZDAG = _letter("Zdag", "N m", r"Z^\dagger_{{{0}{1}}}", "the pseudo-inverse of Z", of=(Z,))
SLAM = _letter(
    "Slam", "m m", r"\mathbb{{E}}[\lambda_{{{0}}}\lambda_{{{1}}}]", "second moments of λ, where A1 is dropped", symmetric=True, of=(),
)
A = _letter("A", "N K", r"A_{{{0}{1}}}", "the fixed point (34)", lambda D: Is((j, k), D.fixed_point), of=(Z,))

# What the inequalities name, at ξ and at ξ′
DEL = _letter(
    "del", "N K", r"\delta_{{{0}{1}}}", "(33), repaired, in α of (39)",
    Is((j, k), scalar("gamma") * (ALPHA[h, k] * S[h, j, k]).sum(h) - A[j, k]),
)
DEL2 = _letter("del2", "N K", r"\delta'_{{{0}{1}}}", "δ at ξ′", primes=DEL)
ZD = _letter("zd", "N K", r"(\bar Z\delta_{{{1}}})_{{{0}}}", "Z̄δ_k", Is((j, k), (ZBAR[j, i] * DEL[i, k]).sum(i)))
ZD2 = _letter("zd2", "N K", r"(\bar Z\delta'_{{{1}}})_{{{0}}}", "Z̄δ_k at ξ′", primes=ZD)
B = _letter(
    "b", "H N K", r"b^{{{0}}}_{{{1}{2}}}", "b_k^h = Z̄ s_k^h, the columns of B_k (13)", Is((h, j, k), (ZBAR[j, i] * S[h, i, k]).sum(i)),
)
B2 = _letter("b2", "H N K", r"b'^{{{0}}}_{{{1}{2}}}", "b_k^h at ξ′", primes=B)
CZ = _letter(
    "cz", "N K", r"(\bar Z\delta_{{{1}}})^\top\bar z_{{{0}}}", "inner products of (82)", Is((j, k), (ZBAR[j, i] * ZD[i, k]).sum(i)),
)
CZ2 = _letter("cz2", "N K", r"(\bar Z\delta'_{{{1}}})^\top\bar z_{{{0}}}", "inner products of (82) at ξ′", primes=CZ)
VB = _letter("vb", "H d K", r"(V s^{{{0}}}_{{{2}}})_{{{1}}}", "Σ_i s_{ik}^h v_i", Is((h, p, k), (S[h, i, k] * V[p, i]).sum(i)))
VB2 = _letter("vb2", "H d K", r"(V s'^{{{0}}}_{{{2}}})_{{{1}}}", "Σ_i s_{ik}^h v_i at ξ′", primes=VB)
GA = _letter(
    "ga", "H K", r"(\nabla_\alpha\ell)_{{{0}{1}}}", "∂ℓ/∂α_{h,k} (45)",
    Is((h, k), scalar("gamma") * scalar("K", -1) * (B[h, j, k] * ZD[j, k]).sum(j)),
)
GA2 = _letter("ga2", "H K", r"(\nabla_\alpha\ell')_{{{0}{1}}}", "∂ℓ/∂α_{h,k} at ξ′", primes=GA)
_DIRECTION = S[h, j, k] * (V[p, j] - VB[h, p, k])
PT = _letter(
    "pt", "H d K", r"g^{{{0}}}_{{{1}{2}}}", "∂ℓ/∂Q_h = (γ/K) Σ_k g_k^h v_kᵀ: what one token adds to (82)",
    Is((h, p, k), ALPHA[h, k] * (CZ[j, k] * _DIRECTION).sum(j)),
)
PT2 = _letter("pt2", "H d K", r"g'^{{{0}}}_{{{1}{2}}}", "g_k^h at ξ′", primes=PT)
GQ = _letter(
    "gQ", "H d d", r"(\partial\ell/\partial Q_{{{0}}})_{{{1}{2}}}", "∂ℓ/∂Q_h (82)",
    Is((h, p, q), scalar("gamma") * scalar("K", -1) * (PT[h, p, k] * V[q, k]).sum(k)),
)
GQ2 = _letter("gQ2", "H d d", r"(\partial\ell'/\partial Q_{{{0}}})_{{{1}{2}}}", "∂ℓ/∂Q_h at ξ′", primes=GQ)
PD = _letter(
    "pd", "H d K", r"g^{{\delta,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where δ moves",
    Is((h, p, k), ALPHA[h, k] * ((CZ[j, k] - CZ2[j, k]) * _DIRECTION).sum(j)),
)
PA = _letter(
    "pa", "H d K", r"g^{{\alpha,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where α moves",
    Is((h, p, k), (ALPHA[h, k] - ALPHA2[h, k]) * (CZ2[j, k] * _DIRECTION).sum(j)),
)
PS = _letter(
    "ps", "H d K", r"g^{{s,{0}}}_{{{1}{2}}}", "the part of g_k^h − g′_k^h where attention moves",
    Is((h, p, k), ALPHA2[h, k] * (CZ2[j, k] * (_DIRECTION - at_second_point(_DIRECTION))).sum(j)),
)

# Distances of the two points
_DA = (ALPHA[h, k] - ALPHA2[h, k]) ** 2
DQ = _letter(
    "dQ", "H", r"\|Q_{{{0}}}-Q'_{{{0}}}\|_F", "‖Q_h − Q′_h‖_F", Root((h,), ((Q[h, p, q] - Q2[h, p, q]) ** 2).sum(p, q)), nonneg=True,
)
DAK = _letter("dak", "K", r"\|\alpha_{{{0}}}-\alpha'_{{{0}}}\|_2", "‖α_k − α′_k‖₂, over the heads", Root((k,), _DA.sum(h)), nonneg=True)
DAH = _letter(
    "dah", "H", r"\|\alpha_{{{0},:}}-\alpha'_{{{0},:}}\|_2", "‖α_h − α′_h‖₂, over the tokens", Root((h,), _DA.sum(k)), nonneg=True,
)
DS = _letter(
    "ds", "H N K", r"|s^{{{0}}}_{{{1}{2}}}-s'^{{{0}}}_{{{1}{2}}}|", "what ‖s_k^h − s′_k^h‖₁ is the sum of",
    Root((h, j, k), (S[h, j, k] - S2[h, j, k]) ** 2), nonneg=True,
)
DX = _letter(
    "dx", "H K", r"\|V^\top(Q_{{{0}}}-Q'_{{{0}}})v_{{{1}}}\|_\infty", "distance of the scores",
    LargestRoot((h, k), (j,), ((V[p, j] * (Q[h, p, q] - Q2[h, p, q]) * V[q, k]).sum(p, q) ** 2,)), nonneg=True,
)
JX = _letter(
    "jx", "H N K", r"|\xi_{{{1}}}-\textstyle\sum_i s^{{{0}}}_{{i{2}}}\xi_i|", "s_j times it is an entry of the Jacobian of softmax times ξ",
    Root((h, j, k), (XI[j] - (S[h, i, k] * XI[i]).sum(i)) ** 2), nonneg=True,
)
NAH = _letter("nah", "H", r"\|\alpha_{{{0}}}\|_2", "‖α_h‖₂, over the tokens", Root((h,), (ALPHA[h, k] ** 2).sum(k)), nonneg=True)
NAH2 = _letter("nah2", "H", r"\|\alpha'_{{{0}}}\|_2", "‖α_h‖₂ at ξ′", nonneg=True, primes=NAH)
LMIN = _letter(
    "lmin", "K", r"\lambda_{{\min}}(B_{{{0}}}B_{{{0}}}^\top)", "of B_k in (13)",
    LeastEigenvalue((k,), j, n, (B[h, j, k] * B[h, n, k]).sum(h)), nonneg=True,
)
LMIN2 = _letter("lmin2", "K", r"\lambda_{{\min}}(B'_{{{0}}}B_{{{0}}}'^\top)", "of B_k at ξ′", nonneg=True, primes=LMIN)
CINV = _letter(
    "cinv", "K N N", r"[(C_{{{0}}}C_{{{0}}}^\top)^{{-1}}]_{{{1}{2}}}", "(C_k C_kᵀ)^{-1} (13)",
    Inverse((k, j, n), (S[h, j, k] * S[h, n, k]).sum(h)),
)

# Scalars beside the sizes: what SymPy writes is the name, what is printed the LaTeX. ζ_0 > 0 is A2, and with it σ.
_scalar("beta", r"\beta", "deviation of the entries of Q_h^(0)", positive="β > 0 is a deviation", of=())
_scalar("root2", r"\sqrt2", "√2", Root((), number(2)), positive="√2 > 0", of=())
_scalar("abar", r"\alpha", "the α of |α_{h,k}| ≤ α", AboveAll(("alpha", "alpha2")))
_scalar("cx", r"c", "bound of the entries of ξ")
_scalar("fmax", r"\bar f_{\max}", "max_i ‖z̄_i‖₂ (12)", LargestRoot((), (j,), ((ZBAR[i, j] ** 2).sum(i),)), of=(Z,))
_scalar("nZbar", r"\|\bar Z\|_2", "spectral norm of Z̄", SpectralNorm(j, n, ZBAR[j, n]), of=(Z,))
_scalar("nA", r"\|A\|_2", "spectral norm of A", SpectralNorm(j, k, A[j, k]), of=(Z,))
_scalar("nZ", r"\|Z\|_2", "spectral norm of Z", SpectralNorm(a, j, Z[a, j]), of=(Z,))
_scalar("nZZ", r"\|Z^\top\hat Z\|_2", "spectral norm of ZᵀẐ", SpectralNorm(j, k, (Z[a, j] * Z[a, k]).sum(a)), of=(Z,))
_scalar("nDQ", r"\sqrt{\sum_h\|Q_h-Q'_h\|_F^2}", "distance of the Q_h", Root((), (DQ[h] ** 2).sum(h)))
_scalar("mDQ", r"\max_h\|Q_h-Q'_h\|_F", "largest distance of a Q_h", LargestRoot((), (h,), (DQ[h] ** 2,)))
_scalar("nDA", r"\|\alpha-\alpha'\|_F", "distance of the α_h", Root((), _DA.sum(h, k)))
_MAX = LargestRoot((), (), (number(1), (4 * scalar("K") * scalar("abar", 2)) ** 2))
_scalar("mx", r"\max\{1,(2\sqrt K\alpha)^2\}", "in (59), (61)", _MAX)
_scalar("eta", r"\eta_Q", "learning rate of Q (16)", positive="η_Q > 0 is a rate")
_scalar("zeta", r"\zeta_0", "ζ_0 (14)", BelowAll(2, "lmin"), positive="ζ_0 > 0 is A2")
_SIGMA = scalar("zeta") * scalar("gamma", 2) * scalar("K", -1)
_scalar("sigma", r"\sigma", "ζ_0γ²/K (44)", Is((), _SIGMA), positive="σ = ζ_0γ²/K, and ζ_0 > 0 is A2")
_scalar("Lip", r"L", "smoothness (61)")
_scalar("Delta0", r"\Delta^{(0)}", "function gap at θ^(0) (11)")
_scalar("rr", r"{\textstyle\sqrt{1-\eta_Q\sigma/2}}", "ratio of the sum in Step 3")
_scalar("fall", r"(1-\sqrt{1-\eta_Q\sigma/2})", "by how much that ratio is below 1")
_scalar("rrt", r"{(\textstyle\sqrt{1-\eta_Q\sigma/2})^t}", "its t-th power")
_scalar("geo", r"{\textstyle\sum_{i<t}}(\sqrt{1-\eta_Q\sigma/2})^i", "the sum in Step 3")
_scalar("gap", r"(\ell(\xi)-\mathcal{L}^\star)", "distance from the least loss")
_scalar("gapn", r"(\ell(\xi')-\mathcal{L}^\star)", "distance from the least loss at ξ′")
_scalar("ng", r"\|\nabla\ell(\xi)\|_F", "norm of the gradient")
_scalar("nxi", r"\|x\|_2", "norm of the vector over the tokens", Root((), (XIK[k] ** 2).sum(k)))
_scalar("nxP", r"\|x_{1:N}\|_2", "norm of its part over the prompt", Root((), (XIK[i] ** 2).sum(i)))
_scalar(
    "nxU", r"\|x_{N+1:K}\|_2", "norm of its part over the unlabelled tokens", Root((), (XIK[unlabelled] ** 2).sum(unlabelled)),
)
_OFF = AHAT[j, k] - A[j, k]
_scalar("nD", r"\|\hat A-A\|_2", "spectral norm of Â − A", SpectralNorm(j, k, _OFF))
_scalar("nZD", r"\|\bar Z(\hat A-A)\|_2", "spectral norm of Z̄(Â − A)", SpectralNorm(j, k, (ZBAR[j, n] * _OFF.at({j: n})).sum(n)))
_scalar("ny", r"\|y\|_2", "norm of the labels of the prompt", Root((), (Y[j] ** 2).sum(j)))
_scalar("rad", r"R", "right side of (69)")
_scalar("epsilon", r"\varepsilon", "accuracy of Theorem 2", positive="ε > 0 is an accuracy")
_scalar("T", r"T", "steps of Theorem 2")
_scalar("lq", r"\log\tfrac1q", "logarithm of 1/q, with q = 1 − γ²η_Qζ_0/(2K)")
_scalar("lX", r"\log\max\{1,X\}", "of X = Δ^(0)R²/(mτε)")
_scalar("qT", r"{(1-\gamma^2\eta_Q\zeta_0/(2K))^T}", "factor of (18) after T steps")
# fmt: on

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
