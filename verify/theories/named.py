"""What a theory brings to the commands, and which theory a command speaks of.

`--theory` takes a name that `icl-verify theories` lists, a Python file, or a module; `FILE:NAME` names one setting of several. Nothing
heavy is imported before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.theories.shipped import FIRST, SHIPPED

if TYPE_CHECKING:
    from numeric.probe.family import Family
    from verify.conformance.results import ModelChecks
    from verify.mutants.run import Progress, Run
    from verify.own.setting import Setting
    from verify.own.stored import StoredProofs
    from verify.pipeline.judge import Measured
    from verify.record import Record
    from verify.statement import Theory
    from verify.sweeps.subject import Subject, SweptFamily
    from verify.vocabulary import Tier

GROUP = "icl_verify.theories"
ARGUMENT = "--theory"


@dataclass(frozen=True, kw_only=True)
class NamedTheory:
    """A theory as the commands have it.

    name             what --theory was given
    title            what the theory is, in a line
    made             the theories under that name: one, or each setting or theory of a file
    commands         modules with commands of its own, `run` first, in the order of --help; each has an `app`
    package          the package that has its data files: reference.json, proofs.json; empty where there are none
    file             the Python file of its setting, beside which its proofs are stored; empty where there is none
    derivation       the steps of its derivation
    lean             whether a run in the fast tier tries no false variants and drops no hypotheses, since its statements are many
    instance_schema  the JSON Schema of its instance files
    mutants          runs false variants of its claims, where their checks need a laboratory
    model_checks     what it checks of a model that somebody else wrote
    families         algorithms of its own, beside those of every probe
    trained          a model of the theory with weights from files, as a function of labels, and the instance: of an instance file, the
                     files of the weights, and the names of Q and w in these
    family           instances of one description as a sweep, from the options of the command
    swept            what a sweep can vary and do, where the theory has instances
    studies          what it measures, from a seed, and what that says of its statements; where `run` is that of verify.commands.methods
    """

    name: str
    title: str
    made: Callable[[], Sequence[Setting | Theory]]
    commands: tuple[str, ...] = ("verify.commands.methods",)
    package: str = ""
    file: str = ""
    lean: bool = False
    derivation: Callable[[], list[Any]] | None = None
    instance_schema: Callable[[], str] | None = None
    mutants: Callable[[int, Sequence[str], Progress], Run] | None = None
    model_checks: Callable[[], ModelChecks] | None = None
    families: Callable[[], Sequence[Family]] | None = None
    trained: Callable[[str | None, Sequence[str], str | None, str | None], tuple[Any, Any]] | None = None
    studies: Callable[[int], Measured] | None = None
    family: Callable[..., SweptFamily] | None = None
    swept: Callable[[], Subject] | None = None

    @cached_property
    def stated(self) -> Setting | Theory:
        """The setting or theory. Raises InputError for a file that cannot be read, and where the name stands for several."""
        found = self.made()
        if len(found) > 1:
            names = ", ".join(title(one) for one in found)
            raise self.refused(f"one theory, and {self.name} has {names}", f"name one, as in {self.name}:S")
        return found[0]

    @cached_property
    def theory(self) -> Theory:
        """The theory, put together. Raises InputError as `stated`."""
        from verify.statement import Theory

        if isinstance(self.stated, Theory):
            return self.stated
        from verify.own.theory import theory

        return theory(self.stated, self._stored)

    @cached_property
    def _stored(self) -> StoredProofs | None:
        """The proofs that are stored beside the file of the setting, if there are any."""
        from verify.own import stored

        if not self.file:
            return None
        place = stored.place(self.file, [self.stated], update="")
        return stored.opened(place, [self.stated], update=False).get(title(self.stated))

    def ids(self) -> dict[str, str]:
        """Every id and alias, and the id it stands for."""
        return self.theory.names()

    def data(self, name: str) -> Traversable:
        """A data file of the theory. Raises InputError for a theory that has none."""
        if not self.package:
            raise self.refused(f"a theory that ships with a file {name}", "name the file that is meant")
        return files(self.package).joinpath(name)

    def reference(self, only: Sequence[str] = ()) -> Record:
        """The committed record of the default run; of a theory without one, the record of a check that is made now, of these ids alone
        where some are given."""
        if self.package:
            from verify.record import Record

            return Record.model_validate_json(self.data("reference.json").read_text(encoding="utf-8"))
        return self.checked(only)

    def checked(
        self, only: Sequence[str] = (), tier: Tier = "fast", seed: int = 0, *, controls: bool = True
    ) -> Record:
        """The record of a check that is made now; the arguments are those of `verify.check`."""
        from verify.own.check import check

        command = f"icl-verify run {ARGUMENT} {self.name}"
        return check(
            self.stated, tier, seed, only=only, command=command, stored=self._stored, controls=controls
        )

    def subject(self) -> Subject:
        """What a sweep can vary and do."""
        from verify.sweeps.subject import Stated

        return Stated(self) if self.swept is None else self.swept()

    def mutated(self, seed: int, only: Sequence[str], progress: Progress) -> Run:
        """False variants of its true claims, put through the same checks."""
        if self.mutants is not None:
            return self.mutants(seed, only, progress)
        from verify.mutants.examine import Examiner
        from verify.mutants.run import run
        from verify.pipeline.bench import Bench

        claims = self.theory.claims
        examiner = cache(lambda seed, per_claim: Examiner(claims, Bench(seed), seed, per_claim))
        return run(claims, examiner, seed, only, workers=1, progress=progress)

    def refused(self, needed: str, remedy: str) -> Exception:
        """The InputError that says what this theory lacks."""
        from numeric.errors import InputError

        return InputError(ARGUMENT, self.name, needed, remedy)


def described() -> Iterator[tuple[str, str]]:
    """The name of each theory that ships with the program or that an installed package brings, and what the theory is."""
    for name in SHIPPED:
        yield name, shipped(name).title
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in SHIPPED:
            yield point.name, f"brought by {point.value}"


def shipped(name: str) -> NamedTheory:
    """A theory that ships with the program."""
    found: NamedTheory = import_module(SHIPPED[name]).NAMED
    return found


def find(name: str | None) -> NamedTheory:
    """The theory of this name; the first one where there is none. Raises InputError where nothing has the name."""
    if name is None:
        return shipped(FIRST)
    if name in SHIPPED:
        return shipped(name)
    for point in entry_points(group=GROUP):
        if point.name == name:
            return _loaded(name, point.value)
    known = [known for known, _ in described()]
    near = get_close_matches(name, known, n=1)
    if not name or (near and not name.partition(":")[0].endswith(".py")):
        from numeric.errors import InputError

        remedy = f"did you mean {near[0]}?" if near else "pass --theory my_lemmas.py, for example"
        raise InputError(ARGUMENT, name or '""', "a theory, a Python file or a module", remedy)
    return _loaded(name, name)


def of_setting(package: str, title: str, **more: Any) -> NamedTheory:
    """The theory of a package whose `theory.py` has a SETTING, with its proofs stored beside that file."""
    (folder,) = import_module(package).__path__
    return NamedTheory(
        name=package.rpartition(".")[2],
        title=title,
        made=lambda: (import_module(f"{package}.theory").SETTING,),
        file=str(Path(folder) / "theory.py"),
        **more,
    )


def _loaded(name: str, source: str) -> NamedTheory:
    """From a file, a module, or one object in it, which a NamedTheory, a Theory or a Setting may be."""
    from verify.own.files import objects

    found = objects(source, ARGUMENT, (NamedTheory,))
    if isinstance(found[0], NamedTheory):
        return found[0]

    return NamedTheory(name=name, title=title(found[0]), made=lambda: found)


def title(stated: Setting | Theory) -> str:
    """What a setting is called, or the source of a theory."""
    found: str = getattr(stated, "name", None) or stated.source  # type: ignore[union-attr]
    return found
