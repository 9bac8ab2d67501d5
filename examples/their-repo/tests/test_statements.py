"""A setting that is declared beside the tests: each of its statements is a test as well."""

import pytest

from verify import Setting, total

pytestmark = pytest.mark.icl_theory

S = Setting("scratch")
p = S.dims("p")
i = p.index("i")
u = S.letters(u=p)
S.identity("shift", total(u[i] + 1, i), total(u[i], i) + p.size)
S.identity("shift by one", total(u[i] + 1, i), total(u[i], i) + 1, expected="fails", reason="p is missing")
