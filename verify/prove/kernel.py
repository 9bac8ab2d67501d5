"""Proofs of theories before the kernel of Rocq: files are written, compiled, and counted by class.

`python -m verify.prove.kernel DIR [PAGE]` does so for the shipped theories that have proofs; PAGE is docs/kernel.md. The exit code is 1
where Rocq refuses a file, 2 where there is no Rocq, which is said and is no pass.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symbolic.rocq.files import CLASSES, LIBRARY, UNEXPORTED, Exported, exported, library

if TYPE_CHECKING:
    from verify.theories.named import NamedTheory

CLOSED = "Closed under the global context"
PATIENCE = 300.0  # seconds for a file
MISSING = "not checked: coqc is not installed; Debian has it in coq, libcoq-mathcomp-algebra and libcoq-mathcomp-real-closed"


def documents(named: NamedTheory) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, str]]]:
    """What a theory states, its proofs as data, and the names of its proofs where the data have digests."""
    if named.package:
        yield named.title, json.loads(named.data("proofs.json").read_text("utf-8")), {}
        return
    from verify.own import stored
    from verify.own.setting import Setting
    from verify.own.theory import keyed

    found = stored.place(named.file, [named.stated], update="") if named.file else None
    if found is not None and isinstance(named.stated, Setting):
        for title, document in stored.read(found).items():
            if title == named.stated.name:
                yield title, document, keyed(named.stated)


def of(named: NamedTheory) -> list[Exported]:
    """Every proof of a theory, as a file for Rocq where it has one."""
    return [one for title, document, names in documents(named) for one in exported(document, title, names)]


def write(folder: Path, found: Sequence[Exported]) -> None:
    """The library and the files, into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in library().items():
        (folder / name).write_text(text, encoding="utf-8")
    for one in found:
        if one.text:
            (folder / one.file).write_text(one.text, encoding="utf-8")


def refusal(folder: Path, file: str) -> str:
    """Why Rocq does not accept a file; empty where it does. A theorem must rest on no axiom of Rocq."""
    words = ["coqc", "-q", "-w", "none", "-R", ".", "ICL", file]
    try:
        done = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE:.0f} s"
    if done.returncode:
        return (done.stderr or done.stdout).strip()[-600:] or f"coqc ends with {done.returncode}"
    if file in LIBRARY:
        return ""
    return "" if done.stdout.strip() == CLOSED else f"it rests on axioms: {done.stdout.strip()[:600]}"


def counts(found: Sequence[Exported], refused: Mapping[str, str]) -> list[str]:
    """A line for each class: how many Rocq accepts, of how many."""
    every = Counter(one.number for one in found)
    accepted = Counter(one.number for one in found if one.file not in refused)
    lines = [
        f"{accepted[number]} of {every[number]} {name}"
        for number, name in enumerate(CLASSES)
        if number != UNEXPORTED
    ]
    reasons = Counter(one.reason for one in found if not one.text)
    return [
        *lines,
        f"{every[UNEXPORTED]} of {len(found)} {CLASSES[UNEXPORTED]}",
        *(f"  {number}: {reason}" for reason, number in reasons.most_common()),
    ]


def checked(folder: Path, found: Sequence[Exported]) -> dict[str, str]:
    """What Rocq refuses in the folder, by file, with the reason; each answer is printed. The library comes first."""
    refused: dict[str, str] = {}
    for file in (*LIBRARY, *(one.file for one in found if one.text)):
        if reason := refusal(folder, file):
            refused[file] = reason
            print(f"refused: {file}: {reason}", flush=True)
        if file in LIBRARY and reason:
            refused |= {one.file: f"{file} is refused" for one in found}
            break
    return refused


def page(answers: Sequence[tuple[str, Sequence[str]]]) -> str:
    """docs/kernel.md: the figures of each theory."""
    lines = [
        "# Checked by the kernel of Rocq",
        "",
        "`make kernel-check` writes this page. Each proof becomes a file for Rocq (Coq 8.16 with MathComp), whose theorem states the",
        "claim over big operators in every real closed field, for all sizes. `symbolic/rocq/Replay.v` proves the checker by which Rocq",
        "computes that two expressions are equal, `symbolic/rocq/Rules.v` the rules of proofs. The program that writes the files is",
        "trusted for the statement alone.",
        "",
        "Counted are files that coqc accepts and whose theorem is closed under the global context. A theorem of which a premise is the",
        "conclusion has no file.",
    ]
    for title, said in answers:
        lines += [
            "",
            f"## {title}",
            "",
            *(f"{'  - ' if line[0] == ' ' else '- '}{line.strip()}" for line in said),
        ]
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str]) -> int:
    """Write, compile and count the proofs of the shipped theories."""
    from verify.theories.named import shipped
    from verify.theories.shipped import SHIPPED

    if len(arguments) not in (1, 2):
        print("usage: python -m verify.prove.kernel DIR [PAGE]", file=sys.stderr)
        return 2
    if shutil.which("coqc") is None:
        print(MISSING)
        return 2
    answers, failed = [], False
    for name in SHIPPED:
        named = shipped(name)
        found = of(named)
        folder = Path(arguments[0]) / name
        write(folder, found)
        refused = checked(folder, found)
        failed |= bool(refused)
        answers.append((named.title, counts(found, refused)))
        print(named.title, *answers[-1][1], sep="\n", flush=True)
    if len(arguments) == 2:
        Path(arguments[1]).write_text(page(answers), encoding="utf-8")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
