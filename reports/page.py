"""What the templates are given: the record, and views of it that save them from thinking."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, get_args

import jinja2
from markupsafe import Markup

from reports import figures, mathml, network, numbers, panels, words
from verify.record import AssumptionRecord, ClaimRecord, Equation, Record
from verify.record.edges import edges
from verify.vocabulary import Form

TEMPLATES = Path(__file__).parent / "templates"
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
LONG = 3  # steps of a proof that are shown in each row, though a row above has them
WIDE = 170  # letters of LaTeX
PREFIXES = ("fig-", "part-", "panel-", "study-", "assumption-", "derivation-", "map-")
RESERVED = ("map", "sharper", "answer")
HERES = tuple(word.word for word in words.HERE)
VERDICTS = tuple(word.word for word in words.VERDICTS)


class Steps(NamedTuple):
    """Steps of one piece of evidence that stand in no row before, and the rows in which the others stand: address, name, how many."""

    own: list[str]
    elsewhere: list[tuple[str, str, int]]


class ClaimView(NamedTuple):
    claim: ClaimRecord
    anchor: str
    differs: bool
    assumptions: list[tuple[str, str | None]]
    steps: list[Steps]


class Statement(NamedTuple):
    """What the text says under one id: as printed, and beside it as repaired.

    names    its other names that are anchors of the page
    below    address and name of each statement that it rests on, and whether a proof goes through that statement
    above    the same of the statements that rest on it
    shared   whether every form needs its assumptions for the same reasons, which are then shown once
    """

    anchor: str
    names: list[str]
    forms: list[ClaimView]
    below: list[tuple[str, str, bool]]
    above: list[tuple[str, str, bool]]

    @property
    def first(self) -> ClaimView:
        return self.forms[0]

    @property
    def repaired(self) -> ClaimView | None:
        return next((view for view in self.forms[1:] if view.claim.form == "repaired"), None)

    @property
    def wide(self) -> bool:
        """Whether its equations are too long to stand side by side."""
        return max((len(one.latex) for view in self.forms for one in view.claim.statement), default=0) > WIDE

    @property
    def shared(self) -> bool:
        return len(self.forms) > 1 and all(view.claim.needs == self.first.claim.needs for view in self.forms)


class Part(NamedTuple):
    """A part of the paper and its statements; no title where the record names no parts."""

    title: str
    anchor: str
    statements: list[Statement]

    @property
    def counts(self) -> str:
        """How many statements got each verdict, by their first form."""
        found = Counter[str](one.first.claim.verdict for one in self.statements)
        plural = {"holds": "hold", "fails": "fail", "definition": "definitions", "assumption": "assumptions"}
        return ", ".join(
            f"{found[word]} {word if word not in plural or found[word] == 1 else plural[word]}"
            for word in VERDICTS
            if found[word]
        )


class Finding(NamedTuple):
    """A statement that fails as it is printed or stated, its repair if there is one, and the main statements that rest on it."""

    printed: ClaimView
    repaired: ClaimView | None
    reach: list[tuple[str, str]]


class Tally(NamedTuple):
    form: str
    total: int
    verdict: dict[str, int]
    here: dict[str, int]


@cache
def environment() -> jinja2.Environment:
    """The templates, compiled once in a process."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        number=numbers.number,
        bound=numbers.bound,
        duration=numbers.duration,
        letter=numbers.letter,
        letters=numbers.letters,
        prose=numbers.prose,
        label=label,
        equation=equation,
        inline=lambda one: mathml.equation(one.latex, one.mathml, block=False),
        stem=lambda text: text.rstrip(" .:;"),
        hyphens=lambda word: word.replace(" ", "-"),
    )
    env.globals.update(
        agreement=numbers.agreement, dash=numbers.NONE, words=words, style=style(), script=script()
    )
    return env


@jinja2.pass_context
def label(context: jinja2.runtime.Context, name: str) -> Markup:
    """What the record calls a figure; its name with spaces where the record has no word for it."""
    return numbers.letters(words.label(name, context["record"].labels))


def style() -> Markup:
    """The style sheet of every page."""
    return Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))


class Script(NamedTuple):
    text: Markup
    hash: str


@cache
def script() -> Script:
    """The one script of the page, and its hash for the policy of the page. The page is complete without it."""
    text = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    return Script(Markup(text), b64encode(sha256(text.encode()).digest()).decode())


