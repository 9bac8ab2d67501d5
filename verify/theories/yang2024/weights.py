"""Weights that somebody trained elsewhere: read, held against an instance, and judged without training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from numeric.errors import InputError
from numeric.readers import KEYED, array_names, read_array
from verify.output.phrases import decoded
from verify.pipeline.bench import Progress
from verify.record import Record
from verify.theories.yang2024.laboratory import Laboratory
from verify.theories.yang2024.numeric.exact import ExactInstance
from verify.theories.yang2024.numeric.gradient import softmax
from verify.theories.yang2024.numeric.instance import Array, Instance
from verify.theories.yang2024.options import Options, load_config
from verify.theories.yang2024.studies.weights import study
from verify.theories.yang2024.study_run import run_studies

NOT_ASKED = (
    "these weights are judged as they are: how they were trained is not known, so no statement about training was asked, "
    "and nothing was trained"
)


@dataclass(frozen=True)
class Weights:
    """θ: w (H, K), and either Q (H, d, d) or its offset Q − Q^(0) from the instance's own start; float64, as stored."""

    w: Array
    Q: Array | None
    Q_offset: Array | None
    source: str

    @property
    def H(self) -> int:
        return len(self.w)

    def fit(self, instance: Instance) -> None:
        """Raises InputError unless these are weights for the instance's d and K."""
        d, K = instance.d, instance.K
        Q = self.Q if self.Q is not None else self.Q_offset
        assert Q is not None
        if Q.shape[1:] != (d, d):
            needed = f"H x {d} x {d}, since tokens have d = {d} entries"
            raise InputError("weights Q shape", Q.shape, needed, f"save Q of {self.source} for this instance")
        if self.w.shape[1] != K:
            needed = f"H x {K}, one column for each of the K = {K} tokens"
            raise InputError(
                "weights w shape", self.w.shape, needed, f"save w of {self.source} for this instance"
            )

    def exact(self, instance: Instance) -> tuple[ExactInstance, Array | None]:
        """The instance in balls with these very floats, and the offset that goes with it."""
        if self.Q is None:
            return ExactInstance(instance), self.Q_offset
        return ExactInstance(replace(instance, Q_given=self.Q, w_given=None)), None

    def at(self, instance: Instance) -> Instance:
        """The instance with this θ as its start, for float64; an offset is added, and rounded."""
        Q = self.Q
        if Q is None:
            assert self.Q_offset is not None
            Q = np.stack(list(instance.heads())) + self.Q_offset
        return replace(instance, Q_given=Q, w_given=self.w)


def read_weights(
    files: Sequence[str | Path], Q_name: str | None = None, w_name: str | None = None
) -> Weights:
    """Q and w from one .npz or .safetensors file, or from two files, Q first.

    Q_name, w_name   names in that file; "Q" and "w" where None, and "Q_offset" where there is no "Q". A name that ends in
                     "offset" is the offset from the instance's Q^(0).

    Raises InputError.
    """
    paths = [Path(file) for file in files]
    if len(paths) > 2 or (len(paths) == 1 and paths[0].suffix.lower() not in KEYED):
        shown = ", ".join(str(path) for path in paths)
        needed = "one file that holds both Q and w (.npz, .safetensors), or two files, Q first"
        raise InputError("--weights", shown, needed, "save them together by np.savez(file, Q=Q, w=w)")
    if len(paths) == 2:
        for option, name in (("--weights-q", Q_name), ("--weights-w", w_name)):
            if name is not None:
                raise InputError(option, name, "one file with names in it", f"leave out {option}")
        Q = read_array(paths[0], "--weights, Q,", ndim=3)
        w = read_array(paths[1], "--weights, w,", ndim=2)
        return _weights(Q, w, False, f"{paths[0].name}, {paths[1].name}")
    path = paths[0]
    names = array_names(path, "--weights")
    if Q_name is None:
        Q_name = "Q_offset" if "Q" not in names and "Q_offset" in names else "Q"
    read = partial(read_array, path)
    Q = read("weights Q", key=Q_name, key_argument="--weights-q", ndim=3)
    w = read("weights w", key=w_name or "w", key_argument="--weights-w", ndim=2)
    return _weights(Q, w, Q_name.lower().endswith("offset"), path.name)


def _weights(Q: Array, w: Array, offset: bool, source: str) -> Weights:
    H, rows, columns = Q.shape
    if rows != columns:
        raise InputError(
            "weights Q shape", Q.shape, "H x d x d", f"save one square matrix a head in {source}"
        )
    if len(w) != H:
        swapped = w.shape[1] == H
        remedy = f"save w of {source} with one row a head"
        if swapped:
            remedy = "save w=np.ascontiguousarray(w.T), as .npz by np.savez; safetensors saves a view w.T in the order of w"
        raise InputError("weights w shape", w.shape, f"{H} x K, since Q has H = {H} heads", remedy)
    return Weights(w, None if offset else Q, Q if offset else None, decoded(source))


def trained(
    instance: str | None, files: Sequence[str], Q_name: str | None, w_name: str | None
) -> tuple[Callable[[Array], Array], Instance]:
    """The predictions (S, K) of the transformer with these weights as a function of labels (S, N), and the instance. Raises InputError."""
    weights = read_weights(files, Q_name, w_name)
    loaded, _ = load_config(instance, heads=weights.H, purpose="weights")
    weights.fit(loaded)
    here = weights.at(loaded)
    A_hat = np.einsum("hnk,hk->nk", softmax(here.scores0), here.w0)
    return lambda labels: labels @ A_hat, loaded


def judge(
    instance: Instance,
    weights: Weights,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    command: str = "",
) -> Record:
    """A record of the instance, its assumptions and the study of these weights. No claim is asked and nothing is trained.

    Raises InputError where the weights do not fit the instance; Interrupted, with a partial record, on Ctrl-C.
    """
    if weights.H != instance.H:
        raise InputError(
            "weights H", weights.H, f"H = {instance.H}, that of the instance", "load the instance with it"
        )
    weights.fit(instance)
    laboratory = Laboratory(instance, options, progress)
    studies = {"weights": partial(study, weights=weights)}
    return run_studies(
        laboratory,
        studies,
        command or "verify.theories.yang2024.weights.judge(instance, weights)",
        _without_claims,
    )


def _without_claims(record: Record) -> Record:
    """What a record without claims says in its first lines."""
    found = next((one for one in record.studies if one.id == "weights"), None)
    training = record.training and record.training.model_copy(
        update={"reason": "the weights were trained elsewhere"}
    )
    headline = "The weights were not judged: the run was cut short."
    if found is not None:
        headline = found.finding.partition(". ")[0].rstrip(".") + "."
    if found is not None and found.contradiction:
        headline = f"Against expectation: {found.contradiction}. {headline}"
    return record.model_copy(
        update={"headline": headline, "warnings": [NOT_ASKED, *record.warnings], "training": training}
    )
