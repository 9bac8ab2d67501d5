"""The rows of a record: statements and assumptions, with the evidence for each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from verify.record.values import Equation, Figures, Margin, Model
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


class Rest(Model):
    """A statement on which another one rests: since a proof that was replayed goes through it, or since the text declares it."""

    id: str
    form: Annotated[Form | None, Field(description="none where the text declares it")] = None
    by: Literal["proof", "declared"]


class ClaimRecord(Model):
    id: str
    aliases: list[str] = []
    title: str
    form: Form
    source: str
    part: Annotated[str, Field(description="the part of the paper that it stands in")] = ""
    main: Annotated[bool, Field(description="whether it is a main theorem of the text")] = False
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
    rests: Annotated[list[Rest], Field(description="the statements that it rests on, the nearest alone")] = []
    needs: Annotated[list[Need], Field(description="per assumption, what is known of its necessity")] = []
    improvements: list[Improvement] = []
    consequence: Annotated[
        str,
        Field(description="what the repair changes downstream, in later statements"),
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
    offenders: Annotated[list[str], Field(description="the rows, columns or components at fault")] = []
    figures: Figures = {}
