"""How a run over false variants is told: a table on the terminal, and docs/mutants.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from numeric.errors import InputError
from verify.commands.console import progress_bar
from verify.mutants.edits import OPERATORS
from verify.mutants.examine import PART_SAID
from verify.mutants.mutant import KINDS, Mutant, Outcome, Row
from verify.mutants.run import DEMANDED, LEAST, STRICT, Progress, Run
from verify.pipeline.folder import writable

Mutating = Callable[[int, Sequence[str], Progress], Run]


def command(
    mutated: Mutating, seed: int, only: Sequence[str], json_file: str | None, markdown_file: str | None
) -> int:
    """`icl-verify mutants`: runs, prints, writes what is asked for; 1 where something is not as it should be."""
    for option, name in (("--json", json_file), ("--markdown", markdown_file)):
        if name is not None:
            writable(option, Path(name).parent)
    with progress_bar() as progress:
        found = mutated(seed, only, progress)
    return told(found, json_file, markdown_file)


FALSE: tuple[Outcome, ...] = ("refuted", "not told apart", "undecided")
HEADINGS = ("variants", *FALSE)


def _counts(mutants: Sequence[Mutant]) -> list[int]:
    return [
        sum(m.counted for m in mutants),
        *(sum(m.outcome == outcome for m in mutants) for outcome in FALSE),
    ]


def by_kind(found: Run) -> list[tuple[str, list[int]]]:
    return [(kind, _counts([m for m in found.mutants if m.kind == kind])) for kind in KINDS]


def by_operator(found: Run) -> list[tuple[str, list[int]]]:
    names = (*OPERATORS, "other")
    return [(name, _counts([m for m in found.mutants if m.operator == name])) for name in names]


def summary(found: Run) -> str:
    """One sentence on all of it."""
    false, strict = found.count(*FALSE), found.rate(STRICT)
    of_strict = (
        ""
        if strict is None
        else f" {strict:.1%} of those of identities and attained inequalities are refuted."
    )
    refuted = sum(bool(row.refuted) for row in found.rows)
    return (
        f"{len(found.rows)} true claims, {refuted} of them refuted; {false} false variants: {found.count('refuted')} refuted, "
        f"{found.count('not told apart')} not told apart from their statement, with a "
        f"measured slack, {found.count('undecided')} undecided.{of_strict} "
        f"{found.count('true')} more variants turned out to be true, each with a proof, and do not count."
    )


def text(found: Run) -> str:
    """Tables, and the variants that are not told apart, for the terminal."""
    lines: list[str] = []
    for title, rows in (("operator", by_operator(found)), ("kind of claim", by_kind(found))):
        lines += [f"{title:<24}" + "".join(f"{heading:>15}" for heading in HEADINGS)]
        lines += [
            f"{name:<24}" + "".join(f"{count:>15}" for count in counts) for name, counts in rows if counts[0]
        ]
        lines.append("")
    untold = list(_untold(found))
    if untold:
        lines += ["Not told apart, and the slack that explains each:", *(f"  {line}" for line in untold), ""]
    return "\n".join([*lines, *(f"NOT AS IT SHOULD BE: {line}" for line in found.complaints), summary(found)])


def _untold(found: Run) -> Iterator[str]:
    for row in found.rows:
        for m in row.mutants:
            if m.outcome == "not told apart":
                yield f"{row.id}, {row.form}: {m.operator}, {short(m)}; {slack(m)}"


def short(mutant: Mutant, width: int = 110) -> str:
    """What was changed, no longer than a line."""
    where = f"{mutant.side} of statement {mutant.statement}: " if mutant.statement else ""
    old, arrow, new = mutant.change.partition(" → ")
    half = width // 2
    parts = [part if len(part) <= half else f"{part[: half - 1]}…" for part in (old, new)]
    return where + arrow.join(parts).strip()


def slack(mutant: Mutant) -> str:
    """How far the variant stays from failing, as far as was seen."""
    if mutant.ratio is None:
        return "not measured"
    own = "" if mutant.closest is None else f", {mutant.closest:.4g} for the statement itself"
    if mutant.said.startswith(PART_SAID):
        own += f". {mutant.said.partition('. ')[0]}"
    return f"left/right at most {mutant.ratio:.4g}{own}"


INTRODUCTION = """# The checkers are checked

