"""The diagonal of the attention map (5)–(7) on the embeddings (2), (4): in blocks for all sizes, and entry by entry at sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from numeric.threads import threads_for
from symbolic.indexed import Expr, Index, delta, number
from symbolic.proof import Proof
from verify.known import known
from verify.prove.premises import checked_twice
from verify.record import Evidence, Witness
from verify.statement import Claim
from verify.theories.yang2024.binding import theta_point
from verify.theories.yang2024.checks.compare import Gap, confirmed, judge, relative
from verify.theories.yang2024.laboratory import Array, Laboratory, Theta
from verify.theories.yang2024.setting import SETTING
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import score, weight
from verify.theories.yang2024.symbolic.letters import index, unused

ROW = ""  # the dimension of a block with one row or one column: it has no index
Block = Callable[[Index | None, Index | None], Expr]


@dataclass(frozen=True)
class Blocks:
    """A matrix in blocks: the dimension of each block row and column, and the entries of each block; absent blocks are 0."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    entries: Mapping[tuple[int, int], Block] = field(default_factory=dict)

    def entry(self, at: tuple[int, int], row: Index | None, column: Index | None) -> Expr:
        block = self.entries.get(at)
        return number(0) if block is None else block(row, column)

    @property
    def T(self) -> Blocks:
        def turned(block: Block) -> Block:
            return lambda row, column: block(column, row)

        return Blocks(self.columns, self.rows, {(j, i): turned(b) for (i, j), b in self.entries.items()})

    def __matmul__(self, other: Blocks) -> Blocks:
        """The product: over a block without an index one term, over any other a sum. Raises ValueError where it does not type."""
        if self.columns != other.rows:
            raise ValueError(f"blocks {self.columns} meet blocks {other.rows}")

        def product(i: int, j: int) -> Block:
            def entry(row: Index | None, column: Index | None) -> Expr:
                total = number(0)
                for between, dim in enumerate(self.columns):
                    inner = None if dim == ROW else unused(dim)
                    term = self.entry((i, between), row, inner) * other.entry((between, j), inner, column)
                    total = total + (term if inner is None else term.sum(inner))
                return total

            return entry

        places = ((i, j) for i in range(len(self.rows)) for j in range(len(other.columns)))
        return Blocks(self.rows, other.columns, {at: product(*at) for at in places})


def given(ref: Index | None) -> Index:
    if ref is None:
        raise ValueError("an entry without an index where one is needed")
    return ref


@dataclass(frozen=True)
class Form:
    """The parameter form (7) and the last row of E^Q (4), which are zeros there; a test puts other numbers in.

    value      W_h^V = (value · w_h 1ᵀ, w_h)
    corner     (W_h^K)ᵀ W_h^Q = [[Q_h, 0], [0, corner]]
    query_row  the entries of the last row of E^Q
    output     W^O = output · (I_K, …, I_K), 1 there
    """

    value: int = 0
    corner: int = 0
    query_row: int = 0
    output: int = 1


PRINTED = Form()


def tokens(row: Index | None, column: Index | None) -> Expr:
    return let.V[given(row), given(column)]


def labels(row: Index | None, column: Index | None) -> Expr:
    return let.Y[given(column)]


def constant(value: int) -> Block:
    return lambda row, column: number(value)


def embeddings(form: Form) -> tuple[Blocks, Blocks]:
    """E^P (2), (d+1)×N, and E = (E^P, E^Q) (4), (d+1)×K, in blocks over prompt and unlabelled tokens."""
    prompt: dict[tuple[int, int], Block] = {(0, 0): tokens, (1, 0): labels}
    both = {**prompt, (0, 1): tokens, (1, 1): constant(form.query_row)}
    return Blocks(("d", ROW), ("N",), prompt), Blocks(("d", ROW), ("N", "U"), both)


def scores(form: Form, h: Index) -> Blocks:
    """(E^P)ᵀ (W_h^K)ᵀ W_h^Q E, N×K, the argument of the softmax (5)."""

    def key_query(row: Index | None, column: Index | None) -> Expr:
        return let.Q[h, given(row), given(column)]

    E_P, E = embeddings(form)
    W_KQ = Blocks(("d", ROW), ("d", ROW), {(0, 0): key_query, (1, 1): constant(form.corner)})
    return E_P.T @ W_KQ @ E


