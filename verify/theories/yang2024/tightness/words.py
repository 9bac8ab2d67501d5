"""What the studies of tightness say in words and cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from verify.record import Bars, Scalar
from verify.theories.yang2024.laboratory import big
from verify.theories.yang2024.tightness.chain import Link
from verify.theories.yang2024.tightness.factors import Chain, Factor
from verify.theories.yang2024.tightness.rates import Choice, Seen
from verify.theories.yang2024.tightness.slack import Slack

RATIO = "right side / left side"
NEAR = 1.01
ENDS = {
    "rate": "the observed rate is {} times the guaranteed one", "L": "L of (17) is {} times the largest curvature seen",
    "γ²": "γ² of (15) is {} times what (48) needs with the drift seen", "α": "α of (44) is {} times the largest |α_{{h,k}}| seen",
}  # fmt: skip


def lost(chains: Sequence[Chain]) -> str:
    """Each whole, with its largest factor."""
    told = []
    for one in chains:
        largest = most(one)
        told.append(
            ENDS[one.name].format(f"{power(one.whole):.3g}")
            + f" (most in {largest.name}: {power(largest.log10):.3g})"
        )
    text = "; ".join(told)
    return f"{text[:1].upper()}{text[1:]}."


def power(log10: float) -> float:
    """10 to this power; inf beyond the range of floats."""
    return float(10.0**log10) if log10 < 308 else math.inf


def row(name: str, link: Link, slack: Slack | None) -> list[Scalar]:
    if slack is None:
        return [name, link.id, None, None, None, 0]
    return [name, link.id, shown(slack.worst), slack.at, shown(slack.typical), slack.entries]


def number(value: float) -> float | None:
    """A cell; empty where there is no number."""
    return value if math.isfinite(value) else None


def shown(value: float) -> Scalar:
    return value if math.isfinite(value) else "∞"


def drawn(seen: Sequence[tuple[Link, Slack]]) -> list[tuple[str, float, float]]:
    return [(link.name, slack.worst, slack.typical) for link, slack in seen]


def bars(caption: str, rows: Sequence[tuple[str, Mapping[str, float]]], unit: str = RATIO) -> Bars:
    names = list(rows[0][1]) if rows else []
    values: dict[str, list[float | None]] = {
        name: [row[name] if math.isfinite(row[name]) and row[name] > 0 else None for _, row in rows]
        for name in names
    }
    return Bars(caption=caption, unit=unit, labels=[label for label, _ in rows], values=values)


def finding(
    seen: Sequence[tuple[Link, Slack]], wrong: Sequence[tuple[Link, Slack]], iterates: int, pairs: int
) -> str:
    if wrong:
        return f"Broken along this run: {', '.join(link.name for link, _ in wrong)}."
    about = [(link, slack) for link, slack in seen if math.isfinite(slack.worst) and link.claim.accepted]
    if not about:
        return "No inequality could be looked at."
    tight = [link.name for link, slack in about if slack.worst < NEAR]
    link, slack = max(about, key=lambda pair: pair[1].worst * (pair[0].where != "arrival"))
    return (
        f"None of {len(about)} inequalities is broken at {iterates} iterates and {pairs} pairs of neighbours. {len(tight)} come within 1 % "
        f"of equality; the loosest at its best is {link.name}, with {RATIO} = {slack.worst:.3g}."
    )


def most(one: Chain) -> Factor:
    return max(one.factors, key=lambda factor: factor.log10)


def steps(T: int | None) -> Scalar:
    return None if T is None else T if T < 10**7 else big(T)


def times(printed: int | None, T: int | None) -> Scalar:
    return printed / T if printed is not None and T else None


def held(margin: float, at: int) -> str:
    return f"holds, {margin:.2g} at t = {at}" if margin >= 0 else f"broken, {margin:.2g} at t = {at}"


def allowed(found: Sequence[tuple[Choice, Seen]]) -> str:
    (printed, _), *others = found
    if not others:
        return "The curvature was not looked at: the instance is too large for it."
    at_15, seen = others[0]
    text = f"With L as it was seen, η_Q could be {printed.L / at_15.L:.3g} times what (17) allows"
    if printed.T is not None and at_15.T:
        text += f", and T of (21) would be {steps(at_15.T)} in place of {steps(printed.T)}"
    text += f": {kept(seen)}."
    if len(others) == 1:
        return f"{text} No attention moved, so (48) needs no γ."
    at_48, seen_48 = others[-1]
    gain = at_48.guaranteed / at_15.guaranteed if at_15.guaranteed else math.nan
    text += f" With γ {printed.rates.gamma / at_48.rates.gamma:.3g} times smaller"
    text += (
        ", where (48) would be an equality if the drift went as its bound does," if len(others) == 2 else ","
    )
    text += f" the guarantee per step is {gain:.3g} times that, "
    rules = "so a smaller γ does not speed up the loss, it only lets Q move"
    text += rules if gain < 1.1 else "since Q rules L"
    return f"{text}: B_k drifts by {seen_48.drift:.2g} of what (48) allows, and {kept(seen_48)}."


def kept(seen: Seen) -> str:
    if seen.broke:
        return f"its run ended early ({seen.broke})"
    if seen.margin < 0:
        return f"a run of {seen.steps} steps breaks (18) at these rates, at t = {seen.at}"
    beyond = f", though η_Q‖∇²ℓ‖ comes to {seen.step:.4g} in it" if seen.step > 1 else ""
    return f"a run of {seen.steps} steps keeps (18) at these rates{beyond}"
