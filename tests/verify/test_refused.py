"""False statements that were tried on the checks: none of them may say `holds`, and each says in one clear line why not."""

from __future__ import annotations

import pytest
import sympy as sp
from paper_points import unsaid
from refusals import (
    Certify,
    Decide,
    Domain,
    ProveBound,
    Refused,
    Search,
    alone,
    axiom,
    doubled,
    hypothesis,
    let,
    spelled,
)
from small_runs import small

from symbolic.bound import Fact
from symbolic.proof import Proof
from verify.statement import Inequality
from verify.theories.shipped import theory
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.setting import identity

N, K, m, d, H, tau, gamma = let.N, let.K, let.m, let.d, let.H, let.tau, let.gamma
j, k, h, i, a, p = sp.symbols("j k h i a p", integer=True)
xi, x, s, xs, Z, alpha = (let.TABLE[name].base for name in ("xi", "xik", "s", "xs", "Z", "alpha"))
nZ, gap, start = (let.scalar_symbol(name) for name in ("nZ", "gap", "Delta0"))
PROVE, CERTIFY, SEARCH = ProveBound(), Certify(), Search()

PREMISE = "Not proved: the proof takes what is no premise of the theory: "
FAILS = "Counterexample: "
A2 = "A2: (C_kC_kᵀ)(C_kC_kᵀ)⁻¹ = I"


def over(dim: str, body: sp.Expr, *symbols: sp.Symbol) -> sp.Expr:
    return sp.Sum(body, *((symbol, 1, let.SIZE[dim]) for symbol in symbols))


def taken(statement: str, lhs: object, rhs: object, way: str = "by a hypothesis", **rest: object) -> Refused:
    """lhs ≤ rhs, supposed under a good name, so that twice of it would be proved."""
    premise = {
        "by a hypothesis": hypothesis,
        "by an axiom": axiom,
    }[way]
    return Refused(
        statement,
        way,
        PROVE,
        doubled(lhs, rhs, premise("as is well known"), **rest),
        PREMISE + "as is well known.",
    )


def looked_at(statement: str, lhs: object, rhs: object, says: str, **rest: object) -> tuple[Refused, Refused]:
    """lhs ≤ rhs with no proof, for the two checks that look at points."""
    return (
        Refused(statement, "at exact points", CERTIFY, alone(lhs, rhs, **rest), FAILS + says),
        Refused(statement, "by a search that finds nothing", SEARCH, alone(lhs, rhs, **rest), FAILS + says),
    )


def both(statement: str, lhs: object, rhs: object, says: str, **rest: object) -> tuple[Refused, ...]:
    """The same in all three ways."""
    return taken(statement, lhs, rhs, **rest), *looked_at(statement, lhs, rhs, says, **rest)


# Statements in sizes alone, which look true as long as sizes are small.
IN_SIZES = (
    *both("N² ≤ 16", N**2, 16, "at N = 5 the left side is 25 and the right side 16."),
    *both("K ≤ 1000", K, 1000, "at K = 1001 the"),
    *both("H ≤ 5", H, 5, "at H = 6 the"),
    *both("md ≤ 20", m * d, 20, "at m = "),
    taken("N² ≤ 16", N**2, 16, "by an axiom"),
    taken("K ≤ 1000", K, 1000, "by an axiom"),
    Refused(
        "N² = 16", "by an axiom", Decide(), lambda: identity(2 * N**2, sp.Integer(32), proof=spelled("prompts of four", N**2, 16, 2)),
        PREMISE + "prompts of four.",
    ),
    Refused(
        "N(N − 1)(N − 2)(N − 3) = 0", "at points of sizes up to 3", Decide(),
        lambda: identity(N * (N - 1) * (N - 2) * (N - 3), sp.Integer(0)), FAILS + "at N = 4",
    ),
    Refused(
        "(H − 1)(H − 2)(H − 3) Σξ² = 0", "at points of sizes up to 3", Decide(),
        lambda: identity((H - 1) * (H - 2) * (H - 3) * over("N", xi[j] ** 2, j), sp.Integer(0)), FAILS + "at N = 4",
    ),
    *both("K ≤ 10⁶", K, 10**6, "at K = 1000001 the"),
    *both("NKH ≤ 10⁹", N * K * H, 10**9, "at N = "),
    *both("√K ≤ 1000", sp.sqrt(K), 1000, "at K = 1000001 the"),
    *both("N(K − N) ≤ 10⁴", N * (K - N), 10**4, "at N = "),
    *both("m ≤ d + 100", m, d + 100, "at m = 102, d = 1 the"),
    *both("1 ≤ (N − 3)²", 1, (N - 3) ** 2, "at N = 3 the"),
    *both("1/50 ≤ 1/N", sp.Rational(1, 50), 1 / N, "at N = 51 the"),
    *both("N + 1 ≤ K, false where no token is unlabelled", N + 1, K, "at N = 1, K = 1 the"),
    *both("2 ≤ H", 2, H, "at H = 1 the"),
)  # fmt: skip