def equation(one: Equation) -> Markup:
    return mathml.equation(one.latex, one.mathml)


def slug(*parts: str) -> str:
    """An id for an address: letters, digits, dots and hyphens."""
    return "-".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-").lower() or "x" for part in parts)


class Anchors:
    """Ids for one page, each given once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._given = Counter(taken)

    def give(self, *parts: str) -> str:
        name = slug(*parts)
        self._given[name] += 1
        return name if self._given[name] == 1 else self.give(name, str(self._given[name]))

    def free(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are ids as they stand, and not given yet."""
        found = [
            name
            for name in dict.fromkeys(names)
            if ADDRESS.fullmatch(name) and not name.startswith(PREFIXES) and not self._given[name]
        ]
        self._given.update(found)
        return found


def claims(record: Record, anchors: Anchors) -> list[ClaimView]:
    known = {assumption.id: slug("assumption", assumption.id) for assumption in record.assumptions}
    named = [(anchors.give(claim.id, claim.form), claim) for claim in record.claims]
    told = steps(named)
    return [
        ClaimView(
            claim,
            anchor,
            claim.expected is not None and claim.expected != claim.verdict,
            [(assumption, known.get(assumption)) for assumption in claim.assumptions],
            told[anchor],
        )
        for anchor, claim in named
    ]


def steps(named: Sequence[tuple[str, ClaimRecord]]) -> dict[str, list[Steps]]:
    """By address, the steps of each piece of evidence. Of a long proof, what a row above shows already is named, not shown again."""
    first: dict[str, tuple[str, str]] = {}
    found: dict[str, list[Steps]] = {}
    for anchor, claim in named:
        for one in claim.evidence:
            known = {step: first[step] for step in one.steps if step in first and first[step][0] != anchor}
            known = known if len(one.steps) > LONG else {}
            rows = Counter(known[step] for step in one.steps if step in known)
            own = [step for step in one.steps if step not in known]
            found.setdefault(anchor, []).append(Steps(own, [(*row, count) for row, count in rows.items()]))
            for step in own:
                first.setdefault(step, (anchor, network.short(claim.id)))
        found.setdefault(anchor, [])
    return found


def statements(views: list[ClaimView], anchors: Anchors) -> list[Statement]:
    forms: dict[str, list[ClaimView]] = {}
    for view in views:
        forms.setdefault(view.claim.id, []).append(view)
    at = {id: anchors.give(id) for id in forms}
    found = edges([view.claim for view in views])
    return [
        Statement(
            at[id],
            anchors.free(name for view in of for name in view.claim.aliases),
            of,
            [(at[edge.below], network.short(edge.below), edge.checked) for edge in found if edge.above == id],
            [(at[edge.above], network.short(edge.above), edge.checked) for edge in found if edge.below == id],
        )
        for id, of in forms.items()
    ]


def parts(stated: list[Statement], anchors: Anchors) -> list[Part]:
    grouped = groupby(stated, key=lambda one: one.first.claim.part)
    return [Part(title, anchors.give("part", title), list(found)) for title, found in grouped]


def findings(stated: list[Statement]) -> list[Finding]:
    """Those on which a main statement rests come first."""
    claims = [view.claim for one in stated for view in one.forms]
    at = {one.first.claim.id: one.anchor for one in stated}
    reach = network.reach(edges(claims), claims)
    found = [
        Finding(view, one.repaired, [(at[id], network.short(id)) for id in reach[view.claim.id]])
        for one in stated
        for view in one.forms
        if view.claim.form in ("printed", "stated") and view.claim.verdict == "fails"
    ]
    return sorted(found, key=lambda one: not one.reach)


def assumptions(record: Record, anchors: Anchors) -> list[tuple[AssumptionRecord, str, list[str]]]:
    """Each with its anchor, and with its id as another anchor where that is free."""
    given = [(one, anchors.give("assumption", one.id)) for one in record.assumptions]
    return [(one, anchor, anchors.free([one.id])) for one, anchor in given]


def tallies(record: Record) -> list[Tally]:
    rows = []
    for form in get_args(Form):
        chosen = [claim for claim in record.claims if claim.form == form]
        if chosen:
            verdict = Counter[str](claim.verdict for claim in chosen)
            here = Counter[str](claim.here for claim in chosen)
            counts = {word: verdict[word] for word in VERDICTS}, {word: here[word] for word in HERES}
            rows.append(Tally(form, len(chosen), *counts))
    return rows


