"""One thread for each worker: at the sizes of the tests a second one only gets in the way. Compiled files are kept beside the cache of
pytest where they are kept nowhere else: the suite starts more than a hundred processes, and each would compile every module anew.

Of a test with the marker `sampled(n)`, every n-th case, beginning with the first, is a fast test, or a slow one where the test is marked
`slow`. The other cases, marked `whole`, are run by `make test-whole` alone.
"""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    folder = Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode"
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(folder)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen: Counter[str] = Counter()
    for item in items:
        if (sampled := item.get_closest_marker("sampled")) is not None:
            test = item.nodeid.partition("[")[0]
            if seen[test] % sampled.args[0]:
                item.add_marker(pytest.mark.whole)
            seen[test] += 1
