"""One thread for each worker: at the sizes of the tests a second one only gets in the way. Compiled files are kept beside the cache of
pytest where they are kept nowhere else: the suite starts more than a hundred processes, and each would compile every module anew."""

import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    folder = Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode"
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(folder)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
