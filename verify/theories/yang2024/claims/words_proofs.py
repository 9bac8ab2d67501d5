"""What the kernel replays for the statements in words: ridge as its penalty varies, the price of another predictor, one head,
the second moments of λ, prompts of any task. All for symbolic N, K, m, d, H."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from symbolic.bound import Certificate, Fact, Weight
from symbolic.evaluate import Point
from symbolic.indexed import Expr, Index, Tensor, delta, number, scalar
from symbolic.proof import Axiom, Proof, Use
from symbolic.written import Written, written
from verify.theories.yang2024.binding import RATIONALS, inverse, objects, rational
from verify.theories.yang2024.checks.clauses import Equality, exact_points
from verify.theories.yang2024.symbolic import letters as let
from verify.theories.yang2024.symbolic.dependence import HALF, MTAU, ridge_objective
from verify.theories.yang2024.symbolic.derivation import derive, system_axiom
from verify.theories.yang2024.symbolic.letters import index, tensor, unused
from verify.theories.yang2024.symbolic.reading import any_loss, reader
from verify.theories.yang2024.symbolic.shorthand import L, at_A, half_over_K, k_residual, k_target

a, b = index("a", "m"), index("b", "m")
i, j, l, n = index("i", "N"), index("j", "N"), index("l", "N"), index("n", "N")
k, c, t, prompt, unlabelled = (
    index("k", "K"),
    index("c", "K"),
    index("t", "K"),
    index("k", "N"),
    index("k", "U"),
)
TWO = number(2)


# W2. x0, x1, x2 are the ridge solutions of one prompt at the penalties p, p + g, p + g + h: (ZZᵀ + penalty)x = Zy.

p, g, h = scalar("p"), scalar("g"), scalar("h")
X0, X1, X2, STEP, IMAGE = (tensor(name, "m") for name in ("x0", "x1", "x2", "step", "Zy"))


def _applied(vector: Tensor, penalty: Expr) -> Expr:
    """((ZZᵀ + penalty I) vector)_a."""
    other, position = unused("m"), unused("N")
    gram = (let.Z[a, position] * let.Z[other, position] * vector[other]).sum(other, position)
    return gram + penalty * vector[a]


NORMAL = tuple(
    Axiom(f"normal equation of {x.name}", _applied(x, penalty), IMAGE[a], (a,))
    for x, penalty in ((X0, p), (X1, p + g), (X2, p + g + h))
)
LEFT, RIGHT = X0[a] - X1[a], X1[a] - X2[a]
DEFINED_STEP = Axiom("(ZZᵀ + pI)step = x1 − x2", _applied(STEP, p), RIGHT, (a,))


def _image(vector: Expr) -> Expr:
    """(Zᵀ vector)_i."""
    return (let.Z[a, i] * vector).sum(a)


@cache
def shrinks() -> Fact:
    """g(‖x0‖² − ‖x1‖²) = 2‖Zᵀ(x0 − x1)‖² + (2p + g)‖x0 − x1‖² ≥ 0."""
    uses = (Use(NORMAL[1], TWO * LEFT, (a,), (a,)), Use(NORMAL[0], -TWO * LEFT, (a,), (a,)))
    weights = (Weight(TWO, _image(LEFT), bind=(i,)), Weight(TWO * p + g, LEFT, bind=(a,)))
    positive = g * ((X0[a] ** 2).sum(a) - (X1[a] ** 2).sum(a))
    return Fact("g(‖x0‖² − ‖x1‖²)", positive, (), Certificate(weights, uses))


@cache
def same_way() -> Fact:
    """h⟨x0 − x1, x1 − x2⟩ = g(‖x1 − x2‖² + (g + h)(‖Zᵀstep‖² + p‖step‖²)) ≥ 0 with (ZZᵀ + pI)step = x1 − x2."""
    uses = (
        Use(DEFINED_STEP, -1 * h * LEFT, (a,), (a,)),
        Use(NORMAL[0], h * STEP[a], (a,), (a,)),
        Use(NORMAL[1], -1 * (g + h) * STEP[a], (a,), (a,)),
        Use(NORMAL[2], g * STEP[a], (a,), (a,)),
        Use(DEFINED_STEP, g * RIGHT - g * (g + h) * STEP[a], (a,), (a,)),
    )
    weights = (
        Weight(g, RIGHT, bind=(a,)),
        Weight(g * (g + h), _image(STEP[a]), bind=(i,)),
        Weight(g * (g + h) * p, STEP[a], bind=(a,)),
    )
    return Fact("h⟨x0 − x1, x1 − x2⟩", h * (LEFT * RIGHT).sum(a), (), Certificate(weights, uses))


@cache
def further_apart() -> tuple[Fact, Fact]:
    """‖x0 − x2‖² is at least ‖x1 − x2‖² and at least ‖x0 − x1‖², times h."""
    whole = ((X0[a] - X2[a]) ** 2).sum(a)
    found = []
    for name, part, rest in (("‖x1 − x2‖²", RIGHT, LEFT), ("‖x0 − x1‖²", LEFT, RIGHT)):
        positive = h * (whole - (part**2).sum(a))
        weights = (Weight(TWO, fact=same_way()), Weight(h, rest, bind=(a,)))
        found.append(Fact(f"h(‖x0 − x2‖² − {name})", positive, (), Certificate(weights)))
    return found[0], found[1]


def ridge_points() -> Iterator[Point]:
    """Exact prompts with their solutions at three penalties, close together and far apart."""
    features = objects([[1, 2], [Fraction(1, 2), -1]])
    for first, gap, more in (
        (1, 1, 1),
        (4, Fraction(1, 8), Fraction(1, 8)),
        (Fraction(1, 8), 2, Fraction(1, 2)),
    ):
        for labels in ([1, 1], [2, -1]):
            gram, image = features @ features.T, features @ objects(labels)
            eye = objects([[1, 0], [0, 1]])
            penalties = [rational(x) for x in (first, first + gap, first + gap + more)]
            x0, x1, x2 = (inverse(gram + c * eye) @ image for c in penalties)
            arrays = {"Z": features, "x0": x0, "x1": x1, "x2": x2, "Zy": image}
            arrays |= {"step": inverse(gram + penalties[0] * eye) @ (x1 - x2)}
            sizes = {"N": 2, "K": 2, "m": 2}
            yield Point(
                RATIONALS, arrays, {**sizes, "p": penalties[0], "g": rational(gap), "h": rational(more)}
            )


def as_if_noisier() -> Equality:
    """(20) is (25) at the noise level (m/N)τ."""
    level = scalar("m") * scalar("N", -1) * scalar("tau")
    residual = let.Y[i] - (let.LAM[a] * let.Z[a, i]).sum(a)
    at_level = HALF * scalar("N", -1) * (residual**2).sum(i) + HALF * level * (let.LAM[a] ** 2).sum(a)
    return Equality("the objective of (20) = the objective of (25) at (m/N)τ", ridge_objective(), at_level)


# W2, W6. The loss of any weights Â on the labels, above that of A.


@cache
def _above() -> Written:
    """𝓛(Â) − 𝓛(A)."""
    side = L - at_A(L)
    return written(reader({}), side, reader({}).read(side))


def _completed(cofactor: Expr) -> Use:
    """The cross term of the square: 2 (Â − A)ᵀ(MA − R)/2K vanishes by M⁻¹M = I."""
    return Use(
        system_axiom(), cofactor * TWO * half_over_K * k_residual(j, k) * k_target(i, k), (i, j), (i, j, k)
    )


@cache
def price() -> tuple[Equality, Fact]:
    """𝓛(Â) − 𝓛(A) = (1/2K) Σ_k (Â − A)_kᵀ(ZᵀZ + mτI)(Â − A)_k, and that is not negative."""
    above = _above().value
    system = derive().system.at({index("j", "N"): j, index("n", "N"): n})
    square = half_over_K * (k_residual(j, k) * system * k_residual(n, k)).sum(j, n, k)
    image = (let.Z[a, j] * k_residual(j, k)).sum(j)
    weights = (
        Weight(half_over_K, image, bind=(a, k)),
        Weight(half_over_K * MTAU, k_residual(j, k), bind=(j, k)),
    )
    return (
        Equality("𝓛(Â) − 𝓛(A) = (1/2K) ‖Z̄(Â − A)‖_F²", _above(), square, Proof((_completed(number(1)),))),
        Fact("𝓛(Â) − 𝓛(A)", above, (), Certificate(weights, (_completed(number(1)),))),
    )


def above_in_entries() -> Equality:
    """𝓛(Â) − 𝓛(A) is what `any_prompt` has for it."""
    return Equality("𝓛(Â) − 𝓛(A) in the entries of Â and A", _above(), _above().value)


@cache
def any_prompt() -> Fact:
    """2K ‖y‖² (𝓛(Â) − 𝓛(A)) ≥ mτ Σ_{k>N} (ŷ_k − ⟨y, A_k⟩)² for every vector y of labels."""
    squared = (let.Y[l] ** 2).sum(l)
    errors = (let.Y[j] * k_residual(j, unlabelled)).sum(j) ** 2
    positive = TWO * scalar("K") * squared * _above().value - MTAU * errors.sum(unlabelled)
    image = (let.Z[a, j] * k_residual(j, k)).sum(j)
    crossed = let.Y[i] * k_residual(j, unlabelled) - let.Y[j] * k_residual(i, unlabelled)
    weights = (
        Weight(root=let.Y[l] * image, bind=(l, a, k)),
        Weight(MTAU, let.Y[l] * k_residual(j, prompt), bind=(l, j, prompt)),
        Weight(MTAU * Fraction(1, 2), crossed, bind=(i, j, unlabelled)),
    )
    certificate = Certificate(weights, (_completed(TWO * scalar("K") * squared),))
    return Fact("2K‖y‖²(𝓛(Â) − 𝓛(A)) − mτ Σ_{k>N} (ŷ_k − ⟨y, A_k⟩)²", positive, (), certificate)


def tight_points() -> Iterator[Point]:
    """Z = 0 and Â off A at the unlabelled token alone, where `any_prompt` is attained; and the points of `binding`."""
    sizes = {"N": 1, "K": 2, "m": 1, "tau": rational(Fraction(1, 2))}
    arrays = {"Z": objects([[0, 1]]), "Ahat": objects([[1, 3]]), "y": objects([2, 1]), "Minv": objects([[2]])}
    yield Point(RATIONALS, arrays, sizes)
    yield from exact_points()


# W3. x = p − n with p, n ≥ 0 and p_j n_j = 0; u ≥ 0 is |w| times a softmax.

PLUS, MINUS, HEAD = (tensor(name, "N", nonneg=True) for name in ("plus", "minus", "head"))
LETTERS = (X0, X1, X2, STEP, IMAGE, PLUS, MINUS, HEAD)
APART = Axiom("x₊ and x₋ do not overlap", PLUS[j] * MINUS[j], number(0), (j,))


@cache
def one_sign() -> tuple[Fact, Fact]:
    """‖x − u‖² ≥ ‖x₋‖² and ‖x + u‖² ≥ ‖x₊‖² for every u ≥ 0."""
    found = []
    for name, near, far in (("‖x − u‖² − ‖x₋‖²", PLUS, MINUS), ("‖x + u‖² − ‖x₊‖²", MINUS, PLUS)):
        positive = ((near[j] - far[j] - HEAD[j]) ** 2).sum(j) - (far[j] ** 2).sum(j)
        weights = (Weight(root=near[j] - HEAD[j], bind=(j,)), Weight(TWO * far[j] * HEAD[j], bind=(j,)))
        found.append(Fact(name, positive, (), Certificate(weights, (Use(APART, -TWO, (j,), (j,)),))))
    return found[0], found[1]


def sign_points() -> Iterator[Point]:
    """x with one, two or no entries of a sign, and u at x₊, at x₋, at neither."""
    for plus, minus, head in (
        ([1, 0], [0, 2], [1, 0]),
        ([3, 0], [0, 1], [0, 1]),
        ([1, 2], [0, 0], [1, 1]),
        ([0, 0], [1, 1], [1, 1]),
    ):
        arrays = {
            name: objects(entries) for name, entries in (("plus", plus), ("minus", minus), ("head", head))
        }
        yield Point(RATIONALS, arrays, {"N": 2})


# W4. A3 and distinct prompt tokens.


@cache
def equal_tokens() -> Axiom:
    """Condition: two tokens of the prompt are equal."""
    row = index("p", "d")
    return Axiom("v_i = v_j", let.V[row, i], let.V[row, j], (row,), when="")


def equal_tokens_are_equal_in_every_row() -> Equality:
    """v_i = v_j gives V_{pi} = V_{pj} for every row p: no row separates them."""
    row = index("p", "d")
    return Equality(
        "v_i = v_j ⇒ x_i = x_j for every row x of V",
        let.V[row, i],
        let.V[row, j],
        Proof((Use(equal_tokens(), number(1), (row,)),)),
    )


# W7. Second moments Σ of λ, and nothing else of its law.


@cache
def second_moments() -> Equality:
    """(9) under any law of λ = (9) under A1 + (1/2K) Σ_k r_kᵀ(Ẑᵀ(Σ − I)Ẑ + τ(tr Σ − m)I)r_k, r_k = (Â_k; 0) − e_k."""

    def residual(token: Index) -> Expr:
        position = unused("N")
        return (delta(token, position) * let.AHAT[position, k]).sum(position) - delta(token, k)

    beyond = let.SLAM[a, b] - delta(a, b)
    trace = (let.SLAM[a, a]).sum(a) - scalar("m")
    moment = (let.Z[a, t] * beyond * let.Z[b, c]).sum(a, b) + scalar("tau") * trace * delta(t, c)
    right = derive().loss + half_over_K * (residual(t) * moment * residual(c)).sum(k, t, c)
    return Equality(
        "𝓛 for E[λλᵀ] = Σ against 𝓛 for E[λλᵀ] = I", written(reader({}, any_tasks=True), L, any_loss()), right
    )


def tasks_absent(expr: Expr) -> bool:
    """Whether neither λ nor a label or its noise stands in the expression."""
    return not expr.tensors() & {let.LAM, let.EPS, let.Y, let.SLAM}


def everything() -> tuple[Equality | Fact, ...]:
    """All of it, for whoever keeps proofs."""
    return (
        as_if_noisier(), *further_apart(), shrinks(), *price(), any_prompt(), *one_sign(), equal_tokens_are_equal_in_every_row(),
        second_moments(),
    )  # fmt: skip
