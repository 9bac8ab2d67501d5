"""The setting of the paper with its statements, in the order of the paper."""

from __future__ import annotations

from verify.theories.zhang2024.claims import (
    algebra,
    descent,
    dynamics,
    errors,
    minimum,
    prediction,
    prompt,
    tasks,
)
from verify.theories.zhang2024.setting import S

for subject in (prompt, dynamics, minimum, descent, prediction, errors, tasks, algebra):
    subject.state()

SETTING = S
