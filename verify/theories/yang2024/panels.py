"""What a record shows of an instance: the spectrum of the Gram matrices, and the trained predictor."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from verify.record import Cell, Columns, Comparison, Pairs, Panel, Scatter, Table
from verify.theories.yang2024.labels import LABELS
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.predict import distances, ridge_predictions, transformer_predictions
from verify.theories.yang2024.numeric.spectrum import gram_eigenvalues
from verify.theories.yang2024.summary import done, numbers, plain

SCATTER_POINTS = 300


def panels(laboratory: Laboratory) -> list[Panel]:
    """The panels for which there are numbers."""
    return [panel for panel in (spectrum(laboratory), predictor(laboratory)) if panel is not None]


def spectrum(laboratory: Laboratory) -> Panel | None:
    """Eigenvalues of B_k B_kᵀ at the start and, where there was training, at the last iterate."""
    found = laboratory.__dict__.get("constants")
    zeta0 = float(found.zeta0.lower()) if found is not None and found.spectrum.rank == "full" else None
    points: list[tuple[str, NDArray[np.float64] | None]] = [("θ^(0)", None)]
    if (trajectory := done(laboratory)) is not None:
        points.append((f"θ^({trajectory.last.t})", trajectory.last.X))
    try:
        values = {at: [numbers(row) for row in gram_eigenvalues(laboratory.instance, X)] for at, X in points}
    except np.linalg.LinAlgError:  # ZᵀZ + mτI is singular in float64: nothing to plot
        return None
    rows: list[list[Cell]] = []
    for at, tokens in values.items():
        least, token = min((min(row), k) for k, row in enumerate(tokens, 1))
        rows.append([at, least, token, zeta0])
    floors: dict[str, float] = {}
    if zeta0 is not None and 0 < zeta0 < inf:
        floors = {"ζ₀": zeta0, "ζ₀/2, the floor in (43b)": zeta0 / 2}
    enclosed = "" if found is None else "; certified enclosures are among the constants"
    return Panel(
        id="spectrum", title="Spectrum of B_k B_kᵀ",
        finding="ζ_0 (14) is the least eigenvalue over all tokens at step 0. The induction (43b) keeps it above ζ_0/2. These are "
        f"floating-point values, for the eye{enclosed}.",
        columns=[
            Columns(
                caption="Every eigenvalue, token by token", across="token k", values=values,
                floors=floors,
                note="The induction needs every column to stay above the broken line." if floors else "",
            )
        ],
        tables=[
            Table(
                caption="Least eigenvalue at each stored iterate",
                columns=["iterate", "least", "at token", "ζ_0"], rows=rows, machine_dependent=True,
            )
        ],
    )  # fmt: skip


def predictor(laboratory: Laboratory) -> Panel | None:
    """The trained predictor against A and against ridge regression; None where nothing was trained."""
    if done(laboratory) is None:
        return None
    A_hat, A, i = laboratory.final_A_hat, laboratory.quadratic.A, laboratory.instance
    assert A_hat is not None
    enclosed = laboratory.final_enclosure
    assert enclosed is not None
    groups = {"in the training law": laboratory.training_prompts, "outside it": laboratory.inference_prompts}
    scatter: dict[str, Pairs] = {}
    columns: list[str] = []
    rows: list[list[Cell]] = []
    for where, prompts in groups.items():
        try:
            found = vars(distances(i, A_hat, prompts))
            ridge, model = ridge_predictions(i, prompts), transformer_predictions(A_hat, prompts)
        except (
            ValueError
        ):  # LinAlgError, or scipy's word for it: ZZᵀ + mτI is singular or not finite in float64
            continue
        columns = ["group", *(LABELS.get(name, name) for name in found)]
        rows.append([f"λ {where}", *(plain(value) for value in found.values())])
        for tokens, part in (("labelled tokens", slice(0, i.N)), ("unseen tokens", slice(i.N, None))):
            if ridge[:, part].size:
                scatter[f"{tokens}, λ {where}"] = _points(ridge[:, part], model[:, part])
    return Panel(
        id="predictor", title="Predictor",
        finding="The trained predictor Â against A, and its predictions against those of ridge regression.",
        figures={
            "‖Â − A‖₂, certified upper end": float(enclosed.distance.upper()),
            "largest |Â − A|": float(np.abs(A_hat - A).max()),
            "𝓛 − inf 𝓛, certified upper end": float(enclosed.gap.upper()),
            "bits of precision": enclosed.precision,
        },
        comparisons=[
            Comparison(
                caption="Â and A", names=("A", "Â"), titles=("A, from (34)", "Â, trained"),
                down="i", across="token k",
                first=[numbers(row) for row in A], second=[numbers(row) for row in A_hat],
            )
        ],
        scatters=[
            Scatter(
                caption="The trained model against ridge regression", across="ridge prediction ŷ*",
                up="prediction of the trained model ŷ", groups=scatter,
            )
        ] if scatter else [],
        tables=[Table(caption="By group", columns=columns, rows=rows, machine_dependent=True)] if rows else [],
    )  # fmt: skip


def _points(ridge: NDArray[np.float64], model: NDArray[np.float64]) -> Pairs:
    step = max(1, ridge.size // SCATTER_POINTS)
    return Pairs(x=numbers(ridge.ravel()[::step]), y=numbers(model.ravel()[::step]))