def attention_map(form: Form) -> Blocks:
    """𝒯(E) (6), K×K, with the softmax columns as letters and W^O = (I_K, …, I_K)."""

    def head(h: Index) -> Blocks:
        def weight_of(share: int) -> Block:
            return lambda row, column: share * let.W[h, given(row)]

        def attention(row: Index | None, column: Index | None) -> Expr:
            return let.S[h, given(row), given(column)]

        E_P, _ = embeddings(form)
        W_V = Blocks(("K",), ("d", ROW), {(0, 0): weight_of(form.value), (0, 1): weight_of(1)})
        return W_V @ E_P @ Blocks(("N",), ("N", "U"), {(0, 0): attention, (0, 1): attention})

    def total(part: int) -> Block:
        def entry(row: Index | None, column: Index | None) -> Expr:
            h, inner = unused("H"), unused("K")
            return form.output * (delta(given(row), inner) * head(h).entry((0, part), inner, column)).sum(
                h, inner
            )

        return entry

    return Blocks(("K",), ("N", "U"), {(0, part): total(part) for part in (0, 1)})


def differences(form: Form = PRINTED) -> list[str]:
    """Where (5)–(7) in blocks differ from the scores Vᵀ Q_h v_k or from (8), for all sizes; empty iff they do not."""
    h, j, wrong = index("h", "H"), index("j", "N"), []
    found, diagonal = scores(form, h), attention_map(form)
    for part, dim in enumerate(("N", "U")):
        k = index("k", dim)
        name = "prompt" if dim == "N" else "unlabelled"
        if not checked_twice(SETTING, found.entry((0, part), j, k), score(h, j, k), Proof()).proved:
            wrong.append(f"the scores of {name} tokens are not Vᵀ Q_h v_k")
        position = unused("N")
        predicted = (let.Y[position] * weight(position, k)).sum(position)
        if not checked_twice(SETTING, diagonal.entry((0, part), k, k), predicted, Proof()).proved:
            wrong.append(f"the diagonal at {name} tokens is not (8)")
    return wrong


SIZES = ((1, 1, 1, 1), (1, 2, 1, 2), (2, 2, 2, 1), (2, 3, 2, 2), (1, 4, 3, 2), (3, 4, 2, 3))


def explicit(N: int, K: int, d: int, H: int, form: Form = PRINTED) -> list[Any]:
    """Scores minus Vᵀ Q_h v_k and diagonal minus (8), multiplied out from matrices with a variable for every entry; as
    polynomials of SymPy, 0 where they agree."""
    shapes = {"v": (d, K), "y": (1, N), "q": (H, d, d), "w": (H, K), "s": (H, N, K)}
    names = [
        f"{letter}_{'_'.join(map(str, at))}" for letter, shape in shapes.items() for at in np.ndindex(shape)
    ]
    variables = iter(sp.polys.rings.ring(names, sp.ZZ)[1:])
    V, y, Q, w, S = (
        np.array([next(variables) for _ in np.ndindex(shape)], dtype=object).reshape(shape)
        for shape in shapes.values()
    )
    E_P = np.vstack([V[:, :N], y])
    E_Q = np.vstack([V[:, N:], np.full((1, K - N), form.query_row, dtype=object)])
    E, wrong, heads = np.hstack([E_P, E_Q]), [], []
    for h in range(H):
        W_KQ = np.zeros((d + 1, d + 1), dtype=object)
        W_KQ[:d, :d], W_KQ[d, d] = Q[h], form.corner
        W_V = np.hstack([np.repeat(form.value * w[h][:, None], d, axis=1), w[h][:, None]])
        wrong += list((E_P.T @ W_KQ @ E - V[:, :N].T @ Q[h] @ V).flat)
        heads.append(W_V @ E_P @ S[h])
    W_O = np.hstack([form.output * np.eye(K, dtype=int).astype(object)] * H)
    predicted = np.diagonal(W_O @ np.vstack(heads))
    return [*wrong, *(predicted - (y @ np.einsum("hk,hjk->jk", w, S))[0])]


