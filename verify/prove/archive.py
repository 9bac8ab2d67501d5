"""All proofs of a theory as data: what `proofs.json` holds, and its check by the second replayer from the file alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from numeric.errors import InputError
from symbolic.bound import NotFound
from symbolic.double import Row, document, recording
from symbolic.ledger import text
from symbolic.second import replay
from symbolic.second.__main__ import report
from verify.prove.identity import as_written
from verify.prove.premises import checked_twice
from verify.sides import read
from verify.statement import Claim, Identity, Proving, Theory

if TYPE_CHECKING:
    from verify.theories.named import NamedTheory


def proofs(theory: Theory) -> Iterator[Row]:
    """Every proof that both checkers accept, claim by claim: formal statements, what its checks prove, improvements."""
    for claim in theory.claims:
        for statement in claim.formal() if claim.formal else ():
            with suppress(
                NotFound
            ):  # a search checks proofs of other statements too, which are none of this claim
                _ = statement.proof and statement.proof()
        with recording() as found:
            _prove(claim)
        once: list[Row] = []
        for row in found:
            if not any(row[1:] == other[1:] for other in once):
                once.append(row)
        for number, (_, lhs, rhs, why, axes) in enumerate(once, start=1):
            yield f"{claim.id} {claim.form} {number}", lhs, rhs, why, axes


def _prove(claim: Claim) -> None:
    for statement in claim.formal() if claim.formal else ():
        sides = read(statement)
        both = as_written(statement, sides.lhs, sides.rhs)
        if isinstance(statement, Identity):
            checked_twice(statement.setting, *both, statement.proof())
        elif statement.proof is not None:
            with suppress(NotFound):  # where none was found
                checked_twice(statement.setting, *both, statement.proof(), sides.axes)
    for check in claim.checks:
        if isinstance(check, Proving):
            check.prove()
    tuple(claim.improvements() if claim.improvements else ())


def written(theory: Theory) -> str:
    """The text of `proofs.json`."""
    return text(document(proofs(theory), theory.premises))


def registered(theory: Theory) -> str:
    """The text of `premises.json`: what the proofs of the theory may take without proof."""
    return text(theory.premises.data)


def command(named: NamedTheory, check: str | None, write: str | None) -> int:
    """`icl-verify proofs`: 0 if the second replayer accepts all, and a file to be compared is the same.

    The file is `check`, or the one that comes with the theory where neither `check` nor `write` is given, if there is one.
    """
    stated = named.theory
    if check is None and write is None and named.package:
        check = str(named.data("proofs.json"))
    given = None if check is None else _read(Path(check))
    content = written(stated)
    registry = stated.premises.second
    results = replay(json.loads(content if given is None else given), registry=registry)
    print(*report(results, registry), sep="\n")
    refused = sum(bool(found.reason) for found in results)
    if write is not None:
        _write(Path(write), content)
        _write(Path(write).with_name("premises.json"), registered(stated))
    if given is not None and (lines := difference(given, content)):
        print(
            f"{check} is not what the theory proves now:",
            *lines,
            f"next: icl-verify proofs --write {check}",
            sep="\n",
        )
        return 1
    return int(refused > 0 or not results)


def difference(given: str, content: str) -> list[str]:
    """The first lines in which a file differs from what it should be, shortened."""
    lines = unified_diff(given.splitlines(), content.splitlines(), "file", "now", lineterm="", n=0)
    return [line if len(line) <= 120 else line[:117] + "..." for line in islice(lines, 12)]


def _read(path: Path) -> str:
    remedy = "leave out --check for the file that comes with the program"
    try:
        found = path.read_text(encoding="utf-8")
        tables = json.loads(found)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no JSON"
        raise InputError("--check", path, f"a file of proofs ({reason})", remedy) from error
    if not (
        isinstance(tables, dict) and {"tensors", "axioms", "declarations", "facts", "proofs"} <= tables.keys()
    ):
        raise InputError("--check", path, "a file of proofs (it has no table of proofs)", remedy)
    return found


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        needed = f"a file that can be written ({error.strerror})"
        raise InputError("--write", path, needed, "choose another name") from error
