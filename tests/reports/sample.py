"""A record with every field filled: plausible in form, made up in content. No run produced it."""

from __future__ import annotations

import math
import random

from sample_claims import GRADIENT_Q, claims, tex

from verify.record import (
    AssumptionRecord,
    Bars,
    Chart,
    Columns,
    Comparison,
    DerivationStep,
    Enclosure,
    InstanceSummary,
    Pairs,
    Panel,
    Provenance,
    Record,
    Scatter,
    Series,
    Settings,
    Study,
    Table,
    Training,
)

N, K, M, H = 6, 20, 10, 96
STEPS = 12_000
ZETA0 = 3.1e-4


def studies() -> list[Study]:
    return [
        Study(
            id="slack", title="Where the constants lose", finding="The chain loses 10² in L and 3 in ζ_0.",
            tables=[
                Table(
                    caption="Slack, step by step", columns=["statement", "worst", "typical"],
                    rows=[["(30)", 1.0, 2.5], ["(46)", 3.1, None]], note="Right side over left side.",
                )
            ],
            bars=[
                Bars(
                    caption="Right over left", unit="ratio", labels=["(30)", "(46)", "(61)"],
                    values={"worst": [1.0, 3.1, 2e4], "typical": [2.5, None, 1e6]},
                ),
                Bars(caption="Heads", unit="heads", labels=["needed"], values={"heads": [6]}, logarithmic=False),
            ],
            charts=[
                Chart(
                    caption="Gap beyond the theorem",
                    series=Series(x=[0, 1, 10], y={"Adam": [1.0, 0.5, 0.0], "line search": [1.0, 0.1, 0.01]}),
                )
            ],
            method="All of it made up", seed=3, seconds=0.2,
        )
    ]  # fmt: skip


def assumptions() -> list[AssumptionRecord]:
    def one(id_: str, title: str, text: str, **fields: object) -> AssumptionRecord:
        defaults: dict[str, object] = {
            "verdict": "holds",
            "strength": "certified",
            "margin": 0.21,
            "finding": "It holds.",
        }
        return AssumptionRecord.model_validate(
            {"id": id_, "title": title, "text": text, "margin_meaning": "distance", **defaults, **fields}
        )

    return [
        one(
            "A0",
            "Distinct unit tokens",
            "The tokens are distinct and of unit norm; τ > 0.",
            statement=[tex(r"\|v_k\|_2 = 1")],
            finding="All 20 norms are within 2⁻⁵² of 1; the closest two tokens are 0.21 apart.",
            margin_meaning="least distance between two tokens",
        ),
        one(
            "A1",
            "Task coefficients",
            "The λ_i are independent with mean 0 and variance 1.",
            strength="proved",
            margin=None,
            finding="λ ~ N(0, I), by the law’s own formula.",
            margin_meaning="none: it is a statement about a law",
        ),
        one(
            "A2",
            "Full row rank at the start",
            "Every B_k has full row rank at the start.",
            statement=[tex(r"\operatorname{rank} B_k^{(0)} = N")],
            margin=ZETA0,
            finding="The least eigenvalue over all tokens is enclosed away from zero.",
            margin_meaning="ζ_0",
            figures={"zeta0": ZETA0, "precision_bits": 212, "worst_token": 13},
        ),
        one(
            "A3",
            "A row of V with distinct entries",
            "Some row of V has entries that all differ.",
            verdict="fails",
            margin=-1.0,
            finding="Every row repeats an entry; the closest is row 12, where tokens 3 and 5 agree.",
            offenders=["token 3", "token 5", "row 12", "row 40"],
            margin_meaning="largest over rows of the least gap between entries",
        ),
        one(
            "A4",
            "Bounded inference tasks",
            "‖λ‖₂ ≤ B.",
            verdict="undecided",
            strength=None,
            margin=None,
            finding="B is not given.",
        ),
    ]


