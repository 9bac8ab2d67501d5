"""A linear estimator of noisy labels: its mean squared error is squared bias plus variance."""

from verify import Setting, total

S = Setting("bias and variance")
n, m = S.dims("n m")
i, j = n.index("i"), m.index("j")
a, truth, noise = S.letters(a=(m, n), truth=n, noise=n)
target = S.letters(target=m)
tau = S.scalars("tau")
E = S.expectation(noise=tau)
bias = S.define("bias", total(a[j, i] * truth[i], i) - target[j], j)
error = total((total(a[j, i] * (truth[i] + noise[i]), i) - target[j]) ** 2, j)

S.identity("unbiased noise", E(total(a[j, i] * (truth[i] + noise[i]), i)), total(a[j, i] * truth[i], i))
S.identity("decomposition", E(error), total(bias[j] ** 2, j) + tau * total(a[j, i] ** 2, i, j))
S.identity(
    "variance of one label", E(error), total(bias[j] ** 2, j) + tau,
    expected="fails", reason="noise enters by the rows of the estimator",
)  # fmt: skip
