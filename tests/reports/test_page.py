"""The page: complete, self-contained, deterministic, well-formed, and honest about what is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sample
from sample_claims import PARTS

import reports
from verify.record import Pairs, Record, Series, Table

ROOT = Path(__file__).resolve().parents[2]
VOID = frozenset(["meta", "link", "input", "br", "hr", "img"])


class Balance(HTMLParser):
    """Every element closed in order, every id once, every link within the page to an id that exists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.targets: set[str] = set()
        self.tags: Counter[str] = Counter()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} {name}"
            if name == "id":
                self.ids[value or ""] += 1
            if name == "href" and tag in ("a", "use") and value:
                assert value.startswith("#"), value
                self.targets.add(value[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> out of order"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parse(page: str) -> Balance:
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert [name for name, count in parser.ids.items() if count > 1] == []
    assert parser.targets <= set(parser.ids)
    return parser


@pytest.fixture(scope="module")
def record() -> Record:
    return sample.record()


@pytest.fixture(scope="module")
def page(record: Record) -> str:
    return reports.html(record)


def test_well_formed(page: str) -> None:
    parsed = parse(page)
    assert parsed.tags["math"] >= 20
    assert parsed.tags["figure"] == 10  # three of them of the study


def test_everything_in_the_record_is_on_the_page(record: Record, page: str) -> None:
    text = re.sub(r"\s+", " ", "".join(parse(page).text))
    for claim in record.claims:
        assert claim.command in text
        assert f'id="{claim.id}-{claim.form}"' in page
        for evidence in claim.evidence:
            assert evidence.budget in text
        for witness in (claim.witness, *(need.witness for need in claim.needs)):
            for value in (witness.values if witness else {}).values():
                assert value in text
        for need in claim.needs:
            assert need.verdict.replace("-", " ") in text
            assert need.budget in text
        for one in claim.improvements:
            assert text.count(one.attained) >= 2  # in its row and in the table of all
            for step in one.proof:
                assert step in text
        assert claim.consequence in text
        assert claim.part in text
    for assumption in record.assumptions:
        for offender in assumption.offenders:
            assert offender in text
    for step in record.derivation:
        assert step.equation.latex in text
    for constant in record.constants:
        assert constant.lower in page
        assert constant.upper in page
    assert record.claims[-2].contradiction in text
    assert "Expected fails; found holds." in text
    assert "GPU: not run." in text
    assert record.provenance.commit in text
    assert "None" not in text
    assert "nan" not in text.split()


def test_statements_stand_under_the_parts_of_the_paper(record: Record, page: str) -> None:
    ids = [f'id="part-{part.lower().replace(" ", "-")}"' for part in PARTS]
    places = [page.index(id) for id in ids]
    assert places == sorted(places)
    rows = {claim.id: page.index(f'id="{claim.id}-printed"') for claim in record.claims}
    assert places[0] < rows["a-ridge"] < places[1] < rows["lemma-5"] < places[2]
    assert places[2] < rows["theorem-1"] < places[3] < rows["w3"]
    assert ">2 hold, 1 fails<" in page.split(ids[0])[1].split("</h3>")[0]  # the repair is not counted


def test_one_drawer_a_statement(record: Record, page: str) -> None:
    drawers = page.split('<details class="claim ')[1:]
    assert len(drawers) == len({claim.id for claim in record.claims})
    (drawer,) = (one for one in drawers if 'id="lemma-5"' in one)
    assert drawer.index('id="lemma-5-printed"') < drawer.index('id="lemma-5-repaired"')
    assert "How the printed form was judged" in drawer
    assert "How the repaired form was judged" in drawer
    assert "Refused beside it" in drawer.split("How the repaired form")[1]
    assert drawer.startswith("v-fails f-printed f-repaired")


def test_names_of_a_statement_are_anchors(record: Record) -> None:
    claims = [
        record.claims[0].model_copy(update={"id": "eq-18", "aliases": ["thm-1", "run", "A b", "eq-20"]}),
        record.claims[1].model_copy(update={"id": "eq-20", "aliases": ["thm-1"]}),
    ]
    parsed = parse(reports.html(record.model_copy(update={"claims": claims})))
    assert {"eq-18", "eq-20", "thm-1", "A1", "A3"} <= set(parsed.ids)
    assert "A b" not in parsed.ids


@pytest.mark.slow
def test_a_record_without_parts_has_one_list(record: Record) -> None:
    claims = [claim.model_copy(update={"part": ""}) for claim in record.claims]
    page = reports.html(record.model_copy(update={"claims": claims}))
    parse(page)
    assert "Other statements" not in page
    assert "Parts of the paper" not in page


def findings(page: str) -> str:
    return page.split('id="findings"')[1].split("</section>")[0]


@pytest.mark.slow
def test_what_fails_and_its_repair_come_first(record: Record, page: str) -> None:
    shown = findings(page)
    assert page.index('id="findings"') < page.index('id="run"')
    for id in ("eq-33", "lemma-5"):
        assert f'href="#{id}-printed"' in shown
        assert f'href="#{id}-repaired"' in shown
    assert "(43c) and (49) hold with it as written" in shown  # the consequence, where there is one
    assert "no constant changes" in shown  # else the reason of the repair
    assert 'href="#lemma-2-printed"' in shown  # what may be sharper
    kept = [claim for claim in record.claims if claim.form == "printed"]
    alone = findings(reports.html(record.model_copy(update={"claims": kept})))
    assert alone.count("none in this record") == 2
    held = [claim for claim in kept if claim.verdict != "fails" and not claim.improvements]
    quiet = findings(reports.html(record.model_copy(update={"claims": held})))
    assert "No statement that was checked fails as printed." in quiet
    assert "What may be sharper" not in quiet


def test_self_contained(page: str) -> None:
    assert "http://" not in page
    assert "https://" not in page
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert page.count("<script") == 1
    listed = b64encode(sha256(script.encode()).digest()).decode()
    assert "@import" not in page
    assert set(re.findall(r"url\(([^)]{0,5})", page)) <= {"#fig-"}
    for source in re.findall(r'(?:src|href)="([^"]{0,20})', page):
        assert source.startswith(("#", "data:")), source
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert unescape(policy[1]) == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{listed}'; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.slow
def test_same_record_same_bytes(record: Record, page: str, tmp_path: Path) -> None:
    path = reports.render(record, tmp_path / "a" / "b")
    assert path == tmp_path / "a" / "b" / "index.html"
    assert path.read_bytes() == page.encode()
    assert os.listdir(path.parent) == ["index.html"]
    again = Record.model_validate_json(record.model_dump_json())
    assert reports.render(again, path.parent).read_bytes() == page.encode()


@pytest.mark.slow
def test_same_bytes_in_another_process(record: Record, page: str, tmp_path: Path) -> None:
    record.save(tmp_path / "record.json")
    code = (
        "import sys; from pathlib import Path; import reports; from verify.record import Record;"
        "reports.render(Record.load(sys.argv[1]), Path(sys.argv[2]))"
    )
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "record.json", tmp_path],
        cwd=ROOT,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "17", "MPLBACKEND": "svg"},
    )
    assert (tmp_path / "index.html").read_bytes() == page.encode()


