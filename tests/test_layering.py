"""Who may import whom: read off every file, and watched in a fresh interpreter."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from verify.theories.named import shipped
from verify.theories.shipped import SHIPPED as SHIPPED_THEORIES

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("verify", "symbolic", "numeric", "reports")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imports(source: str, module: str) -> Iterator[str]:
    """Full names of what the source of `module` imports, wherever the statement stands: import, from, relative."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__"):
                yield str(node.args[0].value)


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def wing(module: str) -> str | None:
    """The symbolic or the numeric folder of a theory that a module stands in: it imports that folder and the engine of that name."""
    parts = module.split(".")
    inside = len(parts) > 4 and parts[:2] == ["verify", "theories"] and parts[3] in ("symbolic", "numeric")
    return ".".join(parts[:4]) if inside else None


SHIPPED = (
    "verify.theories.shipped",
    "verify.theories.named",
    "verify.theories.api",
)  # the theories by name
LEAVES = ("verify.vocabulary", "verify.migrate")  # the record stands alone with these two: it loads anywhere


def broken(module: str, source: str) -> list[str]:
    """What this module imports of ours and may not."""
    found = []
    room = module.split(".")[0]
    for target in imports(source, module):
        to = target.split(".")[0]
        if to not in ROOMS or (
            to == room and wing(module) is None and not target.startswith("verify.theories.")
        ):
            leaf = module in LEAVES or (
                module.startswith("verify.record")
                and not target.startswith(("verify.record", *LEAVES, "verify.commands.console"))
            )
            allowed = to not in ROOMS or not leaf
        elif target == "numeric.errors.InputError":
            allowed = room == "verify"  # even the record raises it; the file imports nothing
        elif room in ("symbolic", "numeric"):
            allowed = False  # the engine knows neither a theory nor the other side of the wall
        elif (side := wing(module)) is not None:
            allowed = to == side.split(".")[-1] or target.startswith(f"{side}.")
        elif room == "reports":
            allowed = target.startswith(("verify.record", "verify.vocabulary"))
        elif target.startswith("verify.theories.") and not module.startswith("verify.theories."):
            allowed = target.startswith(SHIPPED)  # what no theory owns knows none
        else:
            allowed = to != "reports" or module == "verify.commands.shared"
        if not allowed:
            found.append(f"{module} imports {target}")
    return found


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_stay_in_their_rooms(path: Path) -> None:
    assert broken(name(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("symbolic.proof", "import numeric.loss"),
        ("symbolic.proof", "import verify.theories.yang2024.numeric.loss"),
        ("symbolic.proof", "def f():\n    from verify.theories.yang2024.binding import small_points"),
        ("verify.theories.yang2024.numeric.loss", "from symbolic import derive"),
        (
            "verify.theories.yang2024.numeric.loss",
            "from importlib import import_module\nimport_module('verify.record')",
        ),
        ("verify.theories.yang2024.numeric.loss", "from verify.theories.yang2024.symbolic import letters"),
        ("verify.theories.yang2024.symbolic.letters", "from numeric import balls"),
        ("verify.mutants.run", "from verify.theories.yang2024.laboratory import Laboratory"),
        ("verify.own.check", "from verify.theories.yang2024 import setting"),
        ("reports.page", "import numeric"),
        ("reports.page", "from verify import run"),
        ("reports.page", "from verify.statement import Claim"),
        ("verify.run", "from reports import render"),
        ("verify.record", "from verify.statement import Claim"),
        ("verify.record", "from .claim import Claim"),
        ("verify.migrate", "from verify.record import Record"),
    ],
)
def test_a_wrong_import_is_seen(module: str, source: str) -> None:
    assert len(broken(module, source)) == 1


NOT_OF_A_THEORY = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*")
    if path.suffix in (".py", ".json", ".html", ".css") and "theories" not in path.parts
)


@pytest.fixture(scope="module")
def names() -> re.Pattern[str]:
    """The folders of the theories that ship, and the ids of their claims and assumptions that are no ordinary words."""
    found = set(SHIPPED_THEORIES)
    for theory in SHIPPED_THEORIES:
        stated = shipped(theory).theory
        found |= {*stated.names(), *(assumption.id for assumption in stated.assumptions)}
    ids = [re.escape(name) for name in sorted(found) if re.search(r"\d", name)]
    return re.compile(rf"(?<![\w.-])({'|'.join(ids)})(?![\w-])")


def test_the_engine_names_no_claim_and_no_folder_of_a_theory(names: re.Pattern[str]) -> None:
    told = {
        f"{path.relative_to(ROOT)}: {match}"
        for path in NOT_OF_A_THEORY
        for match in names.findall(path.read_text(encoding="utf-8"))
    }
    assert told == set()


@pytest.mark.parametrize(
    "line", ['if claim.id == "theorem-1":', "# see eq-33", "THEORY = 'yang2024'", "the bound of (A2)."]
)
def test_a_name_of_a_theory_is_seen(names: re.Pattern[str], line: str) -> None:
    assert names.search(line) is not None
    assert names.search("the model of http://www.w3.org, lemma-500") is None


HEAVY = ("torch", "sympy", "numeric", "symbolic", "reports", "flint", "sklearn")


def fresh(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("first", "absent"),
    [
        ("import verify", HEAVY),
        ("import verify.record", HEAVY),
        ("import verify; verify.Record", HEAVY),
        ("import reports", ("torch", "sympy", "numeric", "symbolic", "flint", "sklearn")),
        (
            "import verify.theories.yang2024.symbolic.derivation",
            ("torch", "numeric", "reports", "sklearn"),
        ),
        (
            "import verify.commands.replay",
            ("torch", "scipy", "sklearn", "matplotlib", "reports"),
        ),  # a replay takes a second
        (
            "import verify.theories.yang2024.numeric.instance",
            ("torch", "sympy", "symbolic", "reports", "flint", "sklearn"),
        ),
        (
            "import verify.theories.zhang2024.numeric.flow",
            ("torch", "sympy", "symbolic", "reports", "scipy", "sklearn"),
        ),
    ],
)
def test_what_an_import_leaves_out(first: str, absent: tuple[str, ...]) -> None:
    code = f"import sys\n{first}\nprint(*sorted(set({absent!r}) & set(sys.modules)))"
    done = fresh(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ImportError(name + ' is blocked')
sys.meta_path.insert(0, Blocked())
"""


@pytest.mark.slow
def test_the_derivation_needs_no_claims() -> None:
    """The same lines with verify, numeric and reports out of reach as with every claim loaded first."""
    lines = """
from symbolic.printing import latex, to_sympy
from verify.theories.yang2024.symbolic.derivation import steps
from verify.theories.yang2024.symbolic.letters import LANGUAGE
print(*((s.id, s.left, latex(to_sympy(s.right, LANGUAGE), LANGUAGE), s.by) for s in steps()), sep='\\n')
"""
    alone = fresh(BLOCK.format(blocked=("numeric", "reports", "torch")) + lines)
    beside = fresh("import verify.theories.yang2024.theory\n" + lines)
    assert alone.returncode == 0, alone.stderr
    assert beside.returncode == 0, beside.stderr
    assert alone.stdout == beside.stdout
    assert len(alone.stdout.splitlines()) >= 15