def training(rng: random.Random) -> Training:
    x = sorted({round(STEPS * (i / 300) ** 1.5) for i in range(301)})
    rate = 5.8e-4
    gap = [0.31 * (0.7 * math.exp(-9 * rate * t) + 0.3 * math.exp(-3.7 * rate * t)) for t in x]
    bound = [0.31 * math.exp(-rate * t) for t in x]
    return Training(
        status="reached",
        steps=STEPS,
        dtype="float64",
        device="cpu",
        reason="The bound has fallen to 1e-3 of its start.",
        figures={
            "rate_guaranteed": rate,
            "rate_observed": 3.7 * rate,
            "rate_ratio": 3.7,
            "initial_gap": gap[0],
            "final_gap": gap[-1],
            "final_bound": bound[-1],
            "worst_ratio": 1.0,
            "steps_checked": STEPS,
            "violations": 0,
            "goal": "bound",
            "log10_T": None,
        },
        curves=Series(
            x=x,
            y={
                "gap": [max(g, 1e-12) for g in gap],
                "bound": bound,
                "gradient_norm": [g**0.5 * (1 - (i == 9)) for i, g in enumerate(gap)],
            },
        ),
        charts=[
            Chart(
                caption="Movement of Q, head by head",
                across="head h",
                up="‖Q − Q⁽⁰⁾‖ / ‖Q⁽⁰⁾‖",
                joined=False,
                series=Series(
                    x=list(range(1, H + 1)), y={"Q": [10 ** rng.uniform(-15, -11) for _ in range(H)]}
                ),
            )
        ],
    )


