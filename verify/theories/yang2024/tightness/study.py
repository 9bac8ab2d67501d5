"""Four studies of how tight the proofs are: along the run, over exact points, factor by factor, and the rates that are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

from verify.points.exact_points import Instances
from verify.record import Scalar, Study, Table
from verify.theories.yang2024.job import check_assumptions
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.curvature import LARGEST, Curvature
from verify.theories.yang2024.tightness import words
from verify.theories.yang2024.tightness.chain import Link, chain
from verify.theories.yang2024.tightness.factors import Losses
from verify.theories.yang2024.tightness.letters import Known
from verify.theories.yang2024.tightness.rates import measured
from verify.theories.yang2024.tightness.searched import EFFORTS, Spread, spread
from verify.theories.yang2024.tightness.slack import Along, Looked, schedule

LEFT = (
    "typical: the median over all points and all values of the free indices; ∞ where most left sides are 0. "
)
LABELS = "(69)"
ENTRIES = 2**25  # of a gradient in all Q_h, in coordinates, or of all scores: 256 MiB, and a dozen are held


@dataclass(frozen=True)
class Extent:
    """kept: about how many iterates the run is looked at; viewed: at how many of them the Hessian"""

    kept: int
    viewed: int


EXTENTS = {"fast": Extent(8, 4), "full": Extent(40, 12)}


class Profile:
    """What the four studies share. The laboratory's run keeps the iterates that are looked at."""

    def __init__(self, laboratory: Laboratory, links: Sequence[Link] | None = None) -> None:
        self.laboratory, self.extent = laboratory, EXTENTS[laboratory.options.tier]
        self.links = tuple(links) if links is not None else chain()
        laboratory.further = self.kept

    @property
    def studies(self) -> dict[str, Callable[[Laboratory], Study]]:
        return {
            "tightness": lambda _: self.along_the_run(), "tightness-factors": lambda _: self.product(),
            "tightness-rates": lambda _: self.left(), "tightness-searched": lambda _: self.over_points(),
        }  # fmt: skip

    def kept(self, steps: int) -> tuple[int, ...]:
        arrival = self.arrival
        return (*schedule(steps, self.extent.kept), *((arrival,) if arrival is not None else ()))

    @property
    def arrival(self) -> int | None:
        """T of (21), where the run gets there."""
        plan = self.laboratory.plan
        return plan.theorem2 if plan.theorem2 is not None and plan.theorem2 <= plan.steps else None

    @cached_property
    def along(self) -> Along | None:
        """None where nothing was trained, or the letters of one iterate take too much memory."""
        if self.entries > ENTRIES:
            return None
        laboratory, trajectory = self.laboratory, self.laboratory.trajectory
        if trajectory is None or trajectory.steps == 0:
            return None
        known = Known(laboratory.instance, laboratory.quadratic, laboratory.constants, trajectory)
        return Along(known, Looked.of(trajectory, known.start, self.arrival), laboratory.inference_prompts)

    @cached_property
    def losses(self) -> Losses | None:
        along, i = self.along, self.laboratory.instance
        if along is None or not along.points.after:
            return None
        curvature = Curvature(i, self.laboratory.quadratic) if i.H * i.N * i.K <= LARGEST else None
        return Losses(along.known, along, curvature, self.extent.viewed)

    @property
    def entries(self) -> int:
        i = self.laboratory.instance
        return i.H * max(min(i.d, i.K) ** 2, i.N * i.K)

    @property
    def none(self) -> str:
        """Why there is no run to look at."""
        if self.entries > ENTRIES:
            return f"The instance is too large to be looked at along a run: {self.entries} entries, {ENTRIES} at most."
        why = self.laboratory.constants.no_rates or self.laboratory.plan.reason
        return (
            f"Nothing was trained: {why}."
            if self.along is None
            else "Double precision does not know the gap after one step."
        )

    @cached_property
    def failing(self) -> frozenset[str]:
        """Assumptions that fail at this instance: what rests on them may be broken here."""
        found = check_assumptions(self.laboratory.instance, self.laboratory)
        return frozenset(one.id for one in found if one.verdict == "fails")

    def broken(self, link: Link) -> bool:
        """Whether this link must not be broken here."""
        return link.claim.accepted and self.failing.isdisjoint(link.claim.assumptions)

    @property
    def short(self) -> str:
        """A sentence for a run that ended before the bound was at its target."""
        trajectory = self.laboratory.trajectory
        if trajectory is None or self.laboratory.plan.complete:
            return ""
        return f" The run at the printed rates is a short run of {trajectory.steps} steps: what moves later is not in these numbers."

    # Along the run

    def along_the_run(self) -> Study:
        started, along = perf_counter(), self.along
        title = "How tight the inequalities are along the run"
        if along is None:
            return Study(id="tightness", title=title, finding=self.none, seconds=perf_counter() - started)
        slacks = along.slacks(self.links, lambda done, total: self.laboratory.progress("slack", done, total))
        found = list(zip(self.links, slacks, strict=True))
        labels = along.labels()
        rows = [words.row(link.name, link, slack) for link, slack in found]
        if labels is not None:
            rows.insert(
                len(rows) - 1,
                [LABELS, "eq-69", labels.worst, None, words.shown(labels.typical), labels.entries],
            )
        seen = [(link, slack) for link, slack in found if slack is not None]
        wrong = [(link, slack) for link, slack in seen if slack.broken and self.broken(link)]
        contradiction = None
        if wrong:
            link, slack = wrong[0]
            contradiction = f"{link.name} ({link.id}) is broken at step {slack.at}: right/left = {slack.worst:.6g}, rounding explains "
            contradiction += f"{slack.rounding:.1g}"
        steps = sorted({x.t for x in along.points.iterates})
        return Study(
            id="tightness", title=title, finding=words.finding(seen, wrong, len(steps), len(along.points.after)),
            tables=[Table(
                caption=f"Slack along the run: {words.RATIO}",
                columns=["inequality", "claim", "worst", "at step", "typical", "values"], rows=rows,
                note=LEFT + "α in (83), Lemmas 7–10 and (54)–(61) is the least that the points allow, elsewhere that of (44). "
                "L in (63) is that of the repaired (61), with α of (44). (69) is held to the labels of the prompts; it may fail for a part "
                "δ of them. (17) over (61): L of (17) may be the smaller one, see eq-61-17.",
            )],
            bars=[words.bars("Slack along the run", [(name, {"worst": w, "typical": t}) for name, w, t in words.drawn(seen)])],
            method=f"Both sides as the claims state them, in double precision, at {len(steps)} stored iterates (the last t = "
            f"{max(steps, default=0)}), each with the start, and {len(along.points.after)} of them with the next. Left out are iterates "
            "whose gap is below 2^-52 of its start. Steps of letters are computed from steps of Q and w, not as differences",
            seed=self.laboratory.instance.seed, seconds=perf_counter() - started, contradiction=contradiction,
        )  # fmt: skip

    # Over exact points

    def over_points(self) -> Study:
        started, seed, effort = (
            perf_counter(),
            self.laboratory.instance.seed,
            EFFORTS[self.laboratory.options.tier],
        )
        points = Instances(seed)
        links = [link for link in self.links if link.searched]
        found: list[tuple[Link, Spread]] = []
        for number, link in enumerate(links):
            self.laboratory.progress(f"exact points · {link.name}", number, len(links))
            one = spread(link.inequality, points, effort, seed)
            if one is not None:
                found.append((link, one))
        self.laboratory.progress("exact points", len(links), len(links))
        rows: list[list[Scalar]] = [
            [link.name, link.id, one.closest, one.worst, words.shown(one.typical), one.points, one.searched]
            for link, one in found
        ]
        wrong = [link for link, one in found if one.above is not None and link.claim.accepted]
        attained = [link.name for link, one in found if one.closest < 1.001]
        loose = [(one.closest, link.name) for link, one in found if one.closest >= 1.001]
        text = f"{len(attained)} of {len(found)} inequalities come within 0.1 % of equality somewhere in their domain."
        if loose:
            gap, name = max(loose)
            text += f" The loosest is {name}: no point was found with {words.RATIO} below {gap:.4g}."
        stages = ", then ".join(f"{s.draws} points drawn at each of {s.looked} sizes, {s.climbers} climbing for {s.steps} steps"
                                for s in effort.stages)  # fmt: skip
        return Study(
            id="tightness-searched", title="How tight the inequalities are over their whole domain", finding=text,
            tables=[Table(
                caption=f"Slack over exact points: {words.RATIO}",
                columns=["inequality", "claim", "closest", "worst drawn", "typical drawn", "points", "searched"], rows=rows,
                note="closest: the smallest confirmed in balls or rationals; no point of the domain is known to come closer. " + LEFT
                + "Inequalities about a whole run have no domain of points.",
            )],
            bars=[words.bars("Slack over exact points", [
                (link.name, {"closest": one.closest, "typical drawn": one.typical}) for link, one in found
            ])],
            method=f"{effort.points} exact points of sizes up to 4 for each, then a search: {stages}. What the record of a run says of "
            "its own, larger budgets is not used", seed=seed, seconds=perf_counter() - started,
            contradiction=f"{wrong[0].name} ({wrong[0].id}) fails at an exact point" if wrong else None,
        )  # fmt: skip

    # Factor by factor

    def product(self) -> Study:
        started, losses = perf_counter(), self.losses
        title = "Where the constants lose how much"
        if losses is None:
            return Study(
                id="tightness-factors", title=title, finding=self.none, seconds=perf_counter() - started
            )
        self.laboratory.progress("curvature", 0, losses.viewed)
        chains = losses.chains()
        self.laboratory.progress("curvature", losses.viewed, losses.viewed)
        rows: list[list[Scalar]] = []
        for one in chains:
            rows += [
                [one.name, factor.name, words.shown(words.power(factor.log10)), factor.log10, factor.why]
                for factor in one.factors
            ]
            rows.append([one.name, "all of them", words.shown(words.power(one.whole)), one.whole, one.ends])
        wrong = [one for one in chains if one.broken]
        text = words.lost(chains) + self.short
        if losses.curvature is None:
            text += " The curvature was not looked at: the instance is too large for it."
        drawn = [
            (f"{one.name}: {factor.name}", {"factor": words.power(factor.log10)})
            for one in chains
            for factor in one.factors
        ]
        return Study(
            id="tightness-factors", title=title, finding=text,
            tables=[Table(
                caption="The product, factor by factor", columns=["constant", "step", "factor", "log10", "what it is"], rows=rows,
                note="The factors of a constant multiply to its last row. Those of the rate are geometric means over the run; a factor "
                "below 1 gives back what others take. γ² is that of (15) over the γ² that (48) would need, if what B_k drifts went "
                "as its bound does, 1/γ².",
            )],
            bars=[words.bars("Factors lost", drawn, unit="factor")],
            method=f"Curvature by Lanczos' method on products with the Hessian in (Q, α), at {losses.viewed} iterates at most; movements "
            "of Q that change no score have curvature 0", seed=self.laboratory.instance.seed, seconds=perf_counter() - started,
            contradiction=f"the factors of {wrong[0].name} miss its whole by 10^{wrong[0].off:.2g}" if wrong else None,
        )  # fmt: skip

    # What is left

    def left(self) -> Study:
        started, losses = perf_counter(), self.losses
        title = "The rates that a tight proof would allow"
        if losses is None:
            return Study(
                id="tightness-rates", title=title, finding=self.none, seconds=perf_counter() - started
            )
        progress = self.laboratory.progress
        found = list(measured(self.laboratory, losses, progress))
        printed = found[0][0]
        sure = [[one.name, one.rates.gamma, one.rates.eta_Q, one.rates.eta_w, one.guaranteed, one.tight, words.steps(one.T),
                 words.times(printed.T, one.T)] for one, _ in found]  # fmt: skip
        seen = [[one.name, run_.steps, run_.observed, words.held(run_.margin, run_.at), words.held(run_.tight, run_.tight_at),
                 words.number(run_.step), words.number(run_.least), words.number(run_.drift)] for one, run_ in found]  # fmt: skip
        return Study(
            id="tightness-rates", title=title, finding=words.allowed(found) + self.short,
            tables=[
                Table(
                    caption="What each choice would guarantee",
                    columns=["rates", "γ", "η_Q", "η_w", "per step (18)", "if (49) were tight", "T of (21)", "times fewer"], rows=sure,
                    note="Only the first row is a theorem. Per step: η_w ζ_0/(2K). If (49) were tight: η_Q/2 times the least "
                    "‖∇ℓ‖²/(ℓ − 𝓛*) seen along the run at the printed rates.",
                ),
                Table(
                    caption="What a run at these rates shows",
                    columns=["rates", "steps", "observed per step", "(18)", "(18), (49) tight", "η_Q‖∇²ℓ‖", "λ_min/ζ_0", "drift/limit"],
                    rows=seen,
                    note="(18): the smallest margin over all steps, and its step. η_Q‖∇²ℓ‖ at most 1 is what Step 4 asks of the iterates "
                    "seen; λ_min/ζ_0 at least ½ is (43b); drift/limit at most 1 is (48): ‖B_k − B_k^(0)‖_F over (1 − 1/√2)√ζ_0.",
                ),
            ],
            method="Gradient descent in double precision until the bound at the rates in use is at its target, at most as long as the "
            "run at the printed rates; observed, nothing of it is certified", seed=self.laboratory.instance.seed,
            seconds=perf_counter() - started,
        )  # fmt: skip
