"""The instance file (TOML) as data: its tables, its JSON Schema, and what is wrong with one, in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from numeric.errors import InputError
from numeric.readers import Orientation
from verify.theories.yang2024.numeric import dictionaries
from verify.theories.yang2024.numeric.instance import LARGEST_FILE_SEED, Inference, TaskKind, TaskLaw

BOUND_TARGET = 1e-3
MAX_STEPS = 200_000
INFERENCE = Inference()
STARTER = "`icl-verify init` writes a commented example"


class Section(BaseModel):
    """A table of the file. Strict: no text where a number belongs, no true for 1, no unknown key."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


Size = Annotated[int, Field(ge=1, examples=[10])]
Positive = Annotated[float, Field(gt=0, examples=[0.1])]
Name = Annotated[str, Field(min_length=1, examples=["tokens.npy"])]
Seed = Annotated[int, Field(ge=0, le=LARGEST_FILE_SEED, examples=[0])]


class Tasks(Section):
    """Law of the task coefficients λ: m independent components (A1)."""

    kind: Annotated[TaskKind, Field(examples=["gaussian"])] = "gaussian"
    mean: Annotated[float, Field(examples=[0.0])] = 0.0
    std: Annotated[float, Field(ge=0, examples=[1.0])] = 1.0

    def law(self) -> TaskLaw:
        return TaskLaw(self.kind, float(self.mean), float(self.std))


class InferenceSection(Section):
    """What Theorem 2 is asked about."""

    tasks: Annotated[Tasks, Field(description="law of the unseen λ")] = Tasks(mean=1.0, std=2.0)
    B: Annotated[Positive, Field(description="largest ‖λ‖₂ (A4)")] = INFERENCE.B
    epsilon: Annotated[Positive, Field(description="accuracy asked for in (22)")] = INFERENCE.epsilon
    delta: Annotated[float, Field(gt=0, lt=1, examples=[0.05])] = INFERENCE.delta
    prompts: Annotated[Size, Field(description="number of sampled prompts")] = INFERENCE.prompts

    def build(self) -> Inference:
        B, epsilon, delta = float(self.B), float(self.epsilon), float(self.delta)
        return Inference(tasks=self.tasks.law(), B=B, epsilon=epsilon, delta=delta, prompts=self.prompts)


class Training(Section):
    """When gradient descent (10) stops."""

    bound_target: Annotated[float, Field(gt=0, lt=1, examples=[1e-3])] = BOUND_TARGET
    max_steps: Size = MAX_STEPS


class Noise(Section):
    tau: Annotated[Positive, Field(description="noise level τ")]


class Initialisation(Section):
    """Q_h^(0) Gaussian with deviation beta, or from a file; w_h^(0) zero, or from a file."""

    beta: Annotated[
        Positive | None,
        Field(description="deviation of the entries of Q_h^(0); 20 for digits, else 1", examples=[1.0]),
    ] = None
    Q: Annotated[Name | None, Field(description="file of H x d x d numbers", examples=["Q.npy"])] = None
    Q_key: Annotated[Name | None, Field(examples=["Q"])] = None
    w: Annotated[Name | None, Field(description="file of H x K numbers", examples=["w.npy"])] = None
    w_key: Annotated[Name | None, Field(examples=["w"])] = None


class Fourier(Section):
    """Random Fourier features; sizes.m of them."""

    kind: Literal["rff"] = "rff"
    bandwidth: Positive = dictionaries.DIGITS_BANDWIDTH
    seed: Annotated[Seed | None, Field(description="the seed of the run where absent", examples=[0])] = None


class Identity(Section):
    kind: Literal["identity"]


class Quadratic(Section):
    kind: Literal["quadratic"]


class Given(Section):
    kind: Literal["given"]
    file: Annotated[Name, Field(examples=["features.npy"])]
    key: Annotated[Name | None, Field(examples=["features"])] = None
    orientation: Annotated[Orientation, Field(examples=["columns"])] = "columns"


