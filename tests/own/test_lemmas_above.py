"""A statement may use what is proved above it, also at other letters, and says which; never itself, and nothing below it."""

from __future__ import annotations

from typing import Any

import pytest

from verify import Setting, total
from verify.own.theory import theory
from verify.pipeline.bench import Bench
from verify.prove.inequality import ProveBound
from verify.record import Evidence


def setting(*order: str, proof: bool = True) -> Setting:
    """Cauchy–Schwarz for products that the finder does not take apart, with a proof, and the same of another letter without one."""
    S = Setting("lemmas that use each other")
    p, q = S.dims("p q")
    i, k, j, n = p.index("i"), p.index("k"), q.index("j"), q.index("n")
    X, Y, Z = S.letters(X=(p, q), Y=(p, q), Z=(p, q))
    u, w = S.letters(u=p, w=q)

    def sides(A: Any) -> tuple[Any, Any]:
        inner = total(A[i, j] * w[j] * Y[i, j] * u[i], i, j) ** 2
        return inner, total((A[i, j] * w[j]) ** 2, i, j) * total((Y[i, j] * u[i]) ** 2, i, j)

    crossed = X[i, j] * w[j] * Y[k, n] * u[k] - X[k, n] * w[n] * Y[i, j] * u[i]
    squares = total(crossed**2, i, j, k, n) / 2 if proof else None
    for name in order:
        S.inequality(name, *sides(X if name == "first" else Z), proof=squares if name == "first" else None)
    return S


def evidence(S: Setting, name: str) -> Evidence:
    claim = next(one for one in theory(S).claims if one.id == name)
    (found,) = ProveBound()(claim, Bench())
    return found


def test_a_statement_uses_the_one_above_at_its_own_letter() -> None:
    found = evidence(setting("first", "second"), "second")
    assert (found.verdict, found.strength) == ("holds", "proved"), found.statement
    assert found.statement.endswith("The proof uses first.")
    assert any(step.startswith("first, with Z for X") for step in found.steps)


def test_nothing_below_is_used() -> None:
    assert evidence(setting("second", "first"), "second").verdict == "undecided"


@pytest.mark.slow
def test_what_rests_on_a_statement_without_a_proof_has_none() -> None:
    S = setting("first", "second", proof=False)
    assert [evidence(S, name).verdict for name in ("first", "second")] == ["undecided", "undecided"]
