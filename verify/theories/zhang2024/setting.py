"""The letters of the paper: sizes, the covariance Λ and what is made of it, the parameters, prompts and their laws."""

from __future__ import annotations

import sympy as sp

from verify import Setting, array, total
from verify.own.arrays import Array, eye, outer


def norm(vector: Array, matrix: Array) -> sp.Expr:
    """‖v‖²_A = vᵀAv."""
    return vector @ matrix @ vector


def at_most(low: sp.Expr, high: sp.Expr) -> sp.Rel:
    """The condition low ≤ high. SymPy is not asked whether it is so, which takes seconds where a side is long."""
    return sp.Le(low, high, evaluate=False)


S = Setting("Zhang, Frei, Bartlett (2024)")

d, N, M, T = S.dims("d N M T")
a, b, c, e, f = (d.index(name) for name in "abcef")
i, j = N.index("i"), N.index("j")
m = M.index("m")

# The covariance of the covariates, and the matrix of the limit
covariance = S.letters(kind="positive definite", Lambda=(d, d))
Lambda = array(covariance)
tr = S.define("tr_Lambda", Lambda.trace)
N_1 = S.define("N_1", N.size + 1)
Gamma = array(S.define("Gamma", ((1 + 1 / N.size) * Lambda + tr / N.size * eye(d))[a, b], a, b))
Gamma_inv = array(S.inverse("Gamma_inv", Gamma[a, b], a, b))
Lambda_inv = array(S.inverse("Lambda_inv", Lambda[a, b], a, b))
root = array(S.root("R", Lambda[a, b], a, b))

root_inv = array(S.inverse("R_inv", root[a, b], a, b))
Gamma_root = array(S.root("R_Gamma", Gamma[a, b], a, b))

# The parameters: the blocks of U, and the start
U = array(S.letters(U=(d, d)))
u = S.letters(u=())
u_12, u_21 = (array(letter) for letter in S.letters(u_12=d, u_21=d))
Theta = array(S.letters(Theta=(d, d)))
sigma, epsilon = S.scalars("sigma epsilon")
m_1, m_2 = S.scalars("m_1 m_2")

# Spectral norms
op_Lambda, op_Gamma, op_inverse = (
    S.norm(name, matrix[a, b], a, b, kind="spectral")
    for name, matrix in (("op_Lambda", Lambda), ("op_Gamma", Gamma), ("op_inverse", Lambda_inv))
)

# A prompt of a task, and one of length M at test time
X, Z = (array(letter) for letter in S.letters(X=(d, N), Z=(d, M)))
w, x_q = (array(letter) for letter in S.letters(w=d, x_q=d))
y, z = (array(letter) for letter in S.letters(y=N, z=M))
P = array(S.letters(P=(d, d)))
V, B = array(S.letters(V=(d, d))), array(S.letters(kind="positive semidefinite", B=(d, d)))
op_U = S.norm("op_U", U[a, b], a, b, kind="spectral")
p_12, p_21 = (array(letter) for letter in S.letters(p_12=d, p_21=d))
p = S.letters(p=())
K = S.dims("K")
k, l = K.index("k"), K.index("l")
H, J = (array(letter) for letter in S.letters(kind="symmetric", H=(K, K), J=(K, K)))
v = array(S.letters(v=K))
s = S.letters(s=())
hat = X @ X.T / N.size
hat_test = Z @ Z.T / M.size

E = S.expectation("E", X=S.gaussian(covariance), x_q=S.gaussian(covariance), w=S.gaussian())
over_prompt = S.expectation("E_X", X=S.gaussian(covariance))
over_test = S.expectation("E_Z", Z=S.gaussian(covariance))

# What the last row of W^PV and the first columns of W^KQ predict, by the degree in w; B is what the linear part depends on
linear, values = hat @ w, hat + outer(x_q, x_q) / N.size
even = u_12 @ (values @ (U @ x_q)) + u * norm(w, hat) * (u_21 @ x_q)
odd = (u_12 @ linear) * (u_21 @ x_q) + u * (linear @ (U @ x_q))
wanted = w @ x_q
population = E((even + odd - wanted) ** 2) / 2

# Powers, labels of any law y = ⟨a, x⟩ + r with E[rx] = 0, and y x of a prompt, which is Λa + ξ with the covariance Σ of ξ
G2, L2 = Gamma_inv @ Gamma_inv, Lambda @ Lambda
L3 = L2 @ Lambda
a_ = array(S.letters(alpha=d))
tau, q = S.scalars("tau q")
r, c_1 = S.letters(r=(), c_1=())
spread = S.letters(kind="positive semidefinite", Sigma=(d, d))
Sigma, xi = array(spread), array(S.letters(xi=(d, M)))
ones = Array((M,), lambda _: sp.Integer(1))
E_q = S.expectation("E_q", x_q=covariance, r=tau, xi=spread)
E_one = S.expectation("E_1", x_q=S.gaussian(covariance))
E_test = S.expectation("E_M", x_q=covariance, Z=S.gaussian(covariance))
E_w = S.expectation("E_w", w=1)

