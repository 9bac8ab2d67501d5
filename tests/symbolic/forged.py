"""Facts that are false at a point where all that they may rest on holds, and the kernel's rules with one piece of their text another."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from points import FRACTIONS

import symbolic
from symbolic.evaluate import Point, evaluate
from symbolic.indexed import Expr, Index, number
from symbolic.rewrite import rewrite

RULES = ("hypotheses", "numbers", "softmax", "descent", "induction")
FILES = {
    name: (Path(symbolic.__path__[0]) / f"{path or name}.py").read_text(encoding="utf-8")
    for name, path in (
        ("proof", ""), ("bound", ""), ("course", ""), *((f"rules.{name}", f"rules/{name}") for name in RULES),
        ("rules", "rules/__init__"), ("check", ""),
    )
}  # fmt: skip  # each imports those before it
SIZES = {"N": 2, "K": 3, "m": 1, "d": 1, "H": 1}
ONE, MINUS = number(1), number(-1)

Rules = Any  # the rules, true or broken: their classes are their own


@lru_cache(maxsize=32)
def compiled(source: str, path: str) -> CodeType:
    """The code of a source. Of the files of a package one is changed at a time, and the others are compiled once."""
    return compile(source, path, "exec")


def load(files: Mapping[str, str] = FILES, package: str = "broken_kernel") -> Rules:
    """All names of the rules that these sources make."""
    sys.modules[package], names = ModuleType(package), dict[str, Any]()
    for name, source in files.items():
        module = ModuleType(f"{package}.{name.replace('.', '_')}")
        sys.modules[module.__name__] = module
        for other in files:
            source = source.replace(
                f"from symbolic.{other} import", f"from {package}.{other.replace('.', '_')} import"
            )
        exec(compiled(source, f"{package}/{name}.py"), module.__dict__)
        names |= module.__dict__
    return SimpleNamespace(**names)


def true_rules() -> Rules:
    names = dict[str, Any]()
    for name in FILES:
        __import__(f"symbolic.{name}")
        names |= vars(sys.modules[f"symbolic.{name}"])
    return SimpleNamespace(**names)


TRUE_RULES = true_rules()


def broken_rules(old: str, new: str) -> Rules:
    """The rules with one piece of their text replaced; "class: text" stands for the text in that class or function."""
    return load(broken_files(FILES, old, new))


def broken_files(files: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    """Sources with one piece replaced, which must stand there once."""
    place, _, text = old.rpartition(" :: ")
    head = re.compile(rf"^(class|def) {place}\b.*?(?=^(?:class|def|@|[A-Z]+\b)|\Z)", re.MULTILINE | re.DOTALL)
    found = {
        name: head.search(source) if place else re.search(r"(?s)\A.*\Z", source)
        for name, source in files.items()
    }
    times = sum(match[0].count(text) for match in found.values() if match)
    assert times == 1, f"the text to mutate stands {times} times: {old}"
    return {
        name: source[: match.start()] + match[0].replace(text, new) + source[match.end() :]
        if (match := found[name])
        else source
        for name, source in files.items()
    }


@dataclass(frozen=True)
class Forged:
    """A fact, letters and scalars where it is below zero while all it may suppose holds.

    second    which point ξ′ is there: "start", "next", or any
    before    letters and scalars at the earlier steps, where they are others
    granted   names of premises that hold there and are no inequality or equation at this point: declarations, and what is said of a course
    """

    fact: Any
    arrays: dict[str, Any] = field(default_factory=dict)
    scalars: dict[str, Any] = field(default_factory=dict)
    second: str = ""
    before: tuple[dict[str, Any], ...] = ()
    granted: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)

    def point(self, other: Mapping[str, Any] | None = None) -> Point:
        given = {**self.arrays, **self.scalars, **(other or {})}
        arrays = {name: _exact(value) for name, value in given.items() if isinstance(value, list)}
        scalars = {name: Fraction(value) for name, value in given.items() if not isinstance(value, list)}
        return Point(FRACTIONS, arrays, SIZES | self.sizes | scalars)

    def least(self, positive: Expr, point: Point | None = None) -> Any:
        values = evaluate(positive, point or self.point(), tuple(sorted(positive.free())))
        return min(values.flat) if values.size else Fraction(0)

    def meets(self, what: Any, point: Point) -> bool:
        """Whether a hypothesis or an axiom holds."""
        if hasattr(what, "zero"):
            return not evaluate(what.zero, point, what.indices).any()
        return bool(self.least(what.positive, point) >= 0)

    def holds(self, taken: Any) -> bool:
        """Whether a premise holds at the points at which it is taken."""
        if taken.when in ("start", "next") and taken.when != self.second:
            return False
        if getattr(taken.what, "extreme", None) and taken.what.name not in self.granted:
            return False
        if taken.when == "course" or not hasattr(taken.what, "indices") or hasattr(taken.what, "over"):
            return taken.what.name in self.granted
        points = [self.point(other) for other in self.before] if taken.when == "before" else [self.point()]
        return all(self.meets(taken.what, point) for point in points)

    def accepted(self, rules: Rules) -> bool:
        """Whether it passes for proved from what holds at the point."""
        try:
            rules.check(self.fact)
        except rules.BoundError:
            return False
        return all(self.holds(taken) for taken in self.fact.rests)


def _exact(value: Any) -> Any:
    array = np.array(value, dtype=object)
    return np.array([Fraction(x) for x in array.flat], dtype=object).reshape(array.shape)


def below(b: Rules) -> Any:
    """−1 ≥ 0, with a certificate that shows nothing."""
    return b.Fact("-1", MINUS, (), b.Certificate())


def wish(b: Rules, name: str = "a wish") -> Any:
    """−1 ≥ 0, as a hypothesis."""
    return b.Fact(name, MINUS)


def one(b: Rules) -> Any:
    """1 ≥ 0, which is so; under the name of what is not."""
    return b.Fact("-1", ONE, (), b.Certificate((b.Weight(),)))


def shown(
    b: Rules, name: str, positive: Expr, indices: tuple[Index, ...] = (), weights: Any = (), by: Any = ()
) -> Any:
    """A fact by these weights, rewritten by these axioms."""
    rest, uses = positive, list[Any]()
    for weight in weights:
        rest = rest - weight.value()
    for axiom in by:
        found, rest = rewrite(rest, axiom)
        uses += found
    return b.Fact(name, positive, indices, b.Certificate(tuple(weights), tuple(uses)))


def concluded(b: Rules, rule: Any, otherwise: Expr, indices: tuple[Index, ...] = ()) -> Any:
    """What a rule gives; where it refuses, what it would give."""
    try:
        positive = rule.conclusion()
    except (b.BoundError, TypeError, LookupError):
        positive = otherwise
    return b.Fact("false", positive, indices, rule)