def record() -> Record:
    rng = random.Random(0)
    A = [[float(i == k) if k < N else rng.gauss(0, 0.4) for k in range(K)] for i in range(N)]
    spectra = [sorted(ZETA0 * 10 ** rng.uniform(0, 4) for _ in range(N)) for _ in range(K)]
    spectra[12][0] = ZETA0
    group_names = [
        f"{tokens}, λ {where} the training law"
        for tokens in ("labelled tokens", "unseen tokens")
        for where in ("in", "outside")
    ]
    scatter = {}
    for i, name in enumerate(group_names):
        ridge = [rng.gauss(i % 2, 1 + i % 2) for _ in range(700)]
        scatter[name] = Pairs(x=ridge, y=[r + rng.gauss(0, 0.02 + 0.05 * i) for r in ridge])
    spectrum = Panel(
        id="spectrum", title="Spectrum of B_k B_kᵀ", finding="ζ_0 is the least eigenvalue over all tokens at step 0.",
        columns=[
            Columns(
                caption="Every eigenvalue", across="token k",
                values={
                    "step 0": spectra,
                    f"step {STEPS}": [[v * (1 + 1e-9) for v in row] for row in spectra],
                },
                floors={"ζ₀": ZETA0, "ζ₀/2": ZETA0 / 2},
            )
        ],
    )  # fmt: skip
    predictor = Panel(
        id="predictor", title="Predictor",
        figures={
            "distance_A": 3.2e-6, "relative_distance_A": 1.1e-6, "sklearn_difference": 2.1e-15, "T_from_21": None,
        },
        comparisons=[
            Comparison(
                caption="Â and A", names=("A", "Â"), titles=("A, from (34)", "Â, trained"), down="i", across="token k",
                first=A, second=[[a + rng.gauss(0, 1) * 10 ** rng.uniform(-7, -5) for a in row] for row in A],
            )
        ],
        scatters=[
            Scatter(
                caption="The trained model against ridge regression", across="ridge prediction ŷ*",
                up="prediction ŷ", groups=scatter,
            )
        ],
        tables=[
            Table(
                caption="By group", columns=["group", "prompts", "distance to ridge", "largest over prompts"],
                rows=[[name, 200, 1.5e-6 * (i + 1), 4e-5] for i, name in enumerate(group_names)],
            )
        ],
    )  # fmt: skip
    return Record(
        status="complete",
        exit_code=1,
        headline="16 statements on digits: 12 hold, 2 fail as printed, 1 undecided, 1 vacuous.",
        warnings=["A3 is violated on this instance: statements that need it are not applicable here."],
        settings=Settings(
            seed=0, device="cpu", dtype="float64", tier="fast", budgets={"steps": 20000, "samples": 2000}
        ),
        instance=InstanceSummary(
            name="digits",
            kind="real dictionary",
            sizes={"N": N, "K": K, "m": M, "d": 64, "H": H},
            scalars={"τ": 0.1, "β": 20.0, "mτ": 1.0},
            digest="sha256:" + "9f86d081884c7d65" * 4,
            description="Handwritten digits as tokens, 64 pixels, unit norm; random Fourier features.",
            facts={"tasks": "λ ~ N(0, I_m)", "norm_Z_bar": 2.417, "f_max": 1.9345678, "rank_Z": 6},
        ),
        assumptions=assumptions(),
        constants=[
            Enclosure(
                name="least eigenvalue",
                symbol="ζ_0",
                source="(14)",
                lower="0.000310000000000000123",
                upper="0.000310000000000000124",
                log10=-3.5086,
                precision=212,
            ),
            Enclosure(
                name="ratio of rates",
                symbol=r"\gamma",
                source="(15)",
                lower="4.18273645e+11",
                upper="4.18273647e+11",
                log10=11.6215,
                precision=212,
            ),
            Enclosure(
                name="smoothness",
                symbol="L",
                source="(17)",
                lower="7.72e+38",
                upper="7.73e+38",
                log10=38.888,
                precision=212,
            ),
            Enclosure(
                name="rate for Q",
                symbol="η_Q",
                source="(16)",
                lower="1.29e-39",
                upper="1.30e-39",
                log10=-38.888,
                precision=212,
            ),
            Enclosure(
                name="operator norm of the root",
                symbol=r"\|\bar{Z}\|_2",
                source="(12)",
                lower="2.4",
                upper="2.5",
                log10=0.389,
                precision=64,
            ),
        ],
        claims=claims(),
        derivation=[
            DerivationStep(
                id="residual",
                title="Residual of token k",
                equation=tex(
                    r"\hat{y}_k - y_k = \lambda^\top\left((Z + \varepsilon^P)\hat{a}_k - z_k\right)"
                ),
                by="inserting (1) into (8)",
                sympy="Eq(yhat[k] - y[k], Sum(lam[a]*r[a, k], (a, 1, m)))",
            ),
            DerivationStep(
                id="expect-lambda",
                title="Expectation over λ",
                equation=tex(
                    r"\mathcal{L}_k = \frac12\mathbb{E}\left\|(Z + \varepsilon^P)\hat{a}_k - z_k\right\|_2^2"
                ),
                by="A1",
                sympy="Eq(L[k], Sum(r[a, k]**2, (a, 1, m))/2)",
            ),
            DerivationStep(
                id="gradient-q",
                title="Gradient with respect to Q",
                equation=tex(GRADIENT_Q),
                by="differentiating step 2, softmax by its own derivative",
            ),
        ],
        training=training(rng),
        panels=[spectrum, predictor],
        studies=studies(),
        labels={
            "rate_guaranteed": "guaranteed rate, −log(1 − η_w ζ_0/(2K)) per step",
            "gap": "loss gap 𝓛 − inf 𝓛",
        },
        provenance=Provenance(
            command="icl-verify run --out out --seed 0",
            version="0.1.0",
            commit="e0c442d0c5a1b2f3e4d5c6b7a8990a1b2c3d4e5f",
            python="3.11.2",
            packages={
                "torch": "2.13.0",
                "sympy": "1.14.0",
                "python-flint": "0.8.0",
                "numpy": "2.4.1",
                "scikit-learn": "1.8.0",
            },
            platform="Linux x86_64, 2 cores",
            started="2025-11-22T20:13:00Z",
            seconds=31.4,
            seconds_by_stage={
                "instance": 0.2,
                "assumptions": 1.9,
                "derive": 0.9,
                "train": 19.1,
                "claims": 8.8,
                "predict": 0.5,
            },
        ),
    )


def minimal() -> Record:
    """Nothing but what the schema demands."""
    full = record()
    return Record(
        status="partial",
        status_reason="interrupted by Ctrl-C during training",
        exit_code=130,
        headline="Interrupted before any statement was judged.",
        settings=full.settings,
        instance=full.instance,
        assumptions=[],
        claims=[],
        provenance=full.provenance,
    )