# Tasks with probabilities, their variances λ_τ and eigenvalues γ_τ of Γ_τ, and the moments of (C.3); ratio stands for κ_i/ξ_i
t = T.index("t")
weight = array(S.letters(kind="nonnegative", weight=T))
at, label = array(S.letters(at=(T, d))), array(S.letters(label=T))
lam = array(S.letters(kind="positive", lambda_=(T, d)))
gamma = array(S.define("gamma", (N.size + 1) / N.size * lam[t, a] + total(lam[t, b], b) / N.size, t, a))
xi_ = array(S.define("xi_t", total(weight[t] * gamma[t, a] * lam[t, a] ** 2, t), a))
kappa = array(S.define("kappa", total(weight[t] * lam[t, a] ** 2, t), a))
zeta = array(S.define("zeta", total(weight[t] * gamma[t, a] * lam[t, a] * lam[t, b], t), a, b))
ratio = array(S.letters(kind="positive", ratio=d))
rho = array(S.letters(kind="nonnegative", rho=(d, d)))
top = array(S.letters(kind="positive", top=T))
eta = S.scalars("eta", positive=False)
phi = S.letters(phi=())

# Exp(1) as half of a sum of two squares of standard Gaussian numbers
g, h, query = (array(letter) for letter in S.letters(g=d, h=d, query=d))
E_exp = S.expectation("E_exp", g=S.gaussian(), h=S.gaussian(), query=S.gaussian())

# The loss ℓ̃ of (5.5), its least value, and the flow of Lemma 5.2
loss = u**2 / 2 * (Gamma @ Lambda @ U @ Lambda @ U.T).trace - u * (Lambda @ Lambda @ U.T).trace
least = -(Lambda @ Lambda @ Gamma_inv).trace / 2
dU = -(u**2) * (Gamma @ Lambda @ U @ Lambda) + u * (Lambda @ Lambda)
du = -(u * (Gamma @ Lambda @ U @ Lambda @ U.T).trace - (Lambda @ Lambda @ U.T).trace)
along = S.flow({U[a, b]: dU[a, b], u: du})


def gamma_squares(Y: Array) -> sp.Expr:
    """tr(YᵀΓY) as a sum of squares."""
    return (1 + 1 / N.size) * (root @ Y).square + outer(root, Y).square / N.size


def cauchy(left: Array, right: Array) -> sp.Expr:
    """‖A‖²_F‖B‖²_F − ‖AB‖²_F as a sum of squares, for matrices, or a matrix and a vector."""
    if len(right.dims) == 1:
        return total((left[a, b] * right[c] - left[a, c] * right[b]) ** 2, a, b, c) / 2
    return total((left[a, b] * right[c, e] - left[a, c] * right[b, e]) ** 2, a, b, c, e) / 2


__all__ = [
    "G2",
    "L2",
    "L3",
    "N_1",
    "Array",
    "B",
    "E",
    "E_exp",
    "E_one",
    "E_q",
    "E_test",
    "E_w",
    "Gamma",
    "Gamma_inv",
    "Gamma_root",
    "H",
    "J",
    "K",
    "Lambda",
    "Lambda_inv",
    "M",
    "N",
    "P",
    "S",
    "Sigma",
    "T",
    "Theta",
    "U",
    "V",
    "X",
    "Z",
    "a",
    "a_",
    "along",
    "array",
    "at",
    "at_most",
    "b",
    "c",
    "c_1",
    "cauchy",
    "covariance",
    "d",
    "dU",
    "du",
    "epsilon",
    "eta",
    "even",
    "eye",
    "f",
    "g",
    "gamma",
    "gamma_squares",
    "h",
    "hat",
    "hat_test",
    "i",
    "j",
    "k",
    "kappa",
    "l",
    "label",
    "lam",
    "least",
    "linear",
    "loss",
    "m",
    "m_1",
    "m_2",
    "norm",
    "odd",
    "ones",
    "op_Gamma",
    "op_Lambda",
    "op_U",
    "op_inverse",
    "outer",
    "over_prompt",
    "over_test",
    "p",
    "p_12",
    "p_21",
    "phi",
    "population",
    "q",
    "query",
    "r",
    "ratio",
    "rho",
    "root",
    "root_inv",
    "s",
    "sigma",
    "sp",
    "t",
    "tau",
    "top",
    "total",
    "tr",
    "u",
    "u_12",
    "u_21",
    "v",
    "values",
    "w",
    "wanted",
    "weight",
    "x_q",
    "xi",
    "xi_",
    "y",
    "z",
    "zeta",
]
