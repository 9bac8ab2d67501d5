"""Sessions of pytest inside a test: with the plugin and no other, and with everything imported beforehand that a check imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from verify import Setting, check, total
from verify.testing import plugin

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def imported() -> str:
    """A session inside this one forgets what it imports, and torch cannot be imported twice: a check that searches imports all of it."""
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


def run(pytester: pytest.Pytester, *words: str) -> pytest.RunResult:
    """A session in this process, with these words of its command line."""
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-W", "default", *words, plugins=[plugin])
