"""Without torch: statements of one's own are judged, the search says that it climbed without gradients, and a run asks for torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKED = """
import sys
from importlib.abc import MetaPathFinder

class Blocked(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ImportError("torch cannot be imported here")

sys.meta_path.insert(0, Blocked())
"""
CHECKED = """
import json
from verify import Setting, check, total

S = Setting("without torch")
p = S.dims("p")
i, k = p.index("i"), p.index("k")
u, v = S.letters(u=p, v=p)
P = S.letters(P=(p, p), kind="positive definite")
I = S.inverse("I", P[i, k], i, k)
s = S.softmax("s", u[i], i, over=i)
R = S.root("R", P[i, k], i, k)
S.identity("a softmax sums to one", total(s[i], i), 1)
t = S.softmax("t", v[i], i, over=i)
S.inequality("Lipschitz", total((s[i] - t[i]) ** 2, i), total((u[i] - v[i]) ** 2, i) / 4)
S.inequality("a sharp corner", total(u[i] * v[i], i), total(u[i] ** 2, i) / 4 + total(v[i] ** 2, i) * 99 / 100)
S.inequality("an inverse", total(I[i, i], i), total(P[i, i], i))
S.inequality("a root", total(R[i, i], i), total(P[i, i], i) + p.size / 5)
S.inequality("a share", total(s[i] ** 2, i), total(s[i] ** 4, i) * 3 / 2)
record = check(S)
said = {row.id: [row.verdict, [one.statement for one in row.evidence if one.check == "search"]] for row in record.claims}
print(json.dumps([said, record.provenance.packages.get("torch"), sorted(name for name in sys.modules if name.startswith("torch"))]))
"""
RUN = """
import verify
from verify.cli import main
try:
    verify.run(verify.load())
except verify.InputError as error:
    print(error)
print(main(["run", "--out", sys.argv[1]]), main(["tightness", "--out", sys.argv[1]]), main(["sweep", "--out", sys.argv[1]]))
"""
NEEDED = 'torch = not installed: needs torch for training; pip install "icl-verify[torch]"'


def without_torch(lines: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BLOCKED + lines, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


@pytest.mark.slow
def test_statements_are_judged() -> None:
    said, _, loaded = json.loads(without_torch(CHECKED).stdout.splitlines()[-1])
    assert loaded == []
    verdicts = {name: verdict for name, (verdict, _) in said.items()}
    assert verdicts == {
        "a softmax sums to one": "holds", "Lipschitz": "holds", "a sharp corner": "fails", "an inverse": "fails",
        "a root": "fails", "a share": "fails",
    }  # fmt: skip
    (searched,) = said["Lipschitz"][1]
    assert "The search climbed without gradients, since torch is not installed." in searched


@pytest.mark.slow
def test_a_run_asks_for_torch_in_one_line(tmp_path: Path) -> None:
    ended = without_torch(RUN, str(tmp_path / "out"))
    assert ended.stdout.splitlines() == [NEEDED, "2 2 2"]
    assert ended.stderr.splitlines() == [f"icl-verify: {NEEDED}"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("room", ["own", "points", "prove", "search"])
def test_methods_import_no_torch(room: str) -> None:
    """Not even when they are imported: the names of torch are looked up where slopes are worked out."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "verify" / room).glob("*.py"))
    ]
    assert len(modules) > 3
    without_torch("".join(f"import {module.removesuffix('.__init__')}\n" for module in modules))