Map = Annotated[Identity | Quadratic | Fourier, Field(discriminator="kind")]
MapOrGiven = Annotated[Identity | Quadratic | Fourier | Given, Field(discriminator="kind")]


class TokensFile(Section):
    """The user's tokens, one a column (d x K, as in the paper) or one a row."""

    file: Name
    key: Annotated[
        Name | None, Field(description="array name in .npz, .safetensors", examples=["tokens"])
    ] = None
    orientation: Annotated[Orientation, Field(examples=["columns"])] = "columns"
    unit_norm: Annotated[bool, Field(description="scale every token to unit norm", examples=[True])] = False


class TokensDrawn(Section):
    unit_norm: Annotated[
        bool, Field(description="false is what the paper ran; violates A0", examples=[True])
    ] = True


class DigitsSizes(Section):
    N: Size = dictionaries.DIGITS.N
    K: Size = dictionaries.DIGITS.K
    m: Annotated[
        Size | None, Field(description="10 for rff; identity and quadratic fix it", examples=[10])
    ] = None
    H: Size = dictionaries.DIGITS.H


class SyntheticSizes(Section):
    N: Size = dictionaries.PAPER.N
    K: Size = dictionaries.PAPER.K
    d: Size = dictionaries.PAPER.d
    m: Size = dictionaries.PAPER.m
    H: Size = dictionaries.PAPER.H


class ArraysSizes(Section):
    """N and H; K, d and m are compared with the arrays where they are stated (m is needed for rff)."""

    N: Size
    H: Size
    K: Annotated[Size | None, Field(examples=[20])] = None
    d: Annotated[Size | None, Field(examples=[64])] = None
    m: Annotated[Size | None, Field(examples=[10])] = None


class Common(Section):
    name: Annotated[Name | None, Field(examples=["digits"])] = None
    seed: Annotated[Seed, Field(description="every random number of a run comes from it")] = 0
    tasks: Tasks = Tasks()
    inference: InferenceSection = InferenceSection()
    training: Training = Training()


class Digits(Common):
    """scikit-learn's bundled handwritten digits as tokens."""

    kind: Literal["digits"]
    sizes: DigitsSizes = DigitsSizes()
    noise: Noise = Noise(tau=dictionaries.DIGITS.tau)
    initialisation: Initialisation = Initialisation()
    features: Map = Fourier()


class Synthetic(Common):
    """Appendix A of the paper: Gaussian tokens and features."""

    kind: Literal["synthetic"]
    sizes: SyntheticSizes = SyntheticSizes()
    noise: Noise = Noise(tau=dictionaries.PAPER.tau)
    initialisation: Initialisation = Initialisation()
    tokens: TokensDrawn = TokensDrawn()


class Arrays(Common):
    """The user's own tokens, and features of them."""

    kind: Literal["arrays"]
    sizes: ArraysSizes
    noise: Noise
    initialisation: Initialisation = Initialisation()
    tokens: TokensFile
    features: MapOrGiven


FILES: dict[str, type[Digits] | type[Synthetic] | type[Arrays]] = {
    "digits": Digits,
    "synthetic": Synthetic,
    "arrays": Arrays,
}
DEFAULT_BETA = {"digits": dictionaries.DIGITS.beta, "synthetic": dictionaries.PAPER.beta, "arrays": 1.0}


def instance_schema() -> str:
    """JSON Schema of an instance file, as committed in verify/theories/yang2024/instance.schema.json."""
    file = TypeAdapter(Annotated[Digits | Synthetic | Arrays, Field(discriminator="kind")])
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "icl-verify instance"}
    return json.dumps(schema | file.json_schema(), indent=1, sort_keys=True) + "\n"


