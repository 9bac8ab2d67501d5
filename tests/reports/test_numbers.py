"""Numbers on the page: short, and never better than what was stored."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reports import numbers


def text(markup: str) -> str:
    return (
        str(markup).split(">", 1)[1].removesuffix("</span>").replace("<sup>", "^").replace("</sup>", "")
        if markup.startswith("<span")
        else str(markup)
    ).replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (1234, "1234"),
        (12000, "12 000"),
        (-1234567, "−1 234 567"),
        (10**30, "10^30"),
        (True, "yes"),
        (False, "no"),
        (0.5, "0.5"),
        (1 / 3, "0.3333"),
        (-2.0, "−2"),
        (12345.678, "12 346"),
        (99999.9, "10^5"),
        (123456.0, "1.235 × 10^5"),
        (3.1e-4, "3.1 × 10^−4"),
        (-1e-12, "−10^−12"),
        (1e-320, "10^−320"),
        ("1.25e-400", "1.25 × 10^−400"),
        ("2.50", "2.5"),
        ("bound", "bound"),
        ("12", "12"),
        ("1e5x", "1e5x"),
        (float("inf"), "∞"),
        (float("nan"), "undefined"),
    ],
)
def test_number(value: bool | int | float | str, shown: str) -> None:
    assert text(numbers.number(value)) == shown


def test_none_is_a_dash_with_a_meaning() -> None:
    assert numbers.number(None) == '<span class="none">—</span>'


@pytest.mark.parametrize(
    "exact", ["0.12345678901", "-0.12345678901", "1.23456789e-40", "-9.99999999e+38", "99999.99999"]
)
def test_bounds_are_rounded_outward(exact: str) -> None:
    def value(side: str) -> Decimal:
        shown = text(numbers.bound(exact, side, 4)).replace("−", "-").replace(" ", "").replace("×10^", "e")
        return Decimal(shown.replace("10^", "1e") if shown.lstrip("-").startswith("10^") else shown)

    assert value("lower") < Decimal(exact) < value("upper")


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        ("1.0000", "1.0001", "4 digits"),
        ("2", "2", "exact as stored"),
        ("-1", "1", "0 digits"),
        ("1", "0", "no enclosure"),
        ("0", "inf", "no enclosure"),
        ("nan", "1", "no enclosure"),
        ("x", "1", "not numeric"),
    ],
)
def test_agreement(lower: str, upper: str, words: str) -> None:
    assert numbers.agreement(lower, upper) == words


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        ("1.5e1287920", "1.500000001e1287920", "9 digits"),
        ("-1e-2999999", "1e2999999", "0 digits"),
        ("2e123456789012", "2e123456789012", "exact as stored"),
        ("1e99999999999999999999", "1e99999999999999999999", "not numeric"),
    ],
)
def test_exponents_beyond_the_default_of_decimals(lower: str, upper: str, said: str) -> None:
    """L of saturated attention, on raw measurements as tokens."""
    assert numbers.agreement(lower, upper) == said
    assert lower.partition("e")[2].replace("-", "−") in numbers.bound(lower, "lower")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "under 1 ms"), (0.412, "412 ms"), (31.44, "31.4 s"), (125, "2 min 5 s"), (7300, "2 h 1 min")],
)
def test_duration(seconds: float, shown: str) -> None:
    assert numbers.duration(seconds) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("ζ_0", "ζ<sub>0</sub>"),
        (r"\eta_Q", "η<sub>Q</sub>"),
        (r"\|\bar{Z}\|_2", "‖Z\u0304‖<sub>2</sub>"),
        (r"\lambda_{\min}", "λ<sub>min</sub>"),
        ("<b>_<i>", "&lt;b&gt;<sub>&lt;</sub>i&gt;"),
        (r"\unknown", r"\unknown"),
    ],
)
def test_letters(source: str, shown: str) -> None:
    assert numbers.letters(source) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("B_k has rank N", "B<sub>k</sub> has rank N"),
        ("Zᵀz_k + mτe_{k+1}", "Zᵀz<sub>k</sub> + mτe<sub>k+1</sub>"),
        ("seed_0 and x_train and a_b_c", "seed_0 and x_train and a_b_c"),
        ("1 < 2", "1 &lt; 2"),
        ("‖x_1‖_∞ ≤ ‖X‖_F", "‖x<sub>1</sub>‖<sub>∞</sub> ≤ ‖X‖<sub>F</sub>"),
        ("(AB)_{ij}", "(AB)<sub>ij</sub>"),
        ("f()_private_name", "f()_private_name"),
        (
            "c′_k in R^N, Z^Q, x^{n+1}, a^bc",
            "c′<sub>k</sub> in R<sup>N</sup>, Z<sup>Q</sup>, x<sup>n+1</sup>, a^bc",
        ),
    ],
)
def test_prose(source: str, shown: str) -> None:
    assert numbers.prose(source) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("alpha", "α"), ("alpha2", "α<sub>2</sub>"), ("Q2", "Q<sub>2</sub>"), ("lam", "λ"), ("Ahat", "A\u0302"), ("Zbar", "Z\u0304"),
        ("Minv", "M⁻¹"), ("Z", "Z"), ("s", "s"), ("seed", "seed"), ("<b>", "&lt;b&gt;"),
        ("tasks λ, equally likely", "tasks λ, equally likely"),
    ],
)  # fmt: skip
def test_letters_of_a_witness(name: str, shown: str) -> None:
    assert numbers.letter(name) == shown