# Bounds of free scalars, which look true as long as the scalars drawn keep to them.
OF_SCALARS = (
    *both("τ ≤ 10⁹", tau, 10**9, "the left side is 2000000000 and the right side 1000000000."),
    *both("10⁻⁹ ≤ γ", sp.Rational(1, 10**9), gamma, "the left"),
    *both("ℓ − 𝓛* ≤ 10¹⁵", gap, 10**15, "the left side is 2000000000000000 and"),
    *both("τ ≤ 10⁹ γ", tau, 10**9 * gamma, "the left"),
    *both("Δ^(0) ≤ N + 10¹²", start, N + 10**12, "at N = 1 the left"),
    taken("1 ≤ 0, where no point is: gap ≤ −τ", 1 + 2 * gap, gap, domain=Domain(given={"gap": ("<=", -tau)})),
)  # fmt: skip

# Statements about letters that are true up to some size.
SUM, SQUARES = over("N", xi[j], j) ** 2, over("N", xi[j] ** 2, j)
TOKENS, TOKEN_SQUARES = over("K", x[k], k) ** 2, over("K", x[k] ** 2, k)
VECTORS, NORMS = over("d", over("N", xs[i, p], i) ** 2, p), over("d", over("N", xs[i, p] ** 2, i), p)
FLAT = over("N", s[h, j, k] ** 2, j)
OF_LETTERS = (
    *both("(Σξ)² ≤ 4Σξ²", SUM, 4 * SQUARES, "at N = 5 the"),
    *both("1/4 ≤ Σ_j s_j²", sp.Rational(1, 4), FLAT, "at N = 5, K = 5, d = ", dims={"h": "H", "k": "K"}),
    *both("Lemma 3 with 4 for l", VECTORS, 4 * NORMS, "at N = 5, d = 1 the", squared=True),
    *both("(Σx)² ≤ 10Σx² over the tokens", TOKENS, 10 * TOKEN_SQUARES, "at K = 11 the"),
    taken("Lemma 3 with 500 for l", VECTORS, 500 * NORMS, squared=True),
    taken("KΣξ² ≤ 500Σξ²", K * SQUARES, 500 * SQUARES),
    taken("‖Z‖_F² ≤ 4‖Z‖₂²", over("m", over("N", Z[a, j] ** 2, j), a), 4 * nZ**2),
    taken("1/20 ≤ Σ_j s_j²", sp.Rational(1, 20), FLAT, dims={"h": "H", "k": "K"}),
    taken("Σξ² ≤ 10²⁰", SQUARES, 10**20),
    taken("10⁻²⁰ξ_j² ≤ Σξ⁴", xi[j] ** 2 / 10**20, over("N", xi[i] ** 4, i), dims={"j": "N"}),
    taken("Σα_h² ≤ 8 max α²", over("H", alpha[h, k] ** 2, h), 8 * let.scalar_symbol("abar") ** 2, dims={"k": "K"}),
    Refused(
        "Lemma 3 with 500 for l", "at exact points", CERTIFY, alone(VECTORS, 500 * NORMS, squared=True), FAILS + "at N = 501, d = 1 the"
    ),
    Refused("KΣξ² ≤ 500Σξ²", "at exact points", CERTIFY, alone(K * SQUARES, 500 * SQUARES), FAILS + "at N = "),
)  # fmt: skip


