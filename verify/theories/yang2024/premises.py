"""The premises that proofs of this theory may take: what its letters are, its assumptions, conditions of its statements, and statements."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from symbolic.bound import Premise
from symbolic.indexed import number
from symbolic.kinds import Is, Root
from symbolic.registry import CONDITION, LETTER, Entry, Registry
from verify.theories.yang2024.assumptions import ASSUMPTIONS
from verify.theories.yang2024.checks.span import normalised
from verify.theories.yang2024.claims import (
    distance,
    norm_of_A,
    setting,
    steps,
    steps_descent,
    tails,
    words_proofs,
    words_rates,
)
from verify.theories.yang2024.symbolic import course, exponentials, lemmas, lemmas_lipschitz
from verify.theories.yang2024.symbolic.definitions import axiom, kinds, root_axiom, unit_token
from verify.theories.yang2024.symbolic.derivation import ridge_axiom, system_axiom
from verify.theories.yang2024.symbolic.functions import functions
from verify.theories.yang2024.symbolic.letters import POSITIVE, TABLE
from verify.theories.yang2024.symbolic.reading import laws
from verify.theories.yang2024.symbolic.rewriting import consequences


def letters() -> Iterator[Premise]:
    """What the text says of its letters, and the definitions that it gives no name."""
    named = tuple(_named())
    known = {one.content for one in named}
    definitions = (axiom(name) for name, kind in kinds().items() if isinstance(kind, Is | Root))
    yield from (*named, *(one for one in definitions if one.content not in known))


def _named() -> Iterator[Premise]:
    """Equations with numbers, and what operations make of letters: norms, eigenvalues, inverses, softmax, the course of descent."""
    yield from (
        root_axiom(),
        system_axiom(),
        ridge_axiom(),
        setting.best_axiom(),
        norm_of_A.inverse_of_gram(),
    )
    yield from (
        setting.head_sum(),
        normalised(),
        distance.length_of_y(),
        distance.gap_of_loss(),
        tails.length_of_labels(),
        tails.of_mean(),
    )
    yield from (
        lemmas.attention(),
        lemmas.spectral(),
        lemmas.spectral_A(),
        lemmas.columns_of_Zbar(),
        lemmas.scores_within(),
    )
    yield from (
        norm_of_A.spectral_ZZ(),
        distance.norm_of_image(),
        distance.norm_of_columns(),
        distance.norm_of_offset(),
    )
    yield from (lemmas_lipschitz.mx_above_one(), lemmas_lipschitz.mx_above_alpha(), distance.power_T())
    yield from (
        course.DESCENT,
        course.GRADIENT,
        course.loss_gap(),
        course.loss_gap_next(),
        course.gap_at_start(),
    )
    yield from (
        course.gradient_norm(),
        *course.descent_41(),
        course.eigenvalue(lemmas.ONE),
        course.eigenvalue(lemmas.TWO),
    )
    yield from (
        steps.least_14(),
        steps.sigma_44(),
        steps.alpha_44(),
        steps.telescoped(),
    )
    yield from consequences()
    yield from (*words_proofs.NORMAL, words_proofs.DEFINED_STEP, words_proofs.APART)


def conditions() -> Iterator[Premise]:
    """Hypotheses that statements name among their own."""
    yield from (lemmas.bounded_alpha(lemmas.ONE), lemmas.bounded_alpha(lemmas.TWO), distance.right_inverse())
    yield from (
        steps.gamma_15(),
        steps.least_gamma(number(32)),
        steps_descent.rate_16(),
        steps_descent.REPAIRED.least,
    )
    yield from (steps_descent.SHARPER.least,)
    yield from (steps.ratio_squared(), distance.steps_21(), steps.near_start(), words_proofs.equal_tokens())


def entries() -> Iterator[Entry]:
    yield from (Entry(premise, LETTER) for premise in letters())
    yield from (Entry(premise, CONDITION) for premise in conditions())
    yield Entry(unit_token(), "A0")
    yield Entry(distance.gram_of_heads(), "A2")
    yield Entry(tails.bounded(), "A4")
    yield Entry(steps.starts_at_zero(), "w-zero")
    yield Entry(course.alpha_43a(), "eq-43a")
    yield Entry(course.rank_43b(), "eq-43b")
    yield Entry(lemmas.smallest_eigenvalue(), "eq-43b")
    yield Entry(course.loss_43c(), "eq-43c")
    yield Entry(steps_descent.supposed_63(), "eq-63")
    yield Entry(distance.rate_18(), "theorem-1")
    yield Entry(distance.hypothesis_69(), "eq-69")
    yield Entry(tails.of_noise(), "eq-68")


LETTERS = (*(letter.tensor for letter in TABLE.values()), *words_proofs.LETTERS, *exponentials.LETTERS)


@cache
def registry() -> Registry:
    """All premises, put together where a proof is checked: a witness is replayed without them."""
    return Registry(
        entries(),
        POSITIVE,
        LETTERS,
        (functions(), exponentials.TABLE, words_rates.HELD),
        laws(),
        [assumption.id for assumption in ASSUMPTIONS],
    )
