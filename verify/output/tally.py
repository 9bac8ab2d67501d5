"""How many statements got which verdict, in a sentence: one wording for headline, list, status page and console."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, get_args

from verify.output.phrases import counted
from verify.vocabulary import PROVED, REFUTATIONS, VERDICTS, Form, Refutation, Strength, Verdict

NOUNS: dict[Form, str] = {
    "printed": "printed statement", "repaired": "repair", "ours": "own statement", "stated": "statement",
}  # fmt: skip
VERBS: dict[Verdict, tuple[str, str]] = {
    "holds": ("holds", "hold"), "not refuted": ("is not refuted", "are not refuted"), "fails": ("fails", "fail"),
    "undecided": ("is undecided", "are undecided"), "vacuous": ("is vacuous", "are vacuous"),
    "definition": ("is a definition", "are definitions"), "assumption": ("is an assumption", "are assumptions"),
}  # fmt: skip


class Told(Protocol):
    """The fields of a row that a summary sentence needs."""

    @property
    def id(self) -> str: ...
    @property
    def form(self) -> Form: ...
    @property
    def source(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def strength(self) -> Strength | None: ...
    @property
    def refutation(self) -> Refutation | None: ...
    @property
    def main(self) -> bool: ...


def sentences(claims: Sequence[Told]) -> str:
    """A sentence for each form that there is: its number of statements, and how many got each verdict."""
    told = []
    for form in get_args(Form):
        chosen = [claim for claim in claims if claim.form == form]
        if chosen:
            told.append(f"{counted(len(chosen), NOUNS[form])}: {verdicts(chosen)}.")
    return " ".join(told)


def verdicts(claims: Sequence[Told]) -> str:
    """How many hold, fail and so on, each with how well it is known."""
    parts = []
    for verdict in VERDICTS:
        chosen = [claim for claim in claims if claim.verdict == verdict]
        if chosen:
            known = _known(verdict, chosen)
            parts.append(f"{len(chosen)} {VERBS[verdict][len(chosen) != 1]}{f' ({known})' if known else ''}")
    return ", ".join(parts)


def _known(verdict: Verdict, claims: Sequence[Told]) -> str:
    if verdict == "holds":
        found = Counter[str | None](claim.strength for claim in claims)
        return ", ".join(f"{found[word]} {word}" for word in PROVED if found[word])
    if verdict == "fails":
        found = Counter[str | None](claim.refutation for claim in claims)
        words = {"exact witness": "by an exact witness"}
        return ", ".join(f"{found[word]} {words.get(word, word)}" for word in REFUTATIONS if found[word])
    if verdict == "not refuted":
        main = [claim.source.split(",")[0] for claim in claims if claim.main and claim.form == "printed"]
        among = f", {' and '.join(main)} among them" if main else ""
        return f"not proved, and not broken wherever tried{among}"
    return ""
