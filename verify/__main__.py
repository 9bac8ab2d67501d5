"""python -m verify: the same as icl-verify."""

import sys

from verify.cli import main

sys.exit(main())