Written by `make mutants` (`icl-verify mutants --markdown docs/mutants.md`); `tests/verify/test_mutants.py` holds it to the claims.

Every claim that is said to hold is run once more, and so are false variants of it: one change of the statement by an operator
(`verify/mutants/edits.py`), sampled by the seed, through the same checks as the claim itself. A variant of an inequality counts only if
it says more: at {points} random points of its domain its right side is no larger and its left side no smaller, and somewhere
one of them differs. Loosening is no variant. Claims without a formal statement offer variants of what their checks compare.

- **refuted**: a check refutes it, for statements with an exact or a ball-arithmetic counterexample.
- **not told apart**: no check refutes it, and the closest left/right that is found for it stays below 1, or it takes but a part of what
  its statement leaves between left and right: the bound has slack, and the slack is measured (sizes up to 4).
- **undecided**: neither. The run fails.
- **true** (not counted): it is proved all the same: another way to write the statement, or a sharper bound.

An inequality is *attained* where its sides come within 1e-6 of each other at a point where both are positive, confirmed in balls.
"""


def markdown(found: Run) -> str:
    """docs/mutants.md: seed, budgets, counts, variants that are not told apart. No times, so that the same code writes the same page."""
    from verify.mutants.stronger import DRAWS, SHAPES
    from verify.search.search import BUDGETS, FAST

    full = BUDGETS["full"][-1]
    budgets = (
        f"Seed {found.seed}; variants are drawn for each claim until {found.per_claim} are false or there are no more; {LEAST} are needed. "
        f"Exact points as for every inequality. Search: {FAST.draws} points at each of {FAST.looked} tuples of sizes and climbs of "
        f"{FAST.steps} steps; where that leaves a variant open that comes close, {full.draws} points at each of {full.looked} and climbs "
        f"of {full.steps} steps at {full.climbed}."
    )
    demand = (
        f"At least {DEMANDED:.0%} of the variants of identities and attained inequalities must be refuted, all others explained, and no "
        "true claim refuted."
    )
    lines = [INTRODUCTION.format(points=SHAPES * DRAWS), budgets, "", summary(found), ""]
    for title, rows in (("operator", by_operator(found)), ("kind of claim", by_kind(found))):
        lines += [f"| {title} | {' | '.join(HEADINGS)} |", f"| --- |{' ---: |' * len(HEADINGS)}"]
        lines += [f"| {name} | {' | '.join(map(str, counts))} |" for name, counts in rows if counts[0]]
        lines.append("")
    lines += [
        demand,
        "",
        "## Variants that are not told apart",
        "",
        *(f"- {_plain(line)}" for line in _untold(found)),
        "",
        "## Claims",
        "",
    ]
    lines += [
        f"| claim | form | kind | {' | '.join(HEADINGS)} | true |",
        f"| --- | --- | --- |{' ---: |' * 5}",
    ]
    lines += [_row(row) for row in found.rows]
    return "\n".join(lines) + "\n"


def _plain(line: str) -> str:
    """The line without Markdown's own meaning of its signs."""
    for sign in "|*_<":
        line = line.replace(sign, f"\\{sign}")
    return line


def _row(row: Row) -> str:
    kinds = ", ".join(kind for kind in KINDS if any(m.kind == kind for m in row.mutants))
    counts = [*_counts(row.mutants), row.count("true")]
    return f"| {row.id} | {row.form} | {kinds} | {' | '.join(map(str, counts))} |"


def told(found: Run, json_file: str | None, markdown_file: str | None) -> int:
    """Prints a run and writes what is asked for; 1 where something is not as it should be."""
    print(text(found))
    if json_file is not None:
        _write("--json", json_file, json.dumps(found.data(), indent=1, ensure_ascii=False) + "\n")
    if markdown_file is not None:
        _write("--markdown", markdown_file, markdown(found))
    return 1 if found.complaints else 0


def _write(option: str, name: str, content: str) -> None:
    try:
        Path(name).write_text(content, encoding="utf-8")
    except OSError as error:
        needed = f"a file that can be written ({error.strerror})"
        raise InputError(option, name, needed, "name another") from error
