"""A wrong formula and its repair: the variance of a label whose noise is in the features."""

from verify import Setting, total

S = Setting("labels with noise in the features")
m = S.dims("m")
j = m.index("j")
lam, z, eps = S.letters(lam=m, z=m, eps=m)
tau = S.scalars("tau")
E = S.expectation(eps=tau)
label = total(lam[j] * (z[j] + eps[j]), j)
clean = total(lam[j] * z[j], j)

S.identity("mean", E(label), clean)
S.identity(
    "variance, as printed", E((label - clean) ** 2), tau,
    expected="fails", reason="the noise is weighted by the task",
)  # fmt: skip
S.identity("variance, repaired", E((label - clean) ** 2), tau * total(lam[j] ** 2, j))
