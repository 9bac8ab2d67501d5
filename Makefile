# make report: the main job on real input.  make test: every quick check; make lint and make suite are its two parts.
# make bench: how long proofs and training take, see docs/performance.md, and how often a probe is right, see docs/probe.md;
# make bench-proofs, bench-finding, bench-training, bench-probe, bench-sweeping (cells a minute, docs/scaling.md), scaling: parts of it.
# make bench-trained: trains the models of docs/probe.md and writes their pages.
# make test-portable: the default run and the tests that last digits might upset, once for each kind of kernel that the
# processor has.
# make test-slow: what takes minutes. The default run against the committed record, runs that are killed and go on, the same in another
# process, an installation into a fresh environment, and the page in Chromium, which make chromium
# installs from the packages of Debian where it is missing.
# make test-whole: every test there is, with the rest of long tables, about half an hour.
# make mutants: false variants of every claim through its checks, and docs/mutants.md.  make fuzz: the kernel, 10,000 cases.
# make kernel-check: every stored proof through the kernel of Rocq, which is installed from the packages of Debian where it is missing,
# and docs/kernel.md.
# make docs: the documentation as pages, into out-docs.
# make reference: the committed record of the default run anew, and docs/status.md. Each sets up .venv where it is missing.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: report test suite test-portable test-slow test-whole chromium bench bench-proofs bench-finding bench-training bench-probe bench-trained \
	bench-sweeping scaling mutants kernel-check fuzz reference docs lint format clean

report: $(READY)
	$(BIN)/icl-verify run

test: lint suite

suite: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-portable: $(READY)
	ICL_PORTABLE=1 $(BIN)/python -m pytest -v -n 0 tests/portable

test-slow: $(READY) chromium
	$(BIN)/python -m pytest -m "slow and not whole" -n auto --dist loadfile --no-loadscope-reorder tests

test-whole: $(READY) chromium
	$(BIN)/python -m pytest -m "" -n auto --dist loadfile --no-loadscope-reorder tests

chromium:
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null \
		|| { apt-get update --quiet && apt-get install --yes --quiet chromium; } \
		|| { echo "make test-slow needs Chromium, which could not be installed: run apt-get install chromium as root"; exit 1; }

bench: $(READY)
	$(BIN)/python -m benchmarks

bench-proofs: $(READY)
	$(BIN)/python -m benchmarks.proofs

bench-finding: $(READY)
	$(BIN)/python -m benchmarks.finding

bench-training: $(READY)
	$(BIN)/python -m benchmarks.training

bench-probe: $(READY)
	$(BIN)/python -m benchmarks.probing

bench-trained: $(READY)
	$(BIN)/python -m benchmarks.trained

bench-sweeping: $(READY)
	$(BIN)/python -m benchmarks.sweeping

scaling: $(READY)
	$(BIN)/python -m benchmarks.training scaling largest

kernel-check: $(READY)
	@command -v coqc > /dev/null \
		|| { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends \
			coq libcoq-mathcomp-algebra libcoq-mathcomp-real-closed; } \
		|| echo "coqc could not be installed: run apt-get as root"
	$(BIN)/python -m verify.prove.kernel out-kernel docs/kernel.md

mutants: $(READY)
	$(BIN)/icl-verify mutants --markdown docs/mutants.md

fuzz: $(READY)
	ICL_FUZZ_CASES=10000 $(BIN)/python -m pytest -q -s tests/symbolic/test_indexed_fuzz.py

reference: report
	$(BIN)/python -m verify.output.listing out/record.json verify/theories/yang2024/reference.json docs/status.md

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,torch]'
	touch $(READY)

clean:
	rm -rf .venv out out-only out-weights out-sweep out-tightness
