"""Formulas as one line of text: the MathML of an equation written with the characters of Unicode."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from verify.output.phrases import printable
from verify.record import Equation

SPACED = frozenset("=≤≥<>≠≈∼∈∉⊂⊆⪰⪯→⇒⇔⟹⟺↦∝×+−-±·∀∃∖")
SMALL = dict(zip("0123456789+-−=()nt⊤′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿᵗᵀ′", strict=True))
LOW = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
ACCENTS = {
    "^": "\u0302",
    "ˆ": "\u0302",
    "¯": "\u0304",
    "ˉ": "\u0304",
    "‾": "\u0304",
    "~": "\u0303",
    "˜": "\u0303",
}
DEEPEST = 100


class Unwritable(ValueError):
    """The MathML has an element that text does not show."""


def written(equation: Equation) -> str:
    """The equation in one line; its LaTeX source where the MathML cannot be written as text."""
    try:
        return printable(_all([_parsed(equation.mathml)], 0))
    except Unwritable:
        return printable(equation.latex)


def _parsed(mathml: str) -> ElementTree.Element:
    if "<!" in mathml or "<?" in mathml:
        raise Unwritable("a declaration")
    try:
        return ElementTree.fromstring(mathml)
    except (ElementTree.ParseError, ValueError) as error:
        raise Unwritable("not well-formed") from error


def _all(elements: Sequence[ElementTree.Element], depth: int) -> str:
    if depth > DEEPEST:
        raise Unwritable("nesting too deep")
    texts = [_one(element, depth + 1) for element in elements]
    following = [*elements, None][1:]
    return "".join(
        f"({text})" if _fraction(element) and after is not None and not _ends(after) else text
        for text, element, after in zip(texts, elements, following, strict=True)
    )


def _fraction(element: ElementTree.Element) -> bool:
    """Whether the element is a fraction alone, which a factor after it would extend."""
    name, parts = element.tag.rpartition("}")[2], list(element)
    return name == "mfrac" or (name in ("mrow", "mstyle") and len(parts) == 1 and _fraction(parts[0]))


def _ends(element: ElementTree.Element) -> bool:
    """Whether an operator stands here that no factor is."""
    text = "".join((element.text or "").split())
    return (
        element.tag.rpartition("}")[2] == "mspace" or text in SPACED or text in (",", ";", ")", "]", "}", "⟩")
    )


def _one(element: ElementTree.Element, depth: int) -> str:
    name, parts = element.tag.rpartition("}")[2], list(element)
    text = "".join((element.text or "").split())
    match name, len(parts):
        case "math" | "mrow" | "mstyle" | "mpadded", _:
            return _all(parts, depth)
        case "mo", 0:
            return f" {text} " if text in SPACED else f"{text} " if text in (",", ";") else text
        case "mi" | "mn", 0:
            return f"{text} " if name == "mi" and len(text) > 1 and text.isalpha() else text
        case "mtext", 0:
            return element.text or ""
        case "mspace", 0:
            return " "
        case "mfrac", 2:
            above, below = (_all([part], depth).strip() for part in parts)
            return f"{_grouped(above) if ' ' in above else above}/{_grouped(below)}"
        case "msqrt", _:
            return f"√{_grouped(_all(parts, depth))}"
        case "msub" | "munder", 2:
            base = _all(parts[:1], depth).rstrip()
            return base + _script(_all(parts[1:], depth), LOW, "_") + _gap(base)
        case "mover", 2 if (mark := "".join((parts[1].text or "").split())) in ACCENTS:
            base = _all(parts[:1], depth)
            return base + ACCENTS[mark] if len(base) == 1 else f"{_grouped(base)}{ACCENTS[mark]}"
        case "msup" | "mover", 2:
            return _all(parts[:1], depth).rstrip() + _script(_all(parts[1:], depth), SMALL, "^")
        case "msubsup" | "munderover", 3:
            base, low, high = (_all([part], depth) for part in parts)
            return base.rstrip() + _script(low, LOW, "_") + _script(high, SMALL, "^") + _gap(base.strip())
        case "mtable", _:
            rows = [", ".join(_all(list(cell), depth).strip() for cell in row) for row in parts]
            return "; ".join(rows)
    raise Unwritable(name)


def _gap(base: str) -> str:
    """A space after a sum, or a limit such as inf, with its bounds."""
    return " " if base in ("∑", "∏") or (len(base) > 1 and base.isalpha()) else ""


def _script(text: str, small: dict[str, str], sign: str) -> str:
    """A subscript or superscript: by small characters where all have one."""
    tight = text.strip().replace(" ", "") if len(text) < 12 else text.strip()
    if tight and all(c in small for c in tight):
        return "".join(small[c] for c in tight)
    return f"{sign}{tight}" if len(tight) == 1 else f"{sign}{{{tight}}}"


def _grouped(text: str) -> str:
    """The text in parentheses, but for a single letter or a number."""
    tight = text.strip()
    return tight if tight.isdigit() or len(tight) == 1 else f"({tight})"
