"""True statements over letters of one's own, each in a setting of its own: rows of data for tests."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verify import Setting, total
from verify.own.theory import theory
from verify.statement import Claim


def setting() -> tuple[Setting, dict[str, Any]]:
    """A setting with letters of several kinds, and its names."""
    S = Setting("lemmas")
    p, q = S.dims("p q")
    tokens = S.dim("tokens", "prompt rest")
    i, k, n = p.index("i"), p.index("k"), p.index("n")
    j = q.index("j")
    t, a0, r = tokens.index("t"), tokens.parts[0].index("a0"), tokens.parts[1].index("r")
    X, Y = S.letters(X=(p, q), Y=(q, p))
    R, P, M, G = (
        S.letters(R=(p, p)),
        S.letters(P=(p, p), kind="positive definite"),
        S.letters(M=(p, p), kind="positive semidefinite"),
        S.letters(G=(p, p), kind="symmetric"),
    )
    u, v, x = S.letters(u=p, v=p, x=tokens)
    s, a, b = (
        S.letters(s=p, kind="simplex"),
        S.letters(a=p, kind="nonnegative"),
        S.letters(b=p, kind="positive"),
    )
    W = S.letters(W=(p, q), kind="unit columns")
    c, d = S.scalars("c d")
    return S, dict(locals()) | {"total": total, "Fraction": Fraction}


Lemma = tuple[str, str, str, Mapping[str, str]]  # relation, left side, right side, and `when` or `proof`


def stated(name: str, row: Lemma) -> tuple[Setting, Claim]:
    """The setting with one statement, and its claim."""
    S, names = setting()
    relation, lhs, rhs, more = row
    left, right, others = eval(
        f"({lhs}, {rhs}, dict({', '.join(f'{key}={text}' for key, text in more.items())}))", names
    )
    make = S.identity if relation == "=" else S.inequality
    make(name, left, right, **others)
    (claim,) = theory(S).claims
    return S, claim