def absent(record: Record, what: str) -> str:
    """Why a section is empty, in a sentence."""
    if record.status == "partial":
        return f"Not run: the run ended before {what}."
    if record.settings.only:
        return f"Not run: this run was limited to {', '.join(record.settings.only)} and did not need {what}."
    return f"Not run: the record holds no {what}."


def rates(scalars: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures about rates, and the others."""
    return (
        {name: value for name, value in scalars.items() if "rate" in name.split("_")},
        {name: value for name, value in scalars.items() if "rate" not in name.split("_")},
    )


SECTIONS = {
    "map": "Map", "findings": "Findings", "run": "What was run", "assumptions": "Assumptions", "verdicts": "All statements",
    "legend": "Legend",
    "training": "Training", "constants": "Constants", "derivation": "Derivation", "provenance": "Provenance",
}  # fmt: skip


def sections(record: Record, shown: list[panels.PanelView], asked: list[panels.PanelView]) -> dict[str, str]:
    """Anchors and titles of the sections, in order. A record of studies alone shows those first. Of the others it shows only what the
    record has something to say in, and so does a record without an instance."""
    seen = {view.anchor: view.panel.title for view in shown}
    about = {view.anchor: view.panel.title for view in asked}
    told = {name for name in SECTIONS if getattr(record, name, None)} | {"run", "provenance"}
    first: dict[str, str] = {}
    if record.instance is None and record.claims:
        told |= {"verdicts", "legend"}
        told |= {"findings"} if any(claim.verdict == "fails" for claim in record.claims) else set()
    elif asked and not record.claims:
        first, about = about, {}
    else:
        told = set(SECTIONS)
    told = told | {"map"} if edges(record.claims) else told - {"map"}
    last = ("derivation", "provenance")
    body = {anchor: title for anchor, title in SECTIONS.items() if anchor in told and anchor not in last}
    end = {anchor: SECTIONS[anchor] for anchor in last if anchor in told}
    return first | body | seen | about | end


def training_plots(record: Record) -> list[figures.Shown]:
    if record.training is None:
        return []
    charts = [panels.chart(f"fig-training-{n}", one) for n, one in enumerate(record.training.charts)]
    return figures.training(record.training, record.labels) + charts


def context(record: Record) -> dict[str, Any]:
    asked, shown = panels.views(record.studies, "study"), panels.views(record.panels, "panel")
    anchors = Anchors([*SECTIONS, *RESERVED, *(view.anchor for view in (*asked, *shown))])
    assumed, views = assumptions(record, anchors), claims(record, anchors)
    stated = statements(views, anchors)
    training = record.training
    rate_figures, other_figures = rates(training.figures) if training else ({}, {})
    return {
        "record": record,
        "claims": views,
        "map": network.chart(record.claims, {one.first.claim.id: one.anchor for one in stated}),
        "script": script(),
        "theorem": next((view for view in views if view.claim.main and view.claim.statement), None),
        "shown": {view.panel.id: view.anchor for view in (*shown, *asked)},
        "titles": {view.panel.id: view.panel.title for view in (*shown, *asked)},
        "stated": stated,
        "parts": parts(stated, anchors),
        "findings": findings(stated),
        "improved": [(view, one) for view in views for one in view.claim.improvements],
        "anchor_of": {a.id: slug("assumption", a.id) for a in record.assumptions},
        "contradictions": [view for view in views if view.claim.contradiction],
        "differing": [view for view in views if view.differs],
        "verdicts": Counter(one.first.claim.verdict for one in stated),
        "tallies": tallies(record),
        "assumptions": assumed,
        "violated": [a for a in record.assumptions if a.verdict == "fails"],
        "absent": lambda what: absent(record, what),
        "rate_figures": rate_figures,
        "training_figures": other_figures,
        "training_plots": training_plots(record),
        "panels": shown,
        "studies": asked,
        "sections": sections(record, shown, asked),
        "stages": stages(record),
    }


def stages(record: Record) -> list[tuple[str, float, int]]:
    """Stage, seconds, and its share of the longest in per cent."""
    spent = record.provenance.seconds_by_stage
    longest = max(spent.values(), default=0.0) or 1.0
    return [(name, seconds, round(100 * seconds / longest)) for name, seconds in spent.items()]
