"""Sessions of pytest inside a test: with the plugin and no other, and with everything imported beforehand that a check imports."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from verify import Setting, check, total
from verify.testing import plugin

ROOT = Path(__file__).resolve().parents[2]
LEMMAS = """
from verify import Setting, total

S = Setting("my note")
p = S.dims("p")
i = p.index("i")
u, v = S.letters(u=p, v=p)
S.identity("sum", total(u[i] + v[i], i), total(u[i], i) + total(v[i], i))
S.inequality(
    "no weights", total(u[i], i) ** 2, total(u[i] ** 2, i),
    expected="fails", reason="p is missing",
)
S.inequality("too sharp", total(u[i], i) ** 2, 2 * total(u[i] ** 2, i))
T = Setting("another note")
q = T.dims("q")
w = T.letters(w=q)
j = q.index("j")
T.identity("same", w[j], w[j], expected="fails")
"""
OPEN = """
from verify import Setting
S = Setting("scalars")
c = S.scalars("c")
p = S.dims("p")
S.inequality("mean", 2 * c, 1 + c ** 2)
S.inequality("nothing", c, 1, when=[c <= p.size - 1, p.size <= c])
"""


@pytest.fixture(scope="session")
def imported() -> str:
    """A session inside this one forgets what it imports, and torch and numpy cannot be imported twice: a check that searches imports all of
    it but the solvers of the finder, which are imported by name."""
    for solver in ("scipy.optimize", "clarabel"):
        import_module(solver)
    S = Setting("imported")
    p = S.dims("p")
    i, u = p.index("i"), S.letters(u=p)
    S.inequality("too sharp", total(u[i], i) ** 2, total(u[i] ** 2, i))
    return check(S).claims[0].verdict


@pytest.fixture
def alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, imported: str) -> pytest.Pytester:
    """An empty folder in which an inner pytest session loads no installed plugin and no settings of the outer session."""
    assert imported == "fails"
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    return pytester


@pytest.fixture
def lemmas(alone: pytest.Pytester) -> pytest.Pytester:
    """A folder with two theories."""
    alone.path.joinpath("lemmas.py").write_text(LEMMAS, encoding="utf-8")
    alone.path.joinpath("open.py").write_text(OPEN, encoding="utf-8")
    return alone


def run(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    """A session in this process, with these words of its command line."""
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "default", *words, plugins=[plugin])
