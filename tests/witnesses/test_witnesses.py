"""Every statement that fails: its witness, as it is printed, against brute force that shares nothing with the program.

`brute_force_witness` has the model in nested loops, `printed_witness` reads what a witness prints, `judge_witness` says what is
wrong with one; `identities_witness`, `inequalities_witness` and `words_witness` have each statement once more. Asserted is that the
printed sides are those of brute force, that the statement fails there, that its hypotheses are met, that sizes are at most 3 and
letters rational; and that a witness which was tampered with does not pass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import matrices_witness as la
import pytest
from failing_claims import CASES, FAILING, judged, printed, recomputed
from judge_witness import holds
from printed_witness import Printed, array, interval, side, written

from verify.theories.shipped import theory

HERE = Path(__file__).parent
BRUTE = sorted(path.stem for path in HERE.glob("*_witness.py"))
ALLOWED = {
    "__future__",
    "collections",
    "copy",
    "dataclasses",
    "decimal",
    "fractions",
    "functools",
    "itertools",
    "mpmath",
    "re",
    "typing",
}


# The table is complete, and independent.


def test_every_statement_that_fails_has_a_case_of_its_own() -> None:
    assert set(CASES) == set(FAILING), "state each failing claim once more in one of *_witness.py"
    assert all(claim.form == "printed" and claim.stands_alone for claim in FAILING.values())
    assert [c.id for c in theory().claims if c.expected == "fails"] == list(FAILING)


@pytest.mark.parametrize("name", BRUTE)
def test_brute_force_imports_nothing_of_the_program(name: str) -> None:
    seen: set[str] = set()
    for node in ast.walk(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            seen |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            seen.add(str(node.module).split(".")[0])
        elif isinstance(node, ast.Name):
            assert node.id not in ("__import__", "importlib", "eval", "exec")
    assert seen <= ALLOWED | set(BRUTE)


# Each witness agrees, and fails.


@pytest.mark.parametrize("id", FAILING)
def test_a_witness_agrees_with_brute_force(id: str) -> None:
    assert judged(id, recomputed(id)) == []


@pytest.mark.parametrize("id", FAILING)
def test_a_witness_is_small_and_rational(id: str) -> None:
    witness = recomputed(id)
    assert witness.sizes
    assert all(1 <= size <= 3 for size in witness.sizes.values())
    for name, text in witness.values.items():
        assert written(array(text)) == text, name


# Numbers that are exact in the program are equal to those of brute force, not merely close.
EXACT = {
    "eq-33", "noise-free", "lemma-5", "lemma-5-infimum", "lemma-7-loss", "eq-56", "eq-66", "eq-68", "eq-77", "eq-79", "w2", "w7",
}  # fmt: skip


@pytest.mark.parametrize("id", sorted(EXACT))
def test_rational_sides_are_equal(id: str) -> None:
    at = printed(id)
    for text, value in zip((at.lhs, at.rhs), CASES[id].sides(at), strict=True):
        assert isinstance(value, int | Fraction)
        assert side(text) == (value, value)


# Tampering is noticed.

STEP = Fraction(1, 7)


def leaves(value: Any, at: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from leaves(item, (*at, position))
    else:
        yield at


def changed(value: Any, at: tuple[int, ...], step: Fraction) -> Any:
    if not at:
        return value + step
    value = deepcopy(value)
    value[at[0]] = changed(value[at[0]], at[1:], step)
    return value


@pytest.mark.parametrize("id", FAILING)
def test_a_letter_that_was_tampered_with_is_noticed(id: str) -> None:
    """Every entry of every letter in turn; what is not noticed is named as idle, with a reason."""
    witness, unnoticed = recomputed(id), set()
    for name, text in witness.values.items():
        value = array(text)
        for at in leaves(value):
            text = written(changed(value, at, STEP))
            if not judged(id, witness.model_copy(update={"values": witness.values | {name: text}})):
                unnoticed.add(f"{name}({', '.join(str(n + 1) for n in at)})" if at else name)
    assert unnoticed == set(CASES[id].idle) - {"N"}


@pytest.mark.parametrize("id", FAILING)
def test_a_side_a_size_or_a_letter_that_is_wrong_or_missing_is_noticed(id: str) -> None:
    witness = recomputed(id)
    assert witness.lhs is not None
    assert witness.rhs is not None
    changes: list[dict[str, Any]] = [{"lhs": witness.rhs}, {"rhs": witness.lhs}] if id != "w7" else []
    changes += [{name: altered(getattr(witness, name))} for name in ("lhs", "rhs")]
    changes += [{"lhs": None}, {"rhs": None}]
    of_letters = {dim for dims in CASES[id].letters.values() for dim in dims} | {"N", "K", "m"}
    sizes = witness.sizes.keys() & of_letters - set(
        CASES[id].idle
    )  # d and H only where a letter has such an axis
    changes += [{"sizes": witness.sizes | {name: witness.sizes[name] + 1}} for name in sizes]
    changes += [{"values": {k: v for k, v in witness.values.items() if k != name}} for name in witness.values]
    changes += [{"values": witness.values | {"theta": "1"}}]
    for change in changes:
        assert judged(id, witness.model_copy(update=change)), change


def altered(text: str) -> str:
    """The last digit of a fraction, the last before the point of a ball, the last but one of a decimal number; the last token of a text."""
    head, ball, tail = text.partition(" +/- ")
    place = head.index(".") - 1 if ball else len(head) - (2 if "." in head else 1)
    return (
        head[:place]
        + {"9": "1"}.get(head[place], str(int(head[place]) % 9 + 1))
        + head[place + 1 :]
        + ball
        + tail
    )


def test_a_point_at_which_the_statement_holds_is_no_witness() -> None:
    """λ = 1 in (67), agreed on both sides, does not break it; a repaired right side does not break (36)."""
    at_one = la.REAL.gammainc(la.REAL.mpf(1) / 2, la.REAL.mpf(5) / 2, regularized=True)
    witness = recomputed("eq-67").model_copy(update={"lhs": f"{float(at_one):.10f}"})
    values = witness.values | {"lam": "(1)"}
    assert judged("eq-67", witness.model_copy(update={"values": values})) == [
        f"{how} the statement does not fail: {left} <= {right}"
        for how, left, right in (
            ("as printed", side(str(witness.lhs)), side(str(witness.rhs))),
            (
                "by brute force",
                *(interval(x) for x in CASES["eq-67"].sides(replaced("eq-67", lam=[Fraction(1)]))),
            ),
        )
    ]


def replaced(id: str, **letters: Any) -> Printed:
    at = printed(id)
    return Printed(at.sizes, {**at.letters, **letters}, at.entry, at.lhs, at.rhs, at.summary)


@pytest.mark.parametrize(
    ("relation", "left", "right", "wanted"),
    [
        ("=", (1, 1), (1, 1), True), ("=", (1, 1), (2, 2), False), ("=", (1, 2), (2, 3), True),
        ("<=", (1, 1), (2, 2), True), ("<=", (2, 2), (1, 1), False), ("<=", (1, 3), (2, 2), True),
        (">=", (1, 1), (2, 2), False), (">=", (2, 2), (1, 1), True), (">=", (2, 2), (2, 2), True),
        ("!=", (1, 1), (1, 1), False), ("!=", (1, 1), (2, 2), True), ("!=", (1, 2), (1, 3), True),
        ("=", "v_1", "v_2", False), ("=", "v_1", "v_1", True),
    ],
)  # fmt: skip
def test_a_statement_fails_only_where_it_certainly_does(
    relation: Any, left: Any, right: Any, wanted: bool
) -> None:
    assert holds(relation, left, right) is wanted


HYPOTHESES: dict[str, tuple[str, dict[str, str], str]] = {
    "unit norm": ("eq-59", {"V": "[(1, -2)]"}, "‖v_2‖ is not 1"),
    "distinct tokens": ("eq-59", {"V": "[(1, 1)]"}, "v_1 = v_2"),
    "τ > 0": ("eq-59", {"tau": "0"}, "τ = 0"),
    "τ = 0": ("noise-free", {"tau": "1"}, "τ = 1"),
    "pseudo-inverse": ("noise-free", {"Zdag": "[(1)]"}, "Z† is not the pseudo-inverse of Z"),
    "γ > 0": ("lemma-10", {"gamma": "-1"}, "γ = -1"),
    "γ of (15)": ("eq-61-17", {"gamma": "14"}, "γ is below (15)"),
    "w = 0": ("eq-61-17", {"w": "[(1)]"}, "w^(0) is not 0"),
    "softmax": ("eq-56", {"s": "[[(3/4, 2/5); (1/4, 2/5)]]"}, "s of head 1 at token 2 is no softmax"),
    "inverse": ("lemma-5", {"Minv": "[(1)]"}, "(ZᵀZ + mτI)⁻¹ is not the inverse"),
    "root": ("lemma-5", {"Zbar": "[(-5/4)]"}, "Z̄ is not the root of ZᵀZ + mτI"),
    "Ẑ as N×K": ("eq-33", {"Zsq": "[(1)]"}, "Ẑ read as N×K is not Ẑ"),
    "A3": ("w4", {"V̂": "[(1, 1, 1); (0, 0, 0)]"}, "no row of V has pairwise different entries"),
    "δ < 1": ("eq-68", {"delta": "1"}, "δ = 1"),
    "E λλᵀ = I": ("w7", {"tasks λ, equally likely": "[(7/5, 1/5); (1/5, 7/5)]"}, "E λλᵀ is not I"),
    "A1 broken": ("w7", {"tasks λ, equally likely": "[(1, 1); (-1, -1)]"}, "E λλᵀ is not I"),
}


@pytest.mark.parametrize(("id", "values", "wanted"), HYPOTHESES.values(), ids=list(HYPOTHESES))
def test_a_hypothesis_that_is_broken_is_named(id: str, values: dict[str, str], wanted: str) -> None:
    witness = recomputed(id)
    assert wanted in judged(id, witness.model_copy(update={"values": witness.values | values}))


def test_a_law_that_meets_A1_is_no_witness_against_it() -> None:
    at = replaced(
        "w7",
        **{"tasks λ, equally likely": [[Fraction(a), Fraction(b)] for a, b in product((1, -1), repeat=2)]},
    )
    assert list(CASES["w7"].given(at)) == ["λ is centred and may be independent"]


@pytest.mark.parametrize("id", [id for id, case in CASES.items() if case.expression])
def test_what_does_not_type_does_not_and_where_it_does_it_does(id: str) -> None:
    case, at = CASES[id], printed(id)
    assert case.expression is not None
    case.expression(at.sizes)
    with pytest.raises(la.Shape):
        case.expression({"N": 2, "K": 5, "m": 3, "d": 2, "H": 2})
    silent = recomputed(id).model_copy(
        update={"summary": f"(entry {', '.join(f'{i} = {n}' for i, n in at.entry.items())})"}
    )
    assert "the summary does not say that it does not type" in judged(id, silent)
