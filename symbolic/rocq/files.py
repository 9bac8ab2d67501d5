"""Files for Rocq of all proofs in a document, and into which class each theorem falls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from symbolic.rocq.expressions import Unexported
from symbolic.rocq.theorem import EVALUATED, RULES, Premise, Theorem, comment

LIBRARY = ("Replay.v", "Rules.v")
CLASSES = (
    "unconditional",
    "under the hypotheses of the statement",
    "conditional on a named rule of analysis",
    "about E or ∂, where what is left after they are evaluated is checked",
    "not exported",
)
UNCONDITIONAL, HYPOTHESES, CONDITIONAL, EVALUATES, UNEXPORTED = range(5)
IMPORTS = """From mathcomp Require Import all_ssreflect all_algebra.
From Coq Require Import ZArith QArith.
From ICL Require Import Replay Rules.
Import Order.TTheory GRing.Theory Num.Theory.
Close Scope Q_scope. Delimit Scope N_scope with num. Delimit Scope nat_scope with N. Delimit Scope Z_scope with ZZ.
Local Open Scope ring_scope."""


class Exported(NamedTuple):
    """A proof: its name, the name and the text of its file, and its class. The text is empty where it has no file."""

    name: str
    file: str
    text: str
    number: int  # of the class
    reason: str  # why it has no file
    premises: tuple[Premise, ...] = ()


def library() -> dict[str, str]:
    """The files that every theorem needs, in the order in which they are compiled."""
    return {name: files(__package__).joinpath(name).read_text("utf-8") for name in LIBRARY}


def exported(
    document: Mapping[str, Any], source: str, names: Mapping[str, str] | None = None
) -> Iterator[Exported]:
    """Every proof of a document, in its order.

    source  what the document states, for the headers
    names   of proofs that the document calls by digests
    """
    for row in document["proofs"]:
        name = (names or {}).get(row["name"], str(row["name"]))
        file = "claim_" + re.sub(r"\W+", "_", name, flags=re.ASCII) + ".v"
        try:
            found = Theorem(document, row)
            text = _text(found, name, source)
        except Unexported as error:
            yield Exported(name, file, "", UNEXPORTED, str(error))
            continue
        yield Exported(name, file, text, _class(found), "", tuple(found.premises.values()))


def _class(found: Theorem) -> int:
    if found.rules:
        return CONDITIONAL
    if found.evaluated:
        return EVALUATES
    return HYPOTHESES if found.row["supposes"] else UNCONDITIONAL


def _text(found: Theorem, name: str, source: str) -> str:
    head = [f"{name}, of {source}.", f"Class: {CLASSES[_class(found)]}."]
    supposed = found.row["supposes"]
    head.append(
        "It supposes: " + "; ".join(supposed) + "."
        if supposed
        else "It supposes nothing beyond what its letters are."
    )
    head += [f"Taken by the rule {rule}, not proved here: {RULES[rule]}." for rule in found.rules]
    if found.evaluated:
        words = " and ".join(EVALUATED[by] for by in found.evaluated)
        head.append(
            f"Before this file was written, {words} in the statement were evaluated; Rocq sees the result alone."
        )
    comments = "\n   ".join(map(comment, head))
    return "\n".join(
        [
            f"(* {comments} *)",
            IMPORTS,
            "Section Claim.",
            *found.lines(),
            "End Claim.",
            "Print Assumptions claim.",
            "",
        ]
    )
