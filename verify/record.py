"""Record and Evidence: the JSON file that everything else reads. Pydantic only, so that it loads anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from verify.migrate import migrated
from verify.vocabulary import (
    METHODS,
    PROVED,
    Failure,
    Form,
    Found,
    Here,
    Refutation,
    Strength,
    Verdict,
    known,
)

SCHEMA_VERSION: Literal["2.0"] = "2.0"
Scalar = bool | int | float | str | None
LARGEST = 1.7976931348623157e308


def finite(value: object) -> object:
    """A float that JSON holds: beyond the range it is clamped, and nan is nothing."""
    if isinstance(value, float):
        return None if value != value else max(-LARGEST, min(LARGEST, value))
    return value


def readable(figures: object) -> object:
    """Figures that JSON holds: what is not finite becomes a word."""
    if not isinstance(figures, dict):
        return figures
    return {k: word(v) for k, v in figures.items()}


Margin = Annotated[float | None, BeforeValidator(finite)]


def word(value: object) -> object:
    """A cell that JSON holds: what is not finite becomes a word."""
    return str(value) if isinstance(value, float) and finite(value) != value else value


Cell = Annotated[Scalar, BeforeValidator(word)]
Figures = Annotated[dict[str, Scalar], BeforeValidator(readable)]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Equation(Model):
    """An equation ready to show: LaTeX source and the MathML made from it."""

    latex: str
    mathml: str


class Enclosure(Model):
    """A certified interval [lower, upper] in decimal strings (the constants span 1e±40), log10 of its midpoint,
    and the bits of precision that decided it."""

    name: str
    symbol: str
    source: str
    lower: str
    upper: str
    log10: Margin
    precision: int


class Witness(Model):
    """The smallest instance found on which a statement fails; exact values as strings ("3/4", or "0.7 +/- 1e-30")."""

    summary: str
    sizes: dict[str, int] = {}
    values: dict[str, str] = {}
    lhs: str | None = None
    rhs: str | None = None
    method: str
    exact: Annotated[
        bool,
        Field(
            description="both sides are computed exactly, in rational or symbolic arithmetic; not enclosed in balls"
        ),
    ] = False


class Evidence(Model):
    """What one check found out about one claim."""

    check: Annotated[
        str,
        Field(description=f"the method: {', '.join(METHODS)}, or one that the theory brings"),
    ]
    scope: Annotated[Literal["general", "here"], Field(description="about all instances, or about this one")]
    verdict: Found
    strength: Annotated[Strength | None, Field(description="how well a statement is supported")] = None
    given: Annotated[
        list[str],
        Field(description="what a proof takes without proof, by name; never empty for `proved given`"),
    ] = []
    refutation: Annotated[Refutation | None, Field(description="how well a failure is known")] = None
    margin: Annotated[
        Margin,
        Field(description="of an inequality: (right − left)/(|right| + |left|); negative where it is broken"),
    ] = None
    agreement: Annotated[
        Margin,
        Field(
            description="of a comparison within a tolerance: (tolerance − difference)/(tolerance + difference); "
            "negative where the difference is larger"
        ),
    ] = None
    statement: Annotated[str, Field(description="in one sentence, what was found and how")]
    figures: Figures = {}
    steps: Annotated[list[str], Field(description="proof steps or method, one line each")] = []
    witness: Witness | None = None
    budget: Annotated[str, Field(description="what was spent: sizes, samples, steps, bits")] = ""
    seed: int | None = None
    seconds: float = 0.0

    @model_validator(mode="after")
    def _words_that_go_together(self) -> Evidence:
        if (self.verdict == "fails") != (self.refutation is not None):
            raise ValueError(
                f"verdict {self.verdict!r}, refutation {self.refutation!r}: a failure has a refutation, nothing else has"
            )
        if self.verdict == "fails" and self.strength is not None:
            raise ValueError(
                f"verdict 'fails', strength {self.strength!r}: a failure has a refutation and no strength"
            )
        if (
            self.scope == "general"
            and self.supports
            and (self.verdict == "holds") != (self.strength in PROVED)
        ):
            raise ValueError(
                f"verdict {self.verdict!r} of all instances, strength {self.strength!r}: what is proved holds, nothing else does"
            )
        if self.strength == "proved given" and not self.given:
            raise ValueError("strength 'proved given': name in `given` what is taken without proof")
        return self

    @property
    def known(self) -> str:
        return known(self.strength, self.given, self.refutation)

    @property
    def supports(self) -> bool:
        """Whether it speaks for the statement: a proof, or that it held wherever it was tried."""
        return self.verdict in ("holds", "not refuted")


class Need(Model):
    """What is known of the necessity of one assumption of a statement.

    needed        the witness meets every other assumption, breaks this one, and breaks the statement
    not needed    the statement holds without it, by the proof or the evidence that `statement` names
    none found    a search found no instance that breaks the statement without it; `budget` and the closest ratio say how far
    not examined  nobody looked
    """

    assumption: str
    verdict: Literal["needed", "not needed", "none found", "not examined"]
    strength: Strength | None
    statement: Annotated[str, Field(description="in one sentence, what was found and how")]
    witness: Witness | None = None
    budget: str = ""


class Improvement(Model):
    """A printed constant that a provably smaller one may replace, or an assumption that may be relaxed or dropped."""

    kind: Literal["tightened", "weakened"]
    statement: Annotated[str, Field(description="the sharper or more general statement")]
    strength: Strength
    factor: Annotated[
        str | None, Field(description="printed constant over the new one, exact where it can be")
    ]
    attained: Annotated[
        str, Field(description="where the new constant is attained, or how close it is known to be")
    ]
    proof: Annotated[list[str], Field(description="the proof, one step a line")] = []


class ClaimRecord(Model):
    id: str
    aliases: list[str] = []
    title: str
    form: Form
    source: str
    part: Annotated[str, Field(description="the part of the paper that it stands in")] = ""
    statement: Annotated[list[Equation], Field(description="as printed, or as repaired")]
    formal: Annotated[list[Equation], Field(description="the formal reading that the checks decide")] = []
    reading: Annotated[str, Field(description="how the formal reading was chosen, in words")] = ""
    verdict: Verdict
    here: Here
    strength: Annotated[
        Strength | None,
        Field(description="the strongest support; none where the verdict is fails, undecided or vacuous"),
    ]
    given: Annotated[
        list[str],
        Field(description="what the proof takes without proof, by name; never empty for `proved given`"),
    ] = []
    refutation: Annotated[
        Refutation | None, Field(description="how well a failure is known; none otherwise")
    ] = None
    failure: Annotated[
        Failure | None,
        Field(
            description="of a statement that fails: false as it is meant; silent about a case that breaks it; "
            "misread, if it holds in another reading of the text"
        ),
    ] = None
    margin: Annotated[
        Margin,
        Field(description="the smallest margin of its inequalities at this instance; none of an equality"),
    ]
    expected: Verdict | None
    reason: Annotated[str, Field(description="why this verdict is expected, or what the repair changes")] = ""
    assumptions: list[str]
    needs: Annotated[list[Need], Field(description="per assumption, what is known of its necessity")] = []
    improvements: list[Improvement] = []
    consequence: Annotated[
        str,
        Field(description="what the repair changes downstream: later statements, factors of (18) and (21)"),
    ] = ""
    evidence: list[Evidence]
    witness: Witness | None
    command: str
    contradiction: Annotated[
        str | None, Field(description="set where the run must exit 1, with the reason")
    ] = None
    digest: Annotated[
        str,
        Field(description="in a partial record, SHA-256 over this row and all that it was computed from"),
    ] = ""

    @property
    def known(self) -> str:
        return known(self.strength, self.given, self.refutation)


class AssumptionRecord(Model):
    id: str
    title: str
    text: str
    statement: list[Equation] = []
    verdict: Literal["holds", "fails", "undecided"]
    strength: Strength | None
    margin: Annotated[
        Margin,
        Field(
            description="how far from violating the assumption, in the unit that `margin_meaning` states; negative where it is violated"
        ),
    ]
    margin_meaning: str
    finding: str
    offenders: Annotated[list[str], Field(description="the tokens, rows, heads or components at fault")] = []
    figures: Figures = {}


class DerivationStep(Model):
    id: str
    title: str
    equation: Equation
    by: Annotated[str, Field(description="the rule or the earlier step that gives it")]
    sympy: Annotated[str, Field(description="the same equation as SymPy source (srepr-free, readable)")] = ""


class Series(Model):
    """Curves over iterations, thinned for display: x[i] is a step, each y a quantity; one that ended early has fewer values."""

    x: list[int]
    y: dict[str, list[float]]


class Training(Model):
    """Gradient descent (10) at the printed rates, and how it compares with the bound (18)."""

    status: Literal["reached", "budget", "not run", "interrupted"]
    steps: int
    dtype: str
    device: str
    reason: str = ""
    figures: Figures
    curves: Series | None = None
    movement: Annotated[list[float], Field(description="relative movement of Q_h per head")] = []


class Spectrum(Model):
    """Eigenvalues of B_k B_kᵀ for each token at a stored iterate, ascending: eigenvalues[k][i]."""

    at: str
    eigenvalues: list[list[float]]
    zeta0: Margin


class Predictor(Model):
    """The trained predictor against A and against ridge regression."""

    figures: Figures
    A: list[list[float]]
    A_hat: list[list[float]]
    scatter: Annotated[
        dict[str, dict[str, list[float]]],
        Field(
            description="group -> {'ridge': [...], 'model': [...]}, groups like 'unseen tokens, λ in training law'"
        ),
    ]
    table: Annotated[list[dict[str, Scalar]], Field(description="rows: group, prompts, distances")] = []


class Table(Model):
    """Rows of a study; a cell is as long as its column says."""

    caption: str
    columns: list[str]
    rows: list[list[Cell]]
    note: str = ""
    machine_dependent: Annotated[
        bool, Field(description="whether cells hold last digits of float64, or what was chosen by them")
    ] = False


class Bars(Model):
    """Positive quantities to be compared: values[i][j] is series i at label j, None where there is none."""

    caption: str
    unit: str
    labels: list[str]
    values: dict[str, list[Margin]]
    logarithmic: bool = True


class Chart(Model):
    """Curves over steps of training, or over a size."""

    caption: str
    across: Annotated[str, Field(description="what x counts")] = "step"
    series: Series
    logarithmic: bool = True


class Study(Model):
    """A question about this instance that no single statement asks, and what was found: tables, bars, curves.

    contradiction  set where the run must exit 1: a figure left the enclosure that has to hold it, or an invariant broke
    """

    id: str
    title: str
    finding: Annotated[str, Field(description="the answer, in one to three sentences")]
    tables: list[Table] = []
    bars: list[Bars] = []
    charts: list[Chart] = []
    method: Annotated[str, Field(description="how it was found out, and what was spent")] = ""
    seed: int | None = None
    seconds: float = 0.0
    contradiction: str | None = None


class InstanceSummary(Model):
    name: str
    kind: str
    sizes: dict[str, int]
    tau: float
    beta: float | None
    m_tau: float
    tasks: str
    inference: str
    digest: str
    description: str
    facts: dict[str, Scalar] = {}


class Machine(Model):
    """What last digits of float64 depend on, and no verdict."""

    processor: str
    kernels: Annotated[dict[str, str], Field(description="by library: the kernels that it chose")] = {}
    threads: Annotated[dict[str, int], Field(description="by library, and of gradient descent")] = {}


class Provenance(Model):
    command: str
    version: str
    commit: str | None
    python: str
    packages: dict[str, str]
    platform: str
    started: str
    seconds: float
    seconds_by_stage: dict[str, float] = {}
    code: Annotated[
        str, Field(description="SHA-256 over the source files that decide what a record says")
    ] = ""
    resumed: Annotated[list[str], Field(description="when the run was cut short and taken up again")] = []
    machines: Annotated[
        list[Machine],
        Field(description="what the run was computed on, in order: several where it was taken up elsewhere"),
    ] = []


class Settings(Model):
    seed: int
    device: str
    dtype: str
    tier: str
    only: list[str] = []
    budgets: dict[str, Scalar] = {}
    gpu: str = "GPU: not run"


class Record(Model):
    """All evidence of one run, with provenance."""

    schema_version: Literal["2.0"] = SCHEMA_VERSION
    status: Literal["complete", "partial"]
    status_reason: str = ""
    exit_code: int
    headline: str
    theory: Annotated[str, Field(description="the paper whose statements were judged")] = ""
    warnings: list[str] = []
    settings: Settings
    instance: Annotated[
        InstanceSummary | None, Field(description="absent where statements were checked without one")
    ] = None
    assumptions: list[AssumptionRecord]
    constants: list[Enclosure] = []
    claims: list[ClaimRecord]
    derivation: list[DerivationStep] = []
    training: Training | None = None
    spectrum: list[Spectrum] = []
    predictor: Predictor | None = None
    studies: list[Study] = []
    provenance: Provenance

    @model_validator(mode="before")
    @classmethod
    def _in_the_words_of_today(cls, data: Any) -> Any:
        return migrated(data)

    def show(self) -> None:
        """Prints the verdicts as the command line does."""
        from verify.commands.console import show

        show(self)

    def save(self, path: str | Path) -> None:
        Path(path).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path, argument: str = "path") -> Record:
        """A saved record. Raises InputError, about the argument that named it, on anything else."""
        try:
            return cls.model_validate_json(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            from numeric.errors import InputError  # a leaf, and only now: a good record needs nothing of ours

            remedy = "give a record.json written by icl-verify run"
            raise InputError(argument, path, _unreadable(error), remedy) from error


def _unreadable(error: OSError | ValueError) -> str:
    """What a file would have to be that was not read."""
    if isinstance(error, OSError):
        return f"a file that can be read ({error.strerror})"
    if not isinstance(error, ValidationError):
        return f"UTF-8 text ({error})"
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"a record of schema {SCHEMA_VERSION} ({f'{place}: ' if place else ''}{first['msg']})"


def json_schema() -> str:
    """The versioned JSON Schema of a record, as committed in verify/record.schema.json."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:icl-verify:record:{SCHEMA_VERSION}",
    }
    return json.dumps(head | Record.model_json_schema(), indent=1, sort_keys=True) + "\n"