def parse(data: dict[str, Any], file_name: str) -> Digits | Synthetic | Arrays:
    """The file's tables, validated. Raises InputError naming the dotted key; unknown keys come first."""
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in FILES:
        # A misspelt `kind` is more likely than a missing one.
        unknown = [key for key in data if key not in KEYS["arrays"]]
        if "kind" not in data and (slip := get_close_matches("kind", unknown, n=1)):
            raise InputError(slip[0], data[slip[0]], "a known key", f"did you mean kind? see {file_name}")
        near = get_close_matches(str(kind), FILES, n=1)
        remedy = f'did you mean "{near[0]}"?' if near else f'write kind = "digits" in {file_name}'
        raise InputError("kind", "nothing" if kind is None else kind, f"one of {', '.join(FILES)}", remedy)
    try:
        return FILES[kind].model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        first = next((detail for detail in details if detail["type"] == "extra_forbidden"), details[0])
        raise _input_error(first, KEYS[kind], file_name) from error


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted key of a model with an example value; None for tables."""
    for name, info in model.model_fields.items():
        tables = [part for part in (info.annotation, *get_args(info.annotation)) if isinstance(part, type)]
        tables = [part for part in tables if issubclass(part, BaseModel)]
        stated = [info.default] if isinstance(info.default, str | int | float) else info.examples
        choices = get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
        yield prefix + name, (stated or choices or (None,))[0]
        for table in tables:
            yield from _keys(table, f"{prefix}{name}.")


KEYS = {kind: dict(_keys(model)) for kind, model in FILES.items()}
TAGS = ("rff", "identity", "quadratic", "given")
NEEDED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "model_type": "a table of keys",
    "model_attributes_type": "a table of keys",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "{expected}",
    "union_tag_invalid": "one of {expected_tags}",
    "union_tag_not_found": "a value",
    "missing": "a value",
}


def _input_error(detail: ErrorDetails, keys: dict[str, Any], file_name: str) -> InputError:
    # pydantic names the member of a union inside the path, after the table it stands for.
    path = [part for i, part in enumerate(detail["loc"]) if not (i and part in TAGS)]
    context: dict[str, Any] = detail.get("ctx", {})
    error = detail["type"]
    if error.startswith("union_tag"):
        path.append("kind")
    key = ".".join(str(part) for part in path)
    value = "nothing" if error in ("missing", "union_tag_not_found") else detail["input"]
    if error == "union_tag_invalid":
        value = context["tag"]
    if error == "extra_forbidden":
        return _unknown_key(key, value, keys, file_name)
    needed = NEEDED.get(error, detail["msg"]).format(**context)
    choices = str(context.get("expected", context.get("expected_tags", "")))
    near = get_close_matches(str(value), re.findall(r"'(\w+)'", choices), n=1)
    if near and isinstance(value, str):
        return InputError(key, value, needed, f'did you mean "{near[0]}"?')
    example = keys.get(key)
    if example is None:
        if any(known.startswith(f"{key}.") for known in keys):
            return InputError(key, value, needed, f"write a line [{key}] in {file_name}; {STARTER}")
        return InputError(key, value, needed, f"set {key} in {file_name}; {STARTER}")
    table, _, leaf = key.rpartition(".")
    place = f"under [{table}] in {file_name}" if table else f"in {file_name}"
    return InputError(key, value, needed, f"write {leaf} = {json.dumps(example)} {place}, for example")


def _unknown_key(key: str, value: object, keys: dict[str, Any], file_name: str) -> InputError:
    table, _, leaf = key.rpartition(".")
    prefix = f"{table}." if table else ""
    below = [known.removeprefix(prefix) for known in keys if known.startswith(prefix)]
    siblings = [name for name in below if "." not in name]
    near = [f"{prefix}{name}" for name in get_close_matches(leaf, siblings, n=1)]
    near += [k for k in keys if k.rpartition(".")[2] == leaf]
    near += get_close_matches(key, keys, n=1)
    known = ", ".join(siblings) or "none"
    remedy = f"did you mean {near[0]}?" if near else f"remove it from {file_name}"
    return InputError(key, value, f"a known key ({f'in [{table}]' if table else 'here'}: {known})", remedy)
