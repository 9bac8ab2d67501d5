"""Whether trained weights fit much better under another convention than the paper's: Q transposed, scores scaled by √d, or w in the
memory order of its transpose. Files cannot tell; the gap can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from verify.record import Scalar, Table
from verify.theories.yang2024.numeric.gradient import softmax
from verify.theories.yang2024.numeric.instance import Instance
from verify.theories.yang2024.numeric.loss import Quadratic

if TYPE_CHECKING:
    from verify.theories.yang2024.weights import Weights

MUCH = 0.1  # of the gap as the weights are read: what is above is no better fit worth a word
EXPLAINED = 0.5  # of the gap of predicting zero: what is above fits nothing


@dataclass(frozen=True)
class Convention:
    """Another reading of the same weights, its remedy, and the gap 𝓛 − min_Â 𝓛 that it gives in float64."""

    name: str
    remedy: str
    gap: float


def better(instance: Instance, weights: Weights, quadratic: Quadratic, gap: float) -> list[Convention]:
    """The conventions under which the gap would be at most a tenth of `gap`, best first."""
    most = min(MUCH * gap, EXPLAINED * quadratic.gap(np.zeros((instance.N, instance.K))))
    with np.errstate(all="ignore"):
        found = [one for one in _others(instance, weights, quadratic) if one.gap <= most]
    return sorted(found, key=lambda one: one.gap)


def _others(instance: Instance, weights: Weights, quadratic: Quadratic) -> Iterator[Convention]:
    d, H, K = instance.d, instance.H, instance.K
    stored = weights.Q if weights.Q is not None else weights.Q_offset
    assert stored is not None
    start = 0.0 if weights.Q is not None else instance.scores0
    turned = np.ascontiguousarray(weights.w).reshape(K, H).T
    for transposed in (False, True):
        Q = stored.transpose(0, 2, 1) if transposed else stored
        moved = np.stack([instance.V.T @ one @ instance.tokens for one in Q])
        for scale, scaled, save in (
            (1.0, "", "Q"),
            (d**-0.5, " divided by √d", "Q / np.sqrt(d)"),
            (d**0.5, " times √d", "Q * np.sqrt(d)"),
        ):
            s = softmax(start + scale * moved)
            for w, of_w in ((weights.w, ""), (turned, "w read in the memory order of its transpose")):
                of_Q = f"Q{' transposed' if transposed else ''}{scaled}" if transposed or scaled else ""
                if not of_Q and not of_w:
                    continue
                saved = save.replace("Q", "Q.transpose(0, 2, 1)") if transposed else save
                remedy = [f"Q=np.ascontiguousarray({saved})"] if of_Q else []
                remedy += ["w=np.ascontiguousarray(w)"] if of_w else []
                yield Convention(
                    " and ".join(part for part in (of_Q, of_w) if part), ", ".join(remedy),
                    quadratic.gap(np.einsum("hnk,hk->nk", s, w)),
                )  # fmt: skip


def sentence(found: list[Convention], gap: float) -> str:
    """What is said of the best of them; empty where there is none."""
    if not found:
        return ""
    best, why = found[0], []
    if "Q" in best.name:
        why.append("the paper's scores are v_iᵀ Q_h v_k, without a factor 1/√d")
    if "w" in best.name:
        why.append("safetensors writes a transposed view in the memory order of the whole array")
    return (
        f" With {best.name} the gap would be {best.gap:.3g}, {best.gap / gap:.2g} of what it is as read: {', and '.join(why)}. "
        f"If that is how the weights were trained, save them by np.savez(file, {best.remedy})."
    )


def table(found: list[Convention], gap: float) -> Table:
    """All of them."""
    rows: list[list[Scalar]] = [["as read", gap, 1.0]]
    rows += [[one.name, one.gap, one.gap / gap] for one in found]
    return Table(
        caption="Conventions under which these weights fit much better (float64)",
        columns=["convention", "gap 𝓛 − min_Â 𝓛", "of the gap as read"], rows=rows,
        note="d is the number of entries of a token. The weights are judged as read; nothing above uses another convention.",
    )  # fmt: skip
