"""A file of statements and the proofs that are found of them, for tests of stored proofs."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any

from symbolic.bound import NotFound
from symbolic.operations import Data
from verify import Setting
from verify.own.files import settings
from verify.own.sought import refused
from verify.own.stored import StoredProofs
from verify.own.theory import theory
from verify.statement import Claim, Inequality

FILE = """
from sympy import KroneckerDelta
from verify import Setting, total
S = Setting("stored lemmas")
p, q = S.dims("p q")
i, k, n, j = p.index("i"), p.index("k"), p.index("n"), q.index("j")
u, v = S.letters(u=p, v=p)
X = S.letters(X=(p, q))
s = S.letters(kind="simplex", s=p)
P = S.letters(kind="positive semidefinite", P=(p, p))
tau, a = S.scalars("tau a")
nu, nv, nuv = S.norm("nu", u[i], i), S.norm("nv", v[i], i), S.norm("nuv", u[i] + v[i], i)
G = S.inverse("G", total(X[i, j] * X[k, j], j) + tau * KroneckerDelta(i, k), i, k)
S.inequality("triangle", nuv, nu + nv)
S.inequality("Jensen", total(s[i] * u[i], i) ** 2, total(s[i] * u[i] ** 2, i))
S.inequality("form", 0, total(u[i] * P[i, k] * u[k], i, k))
S.inequality("small", a ** 2, a, when=[a <= 1])
S.identity("inverse", total(X[i, j] * X[k, j] * G[k, n], j, k), KroneckerDelta(i, n) - tau * G[i, n])
S.inequality("means up to 9", total(u[i], i) ** 2, 9 * total(u[i] ** 2, i))
S.inequality("reversed", total(s[i] * u[i] ** 2, i), total(s[i] * u[i], i) ** 2)
S.identity("wrong sign", total(X[i, j] * X[k, j] * G[k, n], j, k), KroneckerDelta(i, n) + tau * G[i, n])
"""
TRUE = ["triangle", "Jensen", "form", "small", "inverse"]
FALSE = ["means up to 9", "reversed", "wrong sign"]
QUICK = ["triangle", "Jensen", "inverse", "reversed", "wrong sign"]
NAME = "lemmas.proofs.json"


def setting(folder: Path) -> Setting:
    path = folder / "lemmas.py"
    path.write_text(FILE, encoding="utf-8")
    (S,) = settings(str(path))
    assert isinstance(S, Setting)
    return S


def proved(claim: Claim) -> tuple[bool, str]:
    """Whether a proof is found that both checkers accept, and the sentence on the origin of the proof."""
    (statement,) = claim.statements
    if isinstance(statement, Inequality):
        assert statement.proof is not None
        try:
            why: Any = statement.proof()
        except NotFound:
            return False, statement.origin()
    else:
        why = statement.proof()
    return not refused(statement, why), statement.origin()


def alone(S: Setting, *names: str) -> Setting:
    """The setting with these statements."""
    found = copy(S)
    found.statements, found._built = {name: S.statements[name] for name in names}, None
    return found


def with_data(S: Setting, data: Data) -> tuple[dict[str, tuple[bool, str]], StoredProofs]:
    """What becomes of each statement with these stored proofs."""
    kept = StoredProofs(NAME, data)
    return {claim.id: proved(claim) for claim in theory(S, kept).claims}, kept


def key_of(S: Setting, name: str) -> str:
    """The key under which the proof of a statement is looked up."""

    class Asked(StoredProofs):
        def replayed(self, key: str, *rest: Any) -> tuple[None, str]:
            asked.append(key)
            return None, ""

    asked: list[str] = []
    proved(theory(alone(S, name), Asked(NAME, {})).claims[0])
    return asked[0] if asked else ""
