"""The names that the first theory adds to the public ones of `verify`; imported by type checkers alone."""

from verify.theories.yang2024.family.sweep import sweep as sweep
from verify.theories.yang2024.job import Interrupted as Interrupted
from verify.theories.yang2024.job import check_assumptions as check_assumptions
from verify.theories.yang2024.job import run as run
from verify.theories.yang2024.numeric.instance import Instance as Instance
from verify.theories.yang2024.options import Options as Options
from verify.theories.yang2024.options import load as load
