"""What a proof takes without proof: hypotheses, axioms and declarations, known by their content, and a registry of those that a theory has.

A registry is data: {"positive": {scalar: why}, "dimensions": {…}, "tensors": {…}, "functions": {…}, "laws": {…}, "hypotheses": […],
"axioms": {…}, "declarations": {…}}, with rows as in a file of proofs. A premise is in the registry if its content is, whatever its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

WHEN = {
    "": "",
    "always": "",
    "start": " at the start",
    "next": " at the next step",
    "before": " at every step before",
    "course": "",
}


class Premise(NamedTuple):
    """One premise: its kind, its name, its row, and the points at which it is taken."""

    kind: str
    name: str
    row: Mapping[str, Any]
    when: str

    @property
    def key(self) -> tuple[str, str]:
        return content(self.kind, self.row), self.when

    @property
    def title(self) -> str:
        kept = self.row.get("any") or ()
        every = f", for every {', '.join(kept)}" if kept else ""
        return f"{self.kind}: {self.name}{every}" + (WHEN["before"] if self.when == "before" else "")

    @property
    def letters(self) -> frozenset[str]:
        """The letters and scalars that it ties down."""
        row = self.row
        match self.kind, row.get("is"):
            case "hypothesis", _:
                return mentioned(row["positive"]) - set(row["any"])
            case "axiom", _:
                return mentioned(row["lhs"]) | mentioned(row["rhs"])
            case _, "softmax":
                return mentioned(row["x"]) | mentioned(row["x2"]) | {row["s"], row["s2"]}
            case _, "gradient":
                return frozenset((row["f"], row["f2"], *(name for part in row["parts"] for name in part)))
            case _, "exponential":
                return mentioned(row["of"]) | {row[part] for part in ("power", "times", "log_ratio", "log")}
        return moving(row)

    def shown(self) -> str:
        """What it says, in the letters of the data."""
        row = self.row
        if self.kind == "hypothesis":
            text = f"{written(row['positive'])} >= 0"
        elif self.kind == "axiom":
            text = f"{written(row['lhs'])} = {written(row['rhs'])}"
        else:
            text = json.dumps(row, ensure_ascii=False, sort_keys=True)
        free = row.get("indices", ())
        text += f" for all {', '.join(free)}" if free else ""
        text += f", for every {', '.join(row['any'])}" if row.get("any") else ""
        text += f"; {row['extreme']} is the extreme such number" if row.get("extreme") else ""
        return f"{self.kind}{WHEN[self.when]}: {text}"


def content(kind: str, row: Mapping[str, Any]) -> str:
    """What a row says, without its name and the registry's remarks."""
    kept = {key: value for key, value in row.items() if key not in ("name", "by", "because")}
    return kind + json.dumps(kept, ensure_ascii=False, sort_keys=True)


def mentioned(terms: Iterable[Any]) -> frozenset[str]:
    """The letters and scalars of terms, as data."""
    found: set[str] = set()
    for _, scalars, factors, _ in terms:
        found |= {*scalars, *(name for name, _ in factors if name != "delta")}
    return frozenset(found)


def moving(course: Mapping[str, Any]) -> frozenset[str]:
    """The letters that move along a course."""
    return frozenset((*(name for pair in course["pairs"] for name in pair), *course["between"])) | stepped(
        course
    )


def stepped(course: Mapping[str, Any]) -> frozenset[str]:
    """The letters of which a course says how they move."""
    return frozenset((*(name for step in course["steps"] for name in step), course["power"], course["total"]))


def elsewhere(course: Mapping[str, Any]) -> frozenset[str]:
    """The letters of a course that speak of the second point."""
    after = (after for _, after, _ in course["steps"])
    return frozenset((*(there for _, there in course["pairs"]), *course["between"], *after))


def written(terms: Iterable[Any]) -> str:
    """Terms as a line: sums over bound indices b0, b1, … in front."""
    parts = []
    for coefficient, scalars, factors, dims in terms:
        bound = ", ".join(f"b{place}:{dim}" for place, dim in enumerate(dims))
        pieces = [f"{name}^{power}" if power != "1" else name for name, power in scalars.items()]
        for name, refs in factors:
            inner = ",".join(f"b{ref}" if type(ref) is int else str(ref).partition(":")[0] for ref in refs)
            pieces.append(f"{name}[{inner}]")
        sign = {"1": "", "-1": "-"}.get(coefficient, f"{coefficient} ")
        product = sign + " ".join(pieces) if pieces else coefficient
        parts.append(f"sum({bound}) {product}" if bound else product)
    return " + ".join(parts) or "0"


class Registry:
    """The premises that proofs may take, numbered from 1, and the scalars that they may divide by."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.positive = None if "positive" not in data else frozenset(data["positive"])
        self.premises = tuple(self._premises(data)) if "axioms" in data else None
        self._tensors, self._functions = data.get("tensors"), data.get("functions")
        self._laws = data.get("laws", {})
        self._dimensions = data.get("dimensions", {})
        self._numbers = {
            content(p.kind, p.row): number for number, p in enumerate(self.premises or (), start=1)
        }

    @staticmethod
    def _premises(data: Mapping[str, Any]) -> Iterator[Premise]:
        for row in data["hypotheses"]:
            yield Premise("hypothesis", row["name"], row, row["when"])
        for kind, table in (("axiom", data["axioms"]), ("declaration", data["declarations"])):
            for name, row in table.items():
                yield Premise(kind, name, row, row.get("when", "always"))

    def letters_of(self, document: Mapping[str, Any]) -> None:
        """Raises ValueError where a file says of a letter what the theory does not say."""
        if self._tensors is None or self._functions is None:
            return
        strange = [name for name, row in document["tensors"].items() if self._tensors.get(name) != row]
        functions = document.get("functions", {}).items()
        strange += [name for name, row in functions if row not in self._functions.get(name, ())]
        laws = (pair for row in document.get("operations", ()) for pair in row.get("laws", {}).items())
        strange += [name for name, row in laws if row not in self._laws.get(name, ())]
        strange += [
            name for name, parts in document["dimensions"].items() if self._dimensions.get(name) != parts
        ]
        if strange:
            raise ValueError(f"{', '.join(strange)}: the theory says something else of this")

    def number(self, premise: Premise) -> int:
        """Its number here, by content; 0 where there is none."""
        return self._numbers.get(content(premise.kind, premise.row), 0)

    def strange(self, premises: Iterable[Premise]) -> list[str]:
        """What is taken and has no number here; nothing is strange to a registry without a list of premises."""
        return [] if self.premises is None else sorted(p.shown() for p in premises if not self.number(p))

    def supposed(self, premises: Iterable[Premise]) -> list[str]:
        """What is taken and is more than what a letter is: conditions, assumptions and statements, by name."""
        known = self.premises or ()
        found = [(p, known[self.number(p) - 1].row["because"]) for p in premises if known and self.number(p)]
        return sorted(p.name + WHEN[p.when] for p, because in found if because != "letter")


OPEN = Registry({"positive": ()})