@dataclass(frozen=True)
class Diagonal:
    """(8) from (2)–(7): proved in blocks, expanded at sizes, and the literal model against it here."""

    form: Form = PRINTED

    def __call__(self, claim: Claim, laboratory: Laboratory) -> Iterator[Evidence]:
        yield self._blocks()
        yield self._expanded()
        yield self._here(laboratory)

    def prove(self) -> None:
        differences(self.form)

    def _blocks(self) -> Evidence:
        wrong = differences(self.form)
        return Evidence(
            check="prove", **known("general", "undecided" if wrong else "holds", "proved"),
            statement=f"Not proved: {'; '.join(wrong)}." if wrong
            else "The products of the blocks have the normal forms of Vᵀ Q_h v_k and of (8), for symbolic N, K, d, H, "
            "to two checkers that share no code.",
            steps=[
                "E = (E^P, E^Q) in blocks: d rows and one, prompt and unlabelled tokens; a product sums over d and adds the one",
                "(E^P)ᵀ (W_h^K)ᵀ W_h^Q E = Vᵀ Q_h (v_1..v_K): the labels meet zeros, so no score depends on y, and (28) is its softmax",
                "W_h^V E^P = w_h yᵀ, and (I_K, …, I_K) adds the heads",
                "entry (k, k) is Σ_h w_{h,k} Σ_j y_j s^h_{jk}",
            ],
            budget="four blocks of the scores and of 𝒯(E)",
        )  # fmt: skip

    def _expanded(self) -> Evidence:
        broken = next((at for at in SIZES if any(explicit(*at, self.form))), None)
        shown = ", ".join(f"({', '.join(map(str, at))})" for at in SIZES)
        witness = None
        if broken is not None:
            left = next(rest for rest in explicit(*broken, self.form) if rest)
            witness = Witness(
                summary=f"N, K, d, H = {', '.join(map(str, broken))}: {left} is left, all entries symbolic",
                sizes=dict(zip("NKdH", broken, strict=True)), lhs=str(left), rhs="0", exact=True,
                method="polynomials of SymPy, multiplied out",
            )  # fmt: skip
        return Evidence(
            check="refute" if witness else "expand", **known("general", "fails" if witness else "holds", "proved at size"),
            witness=witness,
            statement=f"Counterexample: {witness.summary}." if witness
            else "Scores and diagonal multiplied out from the matrices (2)–(7), every entry a symbol, softmax columns too: "
            "nothing is left of the differences.",
            budget=f"N, K, d, H = {shown}",
        )  # fmt: skip

    def _here(self, laboratory: Laboratory) -> Evidence:
        worst, i = Gap(), laboratory.instance
        rng = i.rng("labels of the literal model")
        thetas = laboratory.thetas()[:DRAWN]
        for theta in thetas:
            y = rng.standard_normal((2, i.N))
            worst = worst.worse(confirmed(partial(predictions, laboratory, theta, y)))
        what = "Predictions of the literal torch model, from the embeddings (2)–(7), against (8)"
        budget = f"{len(thetas)} random θ, 2 label vectors each; float64 on CPU"
        return judge(worst, what, budget)


DRAWN = 5


def predictions(laboratory: Laboratory, theta: Theta, y: Array) -> Gap:
    """Relative difference of the two routes at these labels, (batch, N)."""
    import torch  # seconds to import: only where it is needed

    from verify.theories.yang2024.numeric.model import Transformer

    i = laboratory.instance
    tokens_, Q, w, y_ = (torch.tensor(a, dtype=torch.float64) for a in (i.tokens, theta.Q, theta.w, y))
    with threads_for(i.H * i.N * i.K), torch.no_grad():
        literal: Array = Transformer(tokens_, Q, w, i.N)(y_).numpy()
    A_hat = theta_point(i, theta).arrays["Ahat"]
    return relative(literal - y @ A_hat, literal)
