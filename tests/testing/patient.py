"""Settings of Hypothesis for the tests of this folder: the same examples in each run, none of which fails for its duration."""

from hypothesis import HealthCheck, settings

patient = settings(
    database=None, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