def named(statement: str, id: str, form: str, name: str, part: int = 1) -> Refused:
    """A statement of the paper that is false as printed, or true and made `part` times as sharp, from twice itself as a premise of the
    theory by its name."""
    (one, *_) = next(claim for claim in theory().claims if claim.key == (id, form)).inequalities()
    lhs, rhs = one.lhs, one.rhs / part
    formal = doubled(lhs, rhs, hypothesis(name), dims=one.dims, domain=one.domain)
    return Refused(statement, f"by a hypothesis named {name}", PROVE, formal, PREMISE + f"{name}.")


# The names of premises that the theory has, with other contents.
OF_GOOD_NAMES = (
    named("Lemma 10 as printed", "lemma-10", "printed", "‖A‖₂ is a spectral norm"),
    named("(59) as printed", "eq-59", "printed", "max ≥ 1"),
    named("(59) jointly as printed", "eq-59-joint", "printed", "max ≥ 4Kα²"),
    named("Lemma 7 with an eighth of its constant", "lemma-7", "printed", "|α_{h,k}| ≤ α", 64),
    named("Lemma 2 with half of its constant", "lemma-2", "printed", "‖Vᵀ(Q_h − Q′_h)v_k‖_∞ ≥ its entries", 4),
    named("(46) with a tenth of its constant", "eq-46", "printed", "|ξ_j| ≤ c", 100),
    named("(53) with a half of its right side", "eq-53", "printed", "‖A‖₂ is a spectral norm", 4),
    named("(43a) with a hundredth of α", "eq-43a", "printed", "(43a)", 100),
    named("(43c) from a tenth of Δ^(0)", "eq-43c", "printed", "(43c)", 10),
    named("Step 4 with the loss of two steps", "step-4", "printed", "(63)", 2),
    named("(47) with a millionth of its constant", "eq-47", "printed", "(43c)", 10**6),
    named("(70) with a half of its right side", "eq-70", "printed", "‖Â − A‖₂ is a spectral norm", 2),
    taken("1 ≤ 0", 1, 0), taken("1 ≤ 0", 1, 0, "by an axiom"),
    Refused("1 ≤ 0", "by a hypothesis named (15)", PROVE, doubled(1, 0, hypothesis("(15)")), PREMISE + "(15)."),
    Refused("1 ≤ 0", "by a hypothesis named w^(0) = 0", PROVE, doubled(1, 0, hypothesis("w^(0) = 0")), PREMISE + "w^(0) = 0."),
    Refused(
        "1 = 0", "by an axiom named A2", Decide(), lambda: identity(sp.Integer(2), sp.Integer(0), proof=spelled(A2, 1, 0, 2)),
        PREMISE + f"{A2}.",
    ),
    Refused(
        "1 = 0", "by an axiom named A0", Decide(), lambda: identity(sp.Integer(2), sp.Integer(0), proof=spelled("A0: ‖v_k‖ = 1", 1, 0, 2)),
        PREMISE + "A0: ‖v_k‖ = 1.",
    ),
)  # fmt: skip

ROWS = (*IN_SIZES, *OF_SCALARS, *OF_LETTERS, *OF_GOOD_NAMES)


@pytest.fixture(scope="module")
def laboratory() -> Laboratory:
    return Laboratory(small())


@pytest.mark.sampled(6)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_false_statement_is_refused(row: Refused, laboratory: Laboratory) -> None:
    (found,) = row.check(row.claim(), laboratory)
    assert found.verdict in ("undecided", "fails")
    assert found.strength is None
    assert "\n" not in found.statement
    assert row.says in found.statement


LOOKED_AT = [row for row in (*IN_SIZES, *OF_SCALARS, *OF_LETTERS) if row.says.startswith(PREMISE)]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", LOOKED_AT, ids=lambda row: row.id)
def test_no_registry_could_take_a_false_premise_unseen(row: Refused) -> None:
    """Evaluated at points, or settled for all sizes, the premise is found to be none, even if a theory listed it."""
    statement = row.formal()
    why = None if statement.proof is None else statement.proof()
    assert isinstance(why, Proof | Fact)
    domain = statement.domain if isinstance(statement, Inequality) else Domain()
    assert unsaid(why, domain, ()) == [row.says.removeprefix(PREMISE).removesuffix(".")]


def test_no_two_rows_have_one_name() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)
