"""`python -m benchmarks.trained`: trains the models of examples/models/probe_models.py, probes them, and writes their pages into docs.

python -m benchmarks.trained [--predictions DIR]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from itertools import product
from pathlib import Path

import reports
from benchmarks.shared import END, ROOT, circumstances, measured, replace, table
from verify.output.phrases import percent
from verify.pipeline.folder import save_record
from verify.probing.run import probe

PAGE, PAGES = ROOT / "docs" / "probe.md", ROOT / "docs" / "probes"
BEGIN = "<!-- trained -->"
MODELS = {
    "linear": "one layer of linear attention",
    "softmax": "one layer of softmax attention, times a number",
    "transformer": "transformer of 3 layers",
}
INPUTS = {"gaussian": "N(0, I)", "digits": "digits"}
NORMALISER = "N"  # what the linear layer divides by


def row(kind: str, inputs: str, predictions: Path) -> list[str]:
    """The line of a model, whose page is written; the model is trained where its predictions are not there."""
    file = predictions / f"{kind}-{inputs}.npz"
    if not file.exists():
        script = ROOT / "examples" / "models" / "probe_models.py"
        subprocess.run([sys.executable, str(script), kind, inputs, str(file)], check=True)
    command = f"icl-verify probe {file.name} --normaliser {NORMALISER}"
    found = probe(file, normaliser=NORMALISER, command=command)
    folder = PAGES / f"{kind}-{inputs}"
    folder.mkdir(parents=True, exist_ok=True)
    save_record(found.record, folder)
    reports.render(found.record, folder)
    inside, outside = next(iter(found.distances.values())).values()
    page = f"[page](probes/{folder.name}/index.html)"
    return [MODELS[kind], INPUTS[inputs], found.headline, percent(inside), percent(outside), page]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trained")
    parser.add_argument("--predictions", type=Path, default=ROOT / "build" / "predictions")
    predictions = parser.parse_args().predictions
    predictions.mkdir(parents=True, exist_ok=True)
    at = circumstances(("numpy", "torch"))
    rows = [row(kind, inputs, predictions) for kind, inputs in product(MODELS, INPUTS)]
    heads = ["model", "inputs", "answer", "squared distance", "with tasks three times as large", "page"]
    text = [f"{measured(at)}.", "", *table(heads, rows)]
    replace(PAGE, BEGIN, "\n".join([BEGIN, "", *text, "", END]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