@pytest.mark.slow
def test_nothing_is_left_where_writing_fails(record: Record, tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OSError, match=r"index\.html"):
        reports.render(record, tmp_path)
    assert os.listdir(tmp_path) == ["index.html"]


def test_minimal_record_says_what_is_missing() -> None:
    page = reports.html(sample.minimal())
    parsed = parse(page)
    text = "".join(parsed.text)
    assert "Partial record." in text
    assert "interrupted by Ctrl-C during training" in text
    assert "Exit code 130: interrupted." in text
    for what in ("assumptions", "verdicts", "training", "constants", "derivation"):
        assert f"Not run: the run ended before {what}." in text
    assert parsed.tags["figure"] == 0


def test_a_limited_run_says_so(record: Record) -> None:
    settings = record.settings.model_copy(update={"only": ["lemma-5"]})
    page = reports.html(record.model_copy(update={"settings": settings, "training": None}))
    assert "Not run: this run was limited to lemma-5 and did not need training." in page


def test_a_study_shows_the_statements_of_our_own_that_it_rests_on(record: Record) -> None:
    (study,) = record.studies
    ours = record.claims[0].model_copy(
        update={"form": "ours", "title": "A step of our own", "part": "First part"}
    )
    page = reports.html(
        record.model_copy(update={"studies": [study.model_copy(update={"statements": [ours]})]})
    )
    section = page[page.index('<section id="study-slack"') :].split("</section>")[0]
    assert "<h3>First part</h3>" in section
    assert "A step of our own" in section
    assert "<math" in section
    assert '<span class="form">ours</span>' in section


def test_a_record_of_studies_alone_shows_them_first_and_nothing_empty(record: Record) -> None:
    (study,) = record.studies
    rows: list[list[object]] = [[n, 0.5, "holds"] for n in range(60)]
    long = Table(caption="All sixty", columns=["instance", "margin", "(18)"], rows=rows)
    changes = {"claims": [], "studies": [study.model_copy(update={"tables": [*study.tables, long]})]}
    alone = {
        "assumptions": [],
        "constants": [],
        "derivation": [],
        "training": None,
        "panels": [],
    }
    page = reports.html(record.model_copy(update=changes | alone))
    parsed = parse(page)
    sections = re.findall(r'<section id="([^"]+)"', page)
    assert sections == ["study-slack", "run", "provenance"]
    assert parsed.targets <= set(parsed.ids)
    assert "Not run: the record holds no" not in page
    assert page.count("<details") == 1
    assert "All sixty: 60 rows</summary>" in page
    some = reports.html(record.model_copy(update=changes | alone | {"assumptions": record.assumptions}))
    assert re.findall(r'<section id="([^"]+)"', some) == ["study-slack", "run", "assumptions", "provenance"]
    whole = re.findall(r'<section id="([^"]+)"', reports.html(record.model_copy(update=alone)))
    assert (
        whole.index("findings")
        < whole.index("training")
        < whole.index("study-slack")
        < whole.index("derivation")
    )


