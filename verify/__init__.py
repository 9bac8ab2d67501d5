"""icl-verify: is this theorem of in-context learning true, how tight is it, and does my transformer really do that?

>>> import verify
>>> instance = verify.load()                        # the default: handwritten digits
>>> verify.check_assumptions(instance)[0].verdict
'holds'

`verify.run(instance)` gives the whole Record; `verify.Record.load(path)` reads one back.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numeric.instance import Instance
    from verify.config import Options, load
    from verify.family.sweep import sweep
    from verify.job import check_assumptions, run
    from verify.record import Record
    from verify.witness import replay

_HOME = {
    "Instance": "numeric.instance", "Options": "verify.config", "Record": "verify.record",
    "check_assumptions": "verify.job", "load": "verify.config", "replay": "verify.witness", "run": "verify.job",
    "sweep": "verify.family.sweep",
}  # fmt: skip

__all__ = ["Instance", "Options", "Record", "check_assumptions", "load", "replay", "run", "sweep"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that reading a record needs neither torch nor sympy."""
    if name not in _HOME:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
