"""The prompts that a model was asked: labelled features, queries, and what families of algorithms need of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numeric.draws import Array

Whole = NDArray[np.int64]
LENGTHS = 8  # lengths of prompts in a few of the answers
HALVINGS = 30
RANK = 1e-10  # an eigenvalue of ZᵀZ below this part of the largest is zero
NORMALISERS: dict[str, Callable[[Array], Array]] = {
    "1": np.ones_like,
    "N": lambda n: n,
    "N+1": lambda n: n + 1.0,
}


@dataclass(frozen=True)
class Block:
    """Prompts of one length.

    Z  (B, n, m) features of the labelled tokens of B contexts
    Y  (B, S, n) labels: S prompts over each context
    Q  (B, q, m) features of the queries of each context
    """

    Z: Array
    Y: Array
    Q: Array

    @property
    def shape(self) -> tuple[int, int, int]:
        """B, S, q: the shape of the answers."""
        return len(self.Z), self.Y.shape[1], self.Q.shape[1]


class Spectrum(NamedTuple):
    """Answers in the SVD of Z: a family with the filter g answers Σ_r terms[:, r] g(mu[context, r]).

    mu       (C, r) eigenvalues of the ZᵀZ of C contexts; 1 where `terms` is zero for want of rank
    n        (C, 1) the number of labelled tokens of each context
    context  (M,) the context of each answer
    terms    (M, r)
    """

    mu: Array
    n: Array
    context: Whole
    terms: Array

    def summed(self, filtered: Array) -> Array:
        """(M,) the answers, where `filtered` is g for each context."""
        if len(filtered) == 1:
            over_one: Array = self.terms @ filtered[0]
            return over_one
        answers: Array = np.einsum("ij,ij->i", self.terms, filtered[self.context])
        return answers


class Moment(NamedTuple):
    """Answers of one step with a matrix that has the eigenvectors of the second moment: Σ_r terms[:, r] g(values[r]).

    values  (m,) eigenvalues of the second moment
    terms   (M, m)
    """

    values: Array
    terms: Array


@dataclass(frozen=True)
class Labels:
    """The labels of P prompts in the SVD of Z.

    mu      (P, m) eigenvalues of ZᵀZ, zero for want of rank
    energy  (P, m) squares of the labels along each singular vector
    rest    (P,) squares of the labels outside the range of Z
    n       (P,) how many labels there are
    place   (M,) the row of each answer
    """

    mu: Array
    energy: Array
    rest: Array
    n: Array
    place: Whole

    def misfit(self, penalty: Array) -> Array:
        """(…, P) the minimum of ‖y − Zβ‖² + κ‖β‖² over β for penalties κ, (…, P)."""
        held = np.where(self.mu > 0, self.mu, 1.0)
        found: Array = self.rest + (self.energy * penalty[..., None] / (held + penalty[..., None])).sum(
            axis=-1
        )
        return found

    @cached_property
    def edge(self) -> Array:
        """(P,) the penalty, at most 0, at which the misfit is zero."""
        return halved(-self.mu.min(axis=1), np.zeros(len(self.mu)), HALVINGS, self.misfit)


def halved(low: Array, high: Array, times: int, rising: Callable[[Array], Array]) -> Array:
    """(P,) where P rising functions are zero, by halves; the upper end where the function is negative there."""
    for _ in range(times):
        middle = (low + high) / 2
        above = rising(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return high


def _kept(s: Array) -> NDArray[np.bool_]:
    """Which singular values count as not zero."""
    kept: NDArray[np.bool_] = s**2 > RANK * (s**2).max(axis=1, keepdims=True)
    return kept


class Prompts:
    """Blocks of prompts, with every answer in one vector of M entries: by block, context, prompt and query.

    normaliser  by what the model is said to divide sums over labelled tokens: "1", "N" or "N+1"
    """

    def __init__(self, blocks: Sequence[Block], normaliser: str = "1") -> None:
        self.blocks, self.normaliser = tuple(blocks), normaliser

    @cached_property
    def M(self) -> int:
        return sum(int(np.prod(block.shape)) for block in self.blocks)

    @property
    def m(self) -> int:
        return int(self.blocks[0].Z.shape[2])

    @cached_property
    def n(self) -> Array:
        """(M, 1) the number of labelled tokens of each answer."""
        lengths = [np.full(int(np.prod(block.shape)), float(block.Z.shape[1])) for block in self.blocks]
        return np.concatenate(lengths)[:, None]

    @cached_property
    def cluster(self) -> Whole:
        """(M,) the prompt of each answer: those of one prompt may share noise."""
        found = []
        for block in self.blocks:
            B, S, q = block.shape
            found.append(np.repeat(np.arange(B * S), q))
        return np.concatenate(found)

    @property
    def normalisers(self) -> tuple[str, ...]:
        """Those that lead to different families of maps: with one length of prompts, all are the same up to a parameter."""
        if np.ptp(self.n) == 0:
            return (self.normaliser,)
        return tuple(NORMALISERS)

    def divisor(self, normaliser: str) -> Array:
        """(M, 1) what sums over labelled tokens are divided by."""
        return NORMALISERS[normaliser](self.n)

    @cached_property
    def factors(self) -> list[tuple[Array, Array, Array]]:
        """U, s and Vᵀ of the Z of each block."""
        found = [np.linalg.svd(block.Z, full_matrices=False) for block in self.blocks]
        return [(U, s, Vt) for U, s, Vt in found]

    @cached_property
    def spectrum(self) -> Spectrum:
        """The answers in the SVD of each Z."""
        mus, lengths, contexts, terms, seen = [], [], [], [], 0
        for block, (U, s, Vt) in zip(self.blocks, self.factors, strict=True):
            B, S, q = block.shape
            kept = _kept(s)
            queries = np.einsum("bqm,brm->bqr", block.Q, Vt)
            labels = np.einsum("bsn,bnr->bsr", block.Y, U) * np.where(kept, s, 0.0)[:, None, :]
            term = (labels[:, :, None, :] * queries[:, None, :, :]).reshape(B * S * q, -1)
            width = ((0, 0), (0, self.m - s.shape[1]))
            mus.append(np.pad(np.where(kept, s**2, 1.0), width, constant_values=1.0))
            lengths.append(np.full((B, 1), float(block.Z.shape[1])))
            terms.append(np.pad(term, width))
            contexts.append(seen + np.repeat(np.arange(B), S * q))
            seen += B
        return Spectrum(*map(np.concatenate, (mus, lengths, contexts, terms)))

    @cached_property
    def labels(self) -> Labels:
        """The labels of each prompt in the SVD of its Z."""
        mus, energies, rests, lengths, places, seen = [], [], [], [], [], 0
        for block, (U, s, _) in zip(self.blocks, self.factors, strict=True):
            B, S, q = block.shape
            kept, width = _kept(s), ((0, 0), (0, self.m - s.shape[1]))
            energy = np.where(kept[:, None], np.einsum("bsn,bnr->bsr", block.Y, U) ** 2, 0.0).reshape(
                B * S, -1
            )
            rest = (block.Y**2).sum(axis=2).ravel() - energy.sum(axis=1)
            mus.append(np.repeat(np.pad(np.where(kept, s**2, 0.0), width), S, axis=0))
            energies.append(np.pad(energy, width))
            rests.append(np.where(kept.sum(axis=1).repeat(S) < block.Z.shape[1], np.maximum(rest, 0.0), 0.0))
            lengths.append(np.full(B * S, float(block.Z.shape[1])))
            places.append(seen + np.repeat(np.arange(B * S), q))
            seen += B * S
        return Labels(*map(np.concatenate, (mus, energies, rests, lengths, places)))

    @cached_property
    def eigenvalues(self) -> Array:
        """All nonzero eigenvalues of the ZᵀZ that were asked about, ascending."""
        mu, _, context, terms = self.spectrum
        used = np.zeros(mu.shape, dtype=bool)
        np.logical_or.at(used, context, terms != 0)
        return np.unique(mu[used]) if used.any() else np.ones(1)

    @cached_property
    def typical(self) -> float:
        """The root mean square of the entries of Z."""
        squares = np.concatenate([block.Z.ravel() for block in self.blocks]) ** 2
        return float(np.sqrt(squares.mean())) or 1.0

    @cached_property
    def typical_task(self) -> float:
        """The root mean square that the coefficients of a task have if labels are without noise."""
        squares = np.concatenate([block.Y.ravel() for block in self.blocks]) ** 2
        return float(np.sqrt(squares.mean() / self.m)) / self.typical or 1.0

    @cached_property
    def moment(self) -> Moment:
        """The second moment of the queries, and the answers in its eigenvectors."""
        queries = np.concatenate([block.Q.reshape(-1, self.m) for block in self.blocks])
        values, vectors = np.linalg.eigh(queries.T @ queries / len(queries))
        sums = [np.einsum("bsn,bnm->bsm", block.Y, block.Z) @ vectors for block in self.blocks]
        turned = [block.Q @ vectors for block in self.blocks]
        terms = [
            np.einsum("bsr,bqr->bsqr", total, query).reshape(-1, self.m)
            for total, query in zip(sums, turned, strict=True)
        ]
        return Moment(values, np.concatenate(terms))

    @cached_property
    def _labels_of_queries(self) -> list[tuple[NDArray[np.bool_], Array]]:
        """Of each block, which queries are the labelled token at the same place, (B, S, q), and the label, 0 for other queries."""
        found = []
        for block in self.blocks:
            B, S, q = block.shape
            both = min(q, block.Z.shape[1])
            same = np.zeros((B, S, q), dtype=bool)
            same[:, :, :both] = (block.Q[:, :both] == block.Z[:, :both]).all(axis=2)[:, None]
            label = np.zeros((B, S, q))
            label[:, :, :both] = block.Y[:, :, :both]
            found.append((same.ravel(), np.where(same, label, 0.0).ravel()))
        return found

    @cached_property
    def own(self) -> NDArray[np.bool_]:
        """(M,) whether the query is the labelled token at the same place."""
        return np.concatenate([own for own, _ in self._labels_of_queries])

    @cached_property
    def returned(self) -> Array:
        """(M,) the label of a query that is labelled, 0 for another."""
        return np.concatenate([label for _, label in self._labels_of_queries])

    @cached_property
    def squares(self) -> list[Array]:
        """Squared distances of queries from labelled tokens, (B, q, n) for each block."""
        return [
            ((block.Q**2).sum(axis=2)[:, :, None] + (block.Z**2).sum(axis=2)[:, None, :])
            - 2 * np.einsum("bqm,bnm->bqn", block.Q, block.Z)
            for block in self.blocks
        ]

    @cached_property
    def products(self) -> list[Array]:
        """Inner products of queries with labelled tokens, (B, q, n) for each block."""
        return [np.einsum("bqm,bnm->bqn", block.Q, block.Z) for block in self.blocks]

    def weighted(self, weights: Sequence[Array]) -> Array:
        """(M,) answers that weigh labels, the weights being (B, q, n) for each block."""
        return np.concatenate(
            [
                np.einsum("bqn,bsn->bsq", weight, block.Y).ravel()
                for block, weight in zip(self.blocks, weights, strict=True)
            ]
        )

    def mapped(self, coefficients: Sequence[Array]) -> Array:
        """(M,) answers that are linear in the query, the coefficients being (B, S, m) for each block."""
        return np.concatenate(
            [
                np.einsum("bsm,bqm->bsq", beta, block.Q).ravel()
                for block, beta in zip(self.blocks, coefficients, strict=True)
            ]
        )

    def thinned(self, most: int) -> tuple[Prompts, Whole]:
        """About `most` of the answers as prompts of their own, whole prompts each, and where they are in the vector."""
        lengths = [int(np.prod(block.shape)) for block in self.blocks]
        starts = np.cumsum([0, *lengths])
        few = np.unique(np.linspace(0, len(lengths) - 1, LENGTHS).astype(int))
        step = max(1, sum(lengths[index] for index in few) // most)
        blocks, rows = [], []
        for index in few:
            block, start = self.blocks[index], starts[index]
            B, S, _ = block.shape
            places = np.arange(start, start + lengths[index]).reshape(block.shape)
            by_prompt = S > 1
            chosen = slice(None, None, min(step, max(S if by_prompt else B, 1)))
            blocks.append(
                Block(block.Z, block.Y[:, chosen], block.Q)
                if by_prompt
                else Block(block.Z[chosen], block.Y[chosen], block.Q[chosen])
            )
            rows.append((places[:, chosen] if by_prompt else places[chosen]).ravel())
        return Prompts(blocks, self.normaliser), np.concatenate(rows)