def test_a_complete_good_run_has_no_alarms(record: Record) -> None:
    claims = [claim for claim in record.claims if claim.id in ("a-ridge", "lemma-1")]
    page = reports.html(record.model_copy(update={"claims": claims, "exit_code": 0, "warnings": []}))
    assert "banner" not in page.split("</style>")[1]
    assert "every verdict is as expected" in page


def test_odd_ids_and_names_stay_apart(record: Record) -> None:
    claim = record.claims[0]
    odd = [claim.model_copy(update={"id": name}) for name in ("a b", "a-b", "Ä", "<b>", "")]
    groups = {"$x_1$ <b>": Pairs(x=[1.0], y=[1.0]), "漢字": Pairs(x=[0.5], y=[2.0])}
    panel = record.panels[1]
    scatter = panel.scatters[0].model_copy(update={"groups": groups})
    empty = panel.comparisons[0].model_copy(update={"first": [], "second": []})
    predictor = panel.model_copy(update={"scatters": [scatter], "comparisons": [empty]})
    parsed = parse(reports.html(record.model_copy(update={"claims": odd, "panels": [predictor]})))
    assert parsed.tags["b"] > 0
    assert "$x_1$ <b>" in parsed.text


@pytest.mark.sampled(4)
@pytest.mark.parametrize("value", [0.0, -1.0, 1e-320, 1e300])
def test_hardly_drawable_curves(record: Record, value: float) -> None:
    curves = record.training.curves.model_copy(
        update={"x": [0, 1], "y": {"gap": [value, value], "bound": []}}
    )
    still = record.training.charts[0].model_copy(update={"series": Series(x=[1, 2], y={"Q": [0.0, 0.0]})})
    training = record.training.model_copy(update={"curves": curves, "charts": [still]})
    columns = record.panels[0].columns[0].model_copy(update={"values": {"a": [[value], []]}, "floors": {}})
    spectrum = record.panels[0].model_copy(update={"columns": [columns]})
    page = reports.html(record.model_copy(update={"training": training, "panels": [spectrum]}))
    parse(page)
    assert "Not drawn, because negative, zero or nearly so: 2 of the stored values." in page


def test_the_plot_of_the_training_says_what_it_shows(record: Record) -> None:
    training = record.training.model_copy(
        update={"marks": {"T of (21)": 9_000}, "levels": {"0.001 of the start": 3.1e-4}}
    )
    page = reports.html(record.model_copy(update={"training": training}))
    figure = page.split("The loss gap stays below the guaranteed bound at every step drawn", 1)[1].split(
        "</figure>"
    )[0]
    assert "T of (21): t = 9000" in figure
    assert "0.001 of the start" in figure
    curves = training.curves.model_copy(
        update={"x": [0, 1, 2], "y": {"gap": [1.0, 0.6, 0.3], "bound": [1.0, 0.5, 0.4]}}
    )
    above = reports.html(
        record.model_copy(update={"training": training.model_copy(update={"curves": curves})})
    )
    assert "The loss gap is above the guaranteed bound at 1 of 3 steps drawn" in above


@pytest.mark.slow
def test_large_instances_stay_light(record: Record) -> None:
    wide = [[0.001 * i * k for k in range(200)] for i in range(30)]
    spectrum, predictor = record.panels
    values = {"step 0": [[float(i + 1) for i in range(30)]] * 200}
    columns = spectrum.columns[0].model_copy(update={"values": values})
    matrices = predictor.comparisons[0].model_copy(update={"first": wide, "second": wide})
    panels = [
        spectrum.model_copy(update={"columns": [columns]}),
        predictor.model_copy(update={"comparisons": [matrices]}),
    ]
    page = reports.html(record.model_copy(update={"panels": panels}))
    assert len(page) < 600_000
    assert "Largest difference 0." in page


@pytest.mark.slow
def test_renders_without_the_packages_that_compute(tmp_path: Path) -> None:
    sample.record().save(tmp_path / "record.json")
    code = f"""
import sys
from pathlib import Path
class Blocked:
    def find_spec(self, name, path=None, target=None):
        blocked = "torch sympy numeric symbolic flint sklearn scipy latex2mathml".split()
        if name.split(".")[0] in blocked:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
sys.path.insert(0, {str(ROOT)!r})
import reports
from verify.record import Record, Table
path = reports.render(Record.load(sys.argv[1]), Path(sys.argv[2]))
assert not any(m.split(".")[0] in ("torch", "sympy", "numeric", "symbolic") for m in sys.modules)
assert not any(m == "matplotlib.pyplot" for m in sys.modules)
print(path)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, tmp_path / "record.json", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_file()
