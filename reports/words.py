"""What the words on the page mean. The verdict vocabulary is fixed; these are its definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Word(NamedTuple):
    word: str
    meaning: str
    overturned: str = ""


VERDICTS = (
    Word("holds", "The statement is proved for all instances that meet its assumptions."),
    Word(
        "fails",
        "At least one instance meets every assumption and breaks the statement; the witness is printed.",
    ),
    Word(
        "not refuted",
        "The statement is not proved, and it was not broken wherever it was tried; how hard it was tried stands beside it.",
    ),
    Word("undecided", "The evidence does not settle it: an enclosure straddles, or the budget ended."),
    Word("vacuous", "No instance tried meets the assumptions, so nothing was tested. This is not a pass."),
    Word(
        "definition",
        "A definition is neither true nor false. What is made of it is checked; it is not counted among what holds.",
    ),
    Word(
        "assumption",
        "An assumption is neither true nor false in general. It is judged at the instance, and not counted among what holds.",
    ),
)
HERE = (
    Word("holds", "The statement is true of this instance."),
    Word(
        "fails",
        "The statement is false of this instance. If its verdict is “holds”, that is a contradiction.",
    ),
    Word("undecided", "Not settled for this instance."),
    Word(
        "not applicable",
        "An assumption of the statement is violated here, so the statement promises nothing.",
    ),
)
STRENGTHS = (
    Word(
        "proved",
        "Derived for symbolic dimensions, of every size, each rewrite checked.",
        "an error in the proof kernel, or a formal reading that is not what the paper means",
    ),
    Word(
        "proved given",
        "As proved, save what is named beside it, which the proof takes without proof.",
        "what is named beside it, if it is false or does not apply",
    ),
    Word(
        "proved at size",
        "Exact algebra at the sizes stated, with all values symbolic.",
        "a size that was not tried",
    ),
    Word(
        "certified",
        "Exact rational or ball arithmetic encloses both sides at the instances stated. Of a trajectory: "
        "that quantity, at the stored iterate; never that exact descent was followed.",
        "an instance that was not tried",
    ),
    Word(
        "tested",
        "Sampled instances, none of which failed; how many, and from where, is stated.",
        "one more sample; or rounding, since floating point decides",
    ),
    Word(
        "observed",
        "Seen in a training run.",
        "another seed, another run; rounding along the trajectory",
    ),
)
REFUTATIONS = (
    Word(
        "exact witness",
        "A counterexample in exact numbers: both sides are computed exactly, and anybody can repeat it.",
        "nothing but a formal reading that is not what the paper means",
    ),
    Word(
        "certified",
        "A counterexample whose sides are enclosed by ball arithmetic; the enclosures do not meet.",
        "an error in the ball arithmetic, or the formal reading",
    ),
    Word(
        "statistical",
        "Samples or floating point speak against the statement, repeated with a fresh seed where chance has a part.",
        "chance, or rounding",
    ),
)
NEEDS = {
    "needed": "An instance that meets every other assumption, and breaks this one, breaks the statement.",
    "not needed": "The statement holds without it.",
    "none found": "A search for an instance that breaks the statement without it found none; the budget says how far it went.",
    "not examined": "Nobody has looked.",
}
MARGIN = (
    "Margin of an inequality: (right − left)/(|right| + |left|), the smallest at this instance, at most 1; negative where it is broken. "
    "An equality has none."
)
AGREEMENT = (
    "Agreement of a comparison within a tolerance: (tolerance − difference)/(tolerance + difference); negative where the difference "
    "is larger than the tolerance."
)
FORMS = {
    "printed": "As printed",
    "repaired": "As repaired",
    "ours": "A statement of ours",
    "stated": "As stated",
}

EXIT_CODES = {
    0: "every verdict is as expected",
    1: "a verdict differs from the expected one, or a statement against which nothing is known in general fails here",
    2: "the input defines no instance",
    3: "internal error",
    130: "interrupted",
}
TRAINING = {
    "reached": "The goal of the run was reached.",
    "budget": "The goal of the run is out of reach of its budget: only a short run was made.",
    "not run": "Gradient descent was not run.",
    "interrupted": "Training was interrupted; what follows covers the steps taken until then.",
}


def label(name: str, labels: Mapping[str, str]) -> str:
    """What a record calls a figure; its name with spaces where the record has no word for it."""
    return labels.get(name, name.replace("_", " "))
