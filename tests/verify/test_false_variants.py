"""Every identity that is said to hold, changed in one place: it fails with an exact witness, or is provably the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from random import Random

import numpy as np
import pytest

from symbolic.indexed import Expr, Index, KernelError, delta, entry, number, total
from symbolic.proof import Axiom, Proof, Use, cases, prove
from symbolic.rewrite import rewrite
from verify.mutants.edits import edits
from verify.mutants.reprove import proof_by_axioms
from verify.prove.identity import decide
from verify.sides import read
from verify.statement import Claim, Identity
from verify.theories.shipped import theory
from verify.theories.yang2024.binding import ROOTED, small_points
from verify.theories.yang2024.claims.distance import gram_of_heads, right_inverse
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import MTAU
from verify.theories.yang2024.symbolic.derivation import derive, system_axiom
from verify.theories.yang2024.symbolic.letters import index

PER_IDENTITY = 12


def holding() -> list[tuple[str, Claim, Identity]]:
    """Each identity of a claim that holds, once."""
    found: dict[tuple[object, object], tuple[str, Claim, Identity]] = {}
    for claim in theory().claims:
        if claim.formal is not None and claim.accepted:
            for position, identity in enumerate(claim.identities()):
                name = f"{claim.id}-{claim.form}-{position}"
                found.setdefault((identity.lhs, identity.rhs), (name, claim, identity))
    return list(found.values())


IDENTITIES = holding()


def settled(expr: Expr) -> Expr:
    """Z̄Z̄ and M⁻¹ZᵀZ replaced by what they are, wherever they stand: a second road to equality, without cofactors."""
    parts = []
    for head, factors, bound in expr.opened():
        rule = _rule(factors, set(bound))
        if rule is None:
            rest = head
            for tensor, refs in factors:
                rest = rest * entry(tensor, refs)
            parts.append(rest.sum(*bound))
            continue
        used, gone, value = rule
        rest = head * value
        for position, (tensor, refs) in enumerate(factors):
            if position not in used:
                rest = rest * entry(tensor, refs)
        parts.append(settled(rest.sum(*(index for index in bound if index not in gone))))
    return total(parts)


def _rule(factors, bound):
    """Σ_i Z̄_{ji} Z̄_{il} = M_{jl} and Σ_{i,a} M⁻¹_{ji} Z_{ai} Z_{al} = δ_{jl} − mτ M⁻¹_{jl}: where one applies."""
    times = Counter(ref for _, refs in factors for ref in refs)
    for one, (tensor, refs) in enumerate(factors):
        if tensor not in (let.ZBAR, let.MINV):
            continue
        for near, far in (refs, refs[::-1]):
            if near == far or far not in bound or times[far] != 2:
                continue
            other = next(p for p, (_, r) in enumerate(factors) if p != one and far in r)
            other_tensor, other_refs = factors[other]
            if tensor == other_tensor == let.ZBAR:
                last = other_refs[0] if other_refs[1] == far else other_refs[1]
                a = index("a!", "m")
                return (
                    {one, other},
                    {far},
                    (let.Z[a, near] * let.Z[a, last]).sum(a) + MTAU * delta(near, last),
                )
            if (
                tensor == let.MINV
                and other_tensor == let.Z
                and (a := other_refs[0]) in bound
                and times[a] == 2
            ):
                third = next(p for p, (_, r) in enumerate(factors) if p != other and a in r)
                third_tensor, third_refs = factors[third]
                if third_tensor == let.Z and third_refs[1].dim.name == "N":
                    last = third_refs[1]
                    return {one, other, third}, {far, a}, delta(near, last) - MTAU * let.MINV[near, last]
    return None


def inverses() -> list[Axiom]:
    """ZZ† = I, and (C_kC_kᵀ)⁻¹ from either side: the inverse of a symmetric matrix is symmetric."""
    one = gram_of_heads()
    other = one.lhs.replace(let.CINV, lambda k, n, i: let.CINV[k, i, n])
    return [right_inverse(), one, replace(one, lhs=other)]


def rewritten(expr: Expr) -> Expr:
    for axiom in inverses():
        expr = rewrite(expr, axiom)[1]
    return expr


def same(identity: Identity) -> bool:
    sides = read(identity)
    return not any(settled(rewritten(case)) for case in cases(sides.lhs - sides.rhs))


def verdict(claim: Claim, identity: Identity):
    return decide(replace(claim, formal=lambda: (identity,), typing=None))


def typed(identity: Identity) -> Iterator[tuple[str, Identity]]:
    """Its wrong variants that can be read, one kind after the other in turn, in a fixed order of no design."""
    piles: dict[str, list[Identity]] = {}
    for edit in edits(identity):
        piles.setdefault(edit.operator, []).append(edit.statement)
    order = Random(0)
    for pile in piles.values():
        order.shuffle(pile)
    while any(piles.values()):
        for kind, pile in piles.items():
            while pile:
                mutant = pile.pop()
                try:
                    said = read(mutant)
                except KernelError:
                    continue
                if said != read(identity):
                    yield kind, mutant
                    break


def labelled_constants() -> tuple[Expr, Proof]:
    """Σ_{k≤N} c_k of (78), and why it is 0: at a labelled token Zᵀz_k + mτe_k is the column M e_k."""
    j, i, k = index("j", "N"), index("i", "N"), index("k", "N")
    M = derive().system

    def at(row: Index, column: Index) -> Expr:
        return M.at({index("j", "N"): row, index("n", "N"): column})

    diagonal = ((let.Z[index("a", "m"), k] ** 2).sum(index("a", "m")) + MTAU).sum(k)
    constant = diagonal - (at(j, k) * let.MINV[j, i] * at(i, k)).sum(j, i, k)
    return constant, Proof((Use(system_axiom(), -1 * at(j, k), (j, k), (j, k)),))


def differs_by_nothing(identity: Identity, mutant: Identity) -> bool:
    """Whether the right sides differ by a multiple of Σ_{k≤N} c_k, which is 0."""
    nothing, _ = labelled_constants()
    one, other = read(identity), read(mutant)
    difference = (one.lhs - other.lhs) - (one.rhs - other.rhs)
    single, e = max(nothing.terms.items(), key=lambda term: len(term[0].factors))
    inverse = tuple((name, -power) for name, power in single.scalars)
    head = total(
        Expr.of(c / e, monomial.scalars + inverse, (), ())
        for monomial, c in difference.terms.items()
        if (monomial.factors, monomial.dims) == (single.factors, single.dims)
    )
    return difference == head * nothing


def test_the_constants_of_labelled_tokens_are_zero() -> None:
    nothing, why = labelled_constants()
    assert nothing
    assert prove(nothing, number(0), why)
    assert not prove(nothing + MTAU, number(0), why)


@pytest.mark.sampled(12)
@pytest.mark.parametrize(("name", "claim", "identity"), IDENTITIES, ids=[name for name, _, _ in IDENTITIES])
def test_wrong_variants_fail_with_an_exact_witness(name: str, claim: Claim, identity: Identity) -> None:
    chosen = list(islice(typed(identity), PER_IDENTITY))
    found: Counter[str] = Counter()
    for kind, mutant in chosen:
        evidence = verdict(claim, mutant)
        if evidence.verdict == "fails":
            assert evidence.witness is not None
            assert evidence.known == "exact witness"
            assert evidence.witness.lhs != evidence.witness.rhs
            assert "." not in f"{evidence.witness.lhs}{evidence.witness.rhs}", "a float in an exact witness"
            assert max(evidence.witness.sizes.values()) <= 3
        else:  # it holds because it says the same, whether the proof at hand shows it or not
            equal = same(mutant) or differs_by_nothing(identity, mutant) or proof_by_axioms(mutant)
            assert equal, (kind, mutant.lhs, mutant.rhs, evidence.verdict)
        found[evidence.verdict] += 1
    assert found["fails"] >= 5, (name, found)


def test_what_holds_is_the_same_by_the_second_road_too() -> None:
    """Where the proof uses M⁻¹M = I or Z̄Z̄ = M alone, `settled` finds it without the cofactors."""
    settled_too = [name for name, _, identity in IDENTITIES if same(identity)]
    assert {"eq-9-printed-0", "lemma-1-printed-0", "lemma-5-repaired-0", "eq-56-repaired-0"} <= set(
        settled_too
    )


@pytest.mark.parametrize("number_of", [2, 3])
def test_the_second_road_refuses_what_differs(number_of: int) -> None:
    j, n, i = index("j", "N"), index("n", "N"), index("i", "N")
    square = (let.ZBAR[j, i] * let.ZBAR[i, n]).sum(i)
    assert not settled(
        square
        - (let.Z[index("a", "m"), j] * let.Z[index("a", "m"), n]).sum(index("a", "m"))
        - MTAU * delta(j, n)
    )
    assert settled(square - number(Fraction(number_of)) * square)


# The points that refute keep what they promise.

POINTS = list(small_points())


def test_points_are_small_and_many() -> None:
    assert len(POINTS) >= 24
    assert max(size for point in POINTS[:-2] for size in point.sizes.values()) == 3
    assert [max(point.sizes.values()) for point in POINTS[-2:]] == [7, 8], "what is true up to 3 fails here"
    shapes = [tuple(point.sizes.values()) for point in POINTS]
    assert shapes[0] == (1, 1, 1, 1, 1)
    assert any(m > N for N, K, m, d, H in shapes)
    assert any(m < N for N, K, m, d, H in shapes)


@pytest.mark.parametrize("small", POINTS, ids=lambda small: "-".join(map(str, small.sizes.values())))
def test_points_keep_their_promises(small) -> None:
    arrays, scalars, sizes = small.point.arrays, small.point.scalars, small.sizes
    N, m = sizes["N"], sizes["m"]
    Z = arrays["Z"][:, :N]
    shift = m * scalars["tau"]
    M = Z.T @ Z + np.diag(np.array([shift] * N, dtype=object))
    G = Z @ Z.T + np.diag(np.array([shift] * m, dtype=object))
    assert all(sum(x * x for x in column) == 1 for column in arrays["V"].T), "tokens of unit norm"
    assert all(x > 0 for x in arrays["s"].flat)
    assert all(x == 1 for x in arrays["s"].sum(axis=1).flat), "softmax columns sum to one"
    assert (arrays["s"] == arrays["e"] * arrays["r"][:, None, :]).all()
    assert (arrays["w"] == arrays["alpha"] * scalars["gamma"]).all()
    assert (arrays["Ahat"] == np.einsum("hk,hjk->jk", arrays["w"], arrays["s"])).all()
    assert (arrays["Minv"] @ M == np.eye(N, dtype=int)).all()
    assert (G @ arrays["Ginv"] == np.eye(m, dtype=int)).all()
    if "Zbar" in arrays:
        assert (arrays["Zbar"] @ arrays["Zbar"] == M).all()
        assert (arrays["Zbar"] == arrays["Zbar"].T).all()
    assert ("Zsq" in arrays) == (m == N)


def test_some_points_have_a_full_root_and_no_special_level() -> None:
    full = [
        p for p in POINTS if "Zbar" in p.point.arrays and all(x != 0 for x in p.point.arrays["Zbar"].flat)
    ]
    assert {p.sizes["N"] for p in full} == {1, 2, 3}
    assert any(p.sizes["m"] * p.point.scalars["tau"] != 1 for p in full if p.sizes["N"] > 1)
    assert all((c * c + 1).numerator ** 0.5 % 1 == 0 for c in ROOTED)
