"""icl-verify: is this theorem of in-context learning true, how tight is it, and does my transformer really do that?

>>> import verify
>>> instance = verify.load()                        # the default: handwritten digits
>>> verify.check_assumptions(instance)[0].verdict
'holds'

`verify.run(instance)` gives the whole Record; `verify.Record.load(path)` reads one back. Input that is wrong raises
`verify.InputError`, Ctrl-C during a run `verify.Interrupted`, which has the partial record.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.theories.shipped import API, DRAWN

if TYPE_CHECKING:
    from numeric.errors import InputError
    from verify.commands.replay import replay
    from verify.conformance.suite import check_model, parametrize_checks
    from verify.own.arrays import array
    from verify.own.check import check
    from verify.own.setting import Setting
    from verify.own.terms import total
    from verify.probing.run import probe
    from verify.record import Record
    from verify.strategies.tested import property_test
    from verify.theories.api import Instance, Interrupted, Options, check_assumptions, load, run, sweep

_HOME = API | {
    "InputError": "numeric.errors",
    "Record": "verify.record",
    "Setting": "verify.own.setting",
    "array": "verify.own.arrays",
    "check": "verify.own.check",
    "check_model": "verify.conformance.suite",
    "parametrize_checks": "verify.conformance.suite",
    "probe": "verify.probing.run",
    "property_test": "verify.strategies.tested",
    "replay": "verify.commands.replay",
    "total": "verify.own.terms",
}

__all__ = [
    "InputError",
    "Instance",
    "Interrupted",
    "Options",
    "Record",
    "Setting",
    "array",
    "check",
    "check_assumptions",
    "check_model",
    "load",
    "parametrize_checks",
    "probe",
    "property_test",
    "replay",
    "run",
    "sweep",
    "total",
]


def __getattr__(name: str) -> Any:
    """Import on first use, so that reading a record needs neither torch nor sympy."""
    if name not in _HOME:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    if (shadow := shadowed()) is not None:
        raise ImportError(shadow)
    found = getattr(import_module(_HOME[name]), name)
    if name in DRAWN and "hypothesis" in sys.modules:
        _register(name, found)
    return found


def _register(name: str, drawn: type) -> None:
    """Has `st.from_type` draw this class, by a strategy that is imported when a value is drawn."""
    from hypothesis import strategies as st

    home, strategy = DRAWN[name]
    st.register_type_strategy(drawn, st.deferred(lambda: getattr(import_module(home), strategy)()))


def __dir__() -> list[str]:
    return sorted(__all__)


def shadowed() -> str | None:
    """What stands in the place of a package of ours, in one line; the names numeric, symbolic and reports are generic."""
    home = Path(__file__).resolve().parent.parent
    for name in ("symbolic", "numeric", "reports"):
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):  # out of reach, which is said where it is needed
            continue
        found = None if spec is None or spec.origin is None else Path(spec.origin).resolve()
        if found == home / name / "__init__.py":
            continue
        shown = "not found" if found is None else found.parent if found.name == "__init__.py" else found
        remedy = "rename it or run from another folder; where it is installed, give icl-verify an environment of its own"
        return f"package {name} = {shown}: needs {home / name}, whose name it has; {remedy}"
    return None
