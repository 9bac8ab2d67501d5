"""The claims in words, W1–W7: the reading of each, clause by clause. What decides a clause: `words_tradeoffs`, `words_findings`,
`words_proofs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from verify.statement import Claim
from verify.theories.yang2024 import needs
from verify.theories.yang2024.checks.clauses import Clause, Clauses, Sampled, proved
from verify.theories.yang2024.checks.dictionary import DistinctHere, ranks_of_draws
from verify.theories.yang2024.checks.penalty import BestHere
from verify.theories.yang2024.checks.rank import RankHere
from verify.theories.yang2024.checks.signs import SignsHere
from verify.theories.yang2024.checks.speed import SpeedHere
from verify.theories.yang2024.checks.unseen import UnseenHere, trained_on_small_instances
from verify.theories.yang2024.claims import words_findings as find
from verify.theories.yang2024.claims import words_proofs as proofs
from verify.theories.yang2024.claims import words_tradeoffs as trade
from verify.theories.yang2024.claims import words_variants as wrong
from verify.theories.yang2024.claims.rates import H, K

FROM_K, FROM_H = Fraction(1), Fraction(5, 3)  # u/b from which on the guarantee falls


def offering(claim: Claim, variants: Callable[[], Iterable[tuple[str, Clauses]]]) -> Claim:
    """The claim with false variants of what its clauses say, each for the same kind of check."""
    return replace(
        claim, variants=lambda: ((name, replace(claim, checks=(check,))) for name, check in variants())
    )


# W1.

SLOWER = Clauses(
    (
        Clause("As K grows, every other constant in (15)–(18) held fixed", lambda: trade.formula_faster("K")),
        Clause("As K grows by tokens added to one dictionary", trade.dictionary_faster),
        Clause("As H grows, every other constant in (15)–(18) held fixed", lambda: trade.formula_faster("H")),
        Clause("As H grows by heads added to one model", trade.heads_faster),
    )
)
SLOWER_THERE = Clauses(
    (
        Clause("In K where u ≥ b", lambda: trade.slows_from(K, FROM_K)),
        Clause("In H where 3u ≥ 5b", lambda: trade.slows_from(H, FROM_H)),
        Clause("Over all γ", trade.best_guarantee),
    )
)
SPEED = Claim(
    id="w1",
    title="Convergence and the sizes K and H",
    source="after Theorem 1, W1",
    form="printed",
    statement=(r"\text{By (18), convergence gets slower as }K\text{ grows, and as }H\text{ grows.}",),
    reading="“By (18)” speaks of what is guaranteed: the factor 1 − η_wζ_0/(2K) a step, with γ of (15) and η_Q = 1/L of (17) at "
    "equality, is said to rise with K, and with H. Two readings of each half: the other constants held fixed in the formulas; or tokens, "
    "or heads, added to one instance and every constant computed anew. With η_w and ζ_0 held fixed too, the factor rises with K and has "
    "no H in it; with γ as large as one likes, K drops out.",
    assumptions=("A0", "A1", "A2", "w-zero"),
    checks=(SLOWER, SpeedHere({"K": Fraction(0), "H": Fraction(0)})),
    expected="fails",
    failure="false",
    reason="γ of (15) grows with K and H and speeds the descent up; it wins where ‖ZᵀẐ‖/(mτ) dominates the bracket of (17). Added tokens "
    "may raise Δ^(0) and with it γ; an added head may raise ζ_0 by far more than H.",
    replays=SLOWER.witness,
)
SPEED_REPAIRED = replace(
    SPEED,
    form="repaired",
    title="Where the guarantee gets slower with K and with H",
    statement=(
        r"u:=8\sqrt2H\sqrt K\,\frac{\|\bar Z\|_2^2}{\zeta_0}\sqrt{\Delta^{(0)}},\qquad b:=1+\frac{\|Z^\top\hat Z\|_2}{m\tau}",
        r"\text{All else held fixed, }\eta_w\zeta_0/(2K)\text{ falls with growing }K\text{ where }u\ge b,",
        r"\text{and with growing }H\text{ where }3u\ge5b.",
        r"\sup_{\gamma}\frac{\eta_w\zeta_0}{2K}=\frac{\zeta_0}{2\sqrt2\,H\,\|\bar Z\|_2^2}",
    ),
    needs=needs.undefined,
    reading="u + b is the bracket of (17). The first two lines are at γ of (15) at equality, the last over all γ that (15) allows.",
    assumptions=("A2",),
    checks=(SLOWER_THERE, SpeedHere({"K": FROM_K, "H": FROM_H})),
    expected="holds",
    reason="S = (KL/γ²)² is a sum of positive monomials; where u outweighs b none of them falls. Since u grows with K and H and b does "
    "not, the guarantee does get slower in the end. Over all γ only 1/H is left, and ζ_0 may grow with H.",
    failure=None,
    replays=None,
)

# W2.

AS_IF = Clause(
    "As if the noise level were (m/N)τ",
    lambda: proved("(20) is (25) with that level.", proofs.as_if_noisier()),
)
TEMPLATE = Clause(
    "On each side of N, the closer m, the closer λ̂ to λ̂_τ",
    lambda: proved(
        "the ridge solutions x0, x1, x2 at penalties p, p + g, p + g + h move in directions that never point apart.",
        *proofs.further_apart(),
        points=proofs.ridge_points,
    ),
)
NORMS = Clause(
    "N < m gives the smaller ‖λ̂‖, N > m the larger, than λ̂_τ has",
    lambda: proved(
        "the norm of the ridge solution falls as the penalty rises.",
        proofs.shrinks(),
        points=proofs.ridge_points,
    ),
)
IN_MEAN_SQUARE = Clause(
    "In mean square nothing linear in the labels beats ŷ*",
    lambda: proved(
        "𝓛 above 𝓛(ŷ*) is one sum of squares, for whatever weights on the labels.", *proofs.price()
    ),
)
PENALTY = Clauses(
    (
        AS_IF, TEMPLATE, NORMS,
        Clause("The closer m to N the better the prediction, against that of λ̂_τ", trade.best_is_worse),
        Clause("The closer m to N the better the prediction, for itself", trade.more_labels_help),
        Clause("The closer m to N the closer λ̂ to λ̂_τ, across the two sides of N", trade.across_sides),
        Clause("For another law of λ", trade.saved_by_another_law),
    )
)  # fmt: skip
RIDGE_IS_BEST = Clauses((AS_IF, TEMPLATE, NORMS, IN_MEAN_SQUARE))
ON_ONE_SIDE = (
    "A prompt is held fixed, the penalty c of ridge regression moves: c = mτ in (20), c = Nτ in (25). Raising m by basis functions that "
    "vanish does just this. "
)
NOISE_LEVEL = Claim(
    id="w2",
    title="The noise level that the transformer assumes",
    source="Section 3.2, W2",
    form="printed",
    statement=(
        r"\text{It is as if the noise level were }(m/N)\tau\text{;}",
        r"\text{the closer }m\text{ is to }N\text{, the closer the choice of template is to the best one and the better the prediction;}",
        r"N<m\text{ underfits (small }\|\lambda\|_2\text{), }N>m\text{ overfits (it underestimates the noise level).}",
    ),
    reading=f"{ON_ONE_SIDE}“Closer” is ‖λ̂ − λ̂_τ‖₂ on each side of N, and across them. “Better” is the mean squared error (9) under A1, "
    "once against that of ŷ^best, once for itself. Under- and overfitting are relative to λ̂_τ.",
    assumptions=("A1",),
    checks=(PENALTY, BestHere(best_is_better=True)),
    expected="fails",
    failure="false",
    reason="Under A1 the weights with the least mean squared error are A, that is ridge regression with the penalty mτ (Lemma 5). λ̂_τ "
    "fits the prompt under fresh noise, which is not the aim in (9): its predictor is never better, and worse unless the two agree. N "
    "does not enter the best penalty.",
    replays=PENALTY.witness,
)
NOISE_LEVEL_REPAIRED = replace(
    NOISE_LEVEL,
    form="repaired",
    title="The penalty mτ: as if the noise were (m/N)τ, and the best in mean square",
    statement=(
        r"\hat\lambda\text{ solves (25) at the level }(m/N)\tau;",
        r"\|\hat\lambda(c)-\hat\lambda_\tau\|_2\text{ does not fall as the penalty }c\text{ moves away from }N\tau\text{ on a side};",
        r"\|\hat\lambda\|_2\le\|\hat\lambda_\tau\|_2\ \text{for }N\le m,\quad\ge\ \text{for }N\ge m;",
        r"\mathcal{L}(\hat y)-\mathcal{L}(\hat y^\star)=\tfrac1{2K}\|\bar Z(\hat A-A)\|_F^2\ge0\ \text{for all weights }\hat A.",
    ),
    reading=f"{ON_ONE_SIDE}𝓛(ŷ) is (9) of the predictor Âᵀy for any weights Â, those of ŷ^best among them.",
    checks=(RIDGE_IS_BEST, BestHere(best_is_better=False)),
    expected="holds",
    reason="What changes: ŷ^best is the best fit to its own prompt under fresh noise, not the best predictor of unlabelled tokens. That "
    "is ŷ*, for every N and m; the difference in Figure 3 is what ŷ^best loses.",
    needs=trade.law_is_needed,
    failure=None,
    replays=None,
)

# W3.

ONE_HEAD = Clauses(
    (
        Clause(
            "No w · softmax is nearer to a vector x than the smaller of ‖x₊‖ and ‖x₋‖",
            lambda: proved(
                "u = |w| s is nonnegative, w s is u or −u.", *proofs.one_sign(), points=proofs.sign_points
            ),
        ),
        Clause("Columns of A have entries of both signs", find.two_signs),
    )
)
HEADS = Claim(
    id="w3",
    title="One head is not enough",
    source="Section 3.3, W3",
    form="printed",
    statement=(
        r"H=1\text{ cannot approximate }A_{:,k}\text{ in general,}",
        r"\text{since }w\cdot\operatorname{softmax}\text{ has entries of one sign.}",
    ),
    reading="There are instances with a column of A at a positive distance from every w s, w ∈ R, s > 0; and the sign is why: the "
    "distance is at least that of the column to the vectors of one sign.",
    assumptions=("A1",),
    checks=(ONE_HEAD, SignsHere()),
    expected="holds",
    reason="For u ≥ 0 ‖x − u‖² = ‖x₊ − u‖² + 2⟨x₋, u⟩ + ‖x₋‖². In general only: where N = 1 one head does.",
    needs=find.no_tasks_in_A,
)

# W4.

PROMPT_TOKENS = Clause(
    "A3 makes the tokens of the prompt distinct",
    lambda: proved("two equal ones agree in every row.", proofs.equal_tokens_are_equal_in_every_row()),
)
DICTIONARY = Clauses(
    (
        Clause("𝒱 read as all K tokens", find.equal_outside_the_prompt),
        replace(PROMPT_TOKENS, text="𝒱 read as the prompt"),
        Clause("The only assumption on the dictionary", find.norms_matter),
    )
)
PROMPT = Clauses(
    (
        PROMPT_TOKENS,
        Clause("Not conversely", find.not_conversely),
        Clause("A2 does not need A3", find.full_rank_without_A3),
    )
)
ONLY_A3 = Claim(
    id="w4",
    title="A3 and the dictionary",
    source="Section 3.1, W4",
    form="printed",
    statement=(
        r"\text{A3 implies that }\mathcal{V}\text{ has distinct tokens, and is the only assumption on the dictionary.}",
    ),
    reading="𝒱 is {v_1..v_K} (section 1). A3 alone is to imply that they are distinct; read as the prompt V, it does. “The only "
    "assumption”: nothing else that the theory uses restricts the tokens.",
    assumptions=("A3",),
    checks=(DICTIONARY, DistinctHere(prompt_only=False)),
    expected="fails",
    failure="false",
    reason="A3 looks at v_1..v_N alone. That all K are distinct, and of unit norm, is stated in the setting (A0); the unit norm is used "
    "in (46) and (83).",
    replays=DICTIONARY.witness,
)
ONLY_A3_REPAIRED = replace(
    ONLY_A3,
    form="repaired",
    title="A3 and the tokens of the prompt",
    statement=(
        r"\text{A3 implies that }v_1,\dots,v_N\text{ are distinct; the converse fails. The dictionary is restricted by A0.}",
    ),
    reading="By A0 all K tokens are distinct and of unit norm. A2 can hold almost surely where A3 fails.",
    needs=find.what_A3_gives,
    checks=(PROMPT, DistinctHere(prompt_only=True)),
    expected="holds",
    reason="Nothing changes downstream: Theorems 1 and 2 take A2, and for A2 distinct prompt tokens are enough.",
    failure=None,
    replays=None,
)

# W5, W6.

ENOUGH = Claim(
    id="w5",
    title="Enough heads and Gaussian initialisation",
    source="Section 3.1, W5",
    form="printed",
    statement=(r"H\ge N\text{ with Gaussian initialisation is enough to satisfy A2.}",),
    reading="Enough in the setting (A0): almost surely in Q^(0), for every dictionary of distinct unit tokens, whether A3 holds or not, "
    "and every τ > 0. Without A0 it is not: with v_1 = v_2 no C_k has full row rank.",
    assumptions=("A0", "heads", "gaussian"),
    checks=(Clauses((), (Sampled("With distinct tokens", ranks_of_draws),)), RankHere()),
    expected="not refuted",
    reason="Proposition 1 with distinct tokens in the place of A3: some direction u has v_iᵀu pairwise different, and a rotation that "
    "makes u the first axis leaves the law of VᵀQv_k as it is.",
    needs=find.what_rank_needs,
)
GENERALISES = Clauses(
    (
        Clause("Of the task", find.task_free),
        Clause(
            "At unlabelled tokens, for any labels y",
            lambda: proved(
                "Σ_{k>N} (ŷ_k − ŷ*_k)² ≤ (2K/mτ) ‖y‖² (𝓛 − min_Â 𝓛).",
                proofs.above_in_entries(),
                proofs.any_prompt(),
                points=proofs.tight_points,
            ),
        ),
        Clause("What it does not say", find.not_the_truth),
    ),
    (Sampled("Trained models", trained_on_small_instances),),
)  # fmt: skip
UNSEEN = Claim(
    id="w6",
    title="Generalisation to unlabelled tokens and to other tasks",
    source="after Theorem 2, W6",
    form="printed",
    statement=(
        r"\text{The trained transformer generalises (i) to unlabelled tokens,}",
        r"\text{(ii) to }\lambda\text{ outside }\mathcal{D}_\lambda.",
    ),
    reading="Generalises as in Theorem 2: its predictions tend to those of ridge regression on the prompt at hand, at tokens k > N, and "
    "for every λ with ‖λ‖ ≤ B. Not to the template itself, which a prompt may not show.",
    assumptions=("A0", "A1", "A2", "A4", "w-zero"),
    checks=(GENERALISES, UnseenHere()),
    expected="not refuted",
    needs=needs.theorem_2,
    reason="λ enters training through E[λλᵀ] alone and A not at all: (18) drives Â to A, and what is left is linear in the labels.",
)

# W7.

NEEDS_A1 = Clauses(
    (Clause("A1 is enough", find.closed_form_holds), Clause("Nothing less is", find.less_than_A1_will_do))
)
NEEDS_MOMENTS = Clauses(
    (
        Clause("Under A1", find.closed_form_holds),
        Clause(
            "Of the law of λ only Σ = E[λλᵀ] enters",
            lambda: proved("so (36) holds for every law with Σ = I, whatever its mean and its dependence.", proofs.second_moments()),
        ),
        Clause("For Σ ≠ I it does not hold", find.second_moments_are_needed),
    )
)  # fmt: skip
MOMENTS = Claim(
    id="w7",
    title="What Lemma 5 needs of the tasks",
    source="Section 3.1, W7",
    form="printed",
    statement=(r"\text{A1 is what Lemma 5 needs.}",),
    reading="That A1 is enough, and that Lemma 5 needs it: where A1 fails, so does (36). (36) is read with the repaired 𝓛*. If only the "
    "first is meant, it holds.",
    assumptions=(),
    checks=(NEEDS_A1,),
    expected="fails",
    failure="misread",
    reason="(9) is quadratic in λ: neither its mean nor the independence of its components is used, only E[λλᵀ] = I.",
    replays=NEEDS_A1.witness,
)
MOMENTS_REPAIRED = replace(
    MOMENTS,
    form="repaired",
    statement=(
        r"\text{(36) holds for all }\theta\text{ and all features if and only if }\mathbb{E}[\lambda\lambda^\top]=I_m.",
    ),
    reading="The tasks have second moments; no more is assumed of their law.",
    checks=(NEEDS_MOMENTS,),
    expected="not refuted",
    reason="A1 may be weakened to E[λλᵀ] = I wherever Lemma 5 is used, that is in Theorems 1 and 2. For E[λλᵀ] = cI the minimiser A is "
    "the same and 𝓛 is c times what it was.",
    failure=None,
    replays=None,
)

CLAIMS: tuple[Claim, ...] = (
    SPEED, offering(SPEED_REPAIRED, wrong.speed),
    NOISE_LEVEL, offering(NOISE_LEVEL_REPAIRED, wrong.noise_level),
    offering(HEADS, wrong.one_head),
    ONLY_A3, offering(ONLY_A3_REPAIRED, wrong.prompt_tokens),
    offering(ENOUGH, wrong.ranks),
    offering(UNSEEN, wrong.generalisation),
    MOMENTS, offering(MOMENTS_REPAIRED, wrong.moments),
)  # fmt: skip
