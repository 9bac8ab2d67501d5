"""The page in a real browser, headless: quiet console, no sideways scroll. `make test-slow` installs Chromium where none is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sample
from browser import browse, console, paper

import reports
from verify.record import Record

pytestmark = pytest.mark.slow
# Headless windows have a least width, so the narrow page is looked at through a frame of the width asked for.
FRAME = """<!doctype html>
<iframe id="f" style="width:{width}px;height:900px;border:0" src="page.html"></iframe>
<pre id="found"></pre><script>
document.getElementById("f").onload = () => {{
  const root = document.getElementById("f").contentDocument.documentElement;
  const wide = [...root.querySelectorAll("body *")].filter(e =>
    e.getBoundingClientRect().right > {width} + 1 && !e.closest(".scroll, .eq, svg"));
  document.getElementById("found").textContent = "scrollWidth=" + root.scrollWidth + " wide=" +
    wide.slice(0, 5).map(e => e.tagName + "." + e.className) +
    " maths=" + root.querySelectorAll("math").length;
}};
</script>"""


@pytest.mark.parametrize("make", [sample.record, sample.minimal])
def test_console_stays_empty(make: object, tmp_path: Path) -> None:
    assert callable(make)
    document, log = browse(reports.render(make(), tmp_path), tmp_path)
    assert "</html>" in document
    assert console(log) == []


def test_the_console_is_really_watched(tmp_path: Path) -> None:
    """The policy stops a script that somebody adds, and the log shows it."""
    page = reports.html(sample.minimal()).replace("</main>", "<script>document.title = 'ran'</script></main>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    document, log = browse(tmp_path / "page.html", tmp_path)
    assert "<title>ran</title>" not in document
    assert any("Content Security Policy" in line for line in console(log))


@pytest.mark.parametrize("width", [400, 1280])
def test_no_sideways_scroll(width: int, tmp_path: Path) -> None:
    record: Record = sample.record()
    page = reports.html(record).replace("<details ", "<details open ")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME.format(width=width), encoding="utf-8")
    document, _ = browse(tmp_path / "frame.html", tmp_path)
    found = re.search(r"scrollWidth=(\d+) wide=(.*) maths=(\d+)", document)
    assert found is not None, document[-500:]
    assert int(found[1]) == width, found[2]
    assert found[2] == ""
    assert int(found[3]) >= 20


USED = """<!doctype html>
<iframe id="f" style="width:1280px;height:900px;border:0" src="page.html{hash}"></iframe>
<pre id="found"></pre><script>
document.getElementById("f").onload = () => {{
  const page = document.getElementById("f").contentDocument, search = page.querySelector(".search");
  const opened = page.querySelectorAll(".claim[open]").length;
  const shown = () => [...page.querySelectorAll(".claim")].filter(row => !row.hidden).length;
  const field = search.querySelector("input"), all = shown();
  field.value = "{words}";
  field.dispatchEvent(new Event("input"));
  document.getElementById("found").textContent = "opened=" + opened + " all=" + all + " found=" + shown() + " " + search.hidden;
}};
</script>"""


@pytest.mark.parametrize("script", [True, False])
def test_search_and_addresses_in_use(script: bool, tmp_path: Path) -> None:
    """An address without its form opens the drawer, with the script and without; the search needs the script, and is hidden else."""
    record = sample.record()
    page = reports.html(record)
    page = page if script else re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    frame = USED.format(hash="#lemma-5", words="lemma-5 mτ")
    (tmp_path / "frame.html").write_text(frame, encoding="utf-8")
    document, _ = browse(tmp_path / "frame.html", tmp_path)
    found = re.search(r"opened=(\d+) all=(\d+) found=(\d+) (\w+)</pre>", document)
    assert found is not None, document[-500:]
    drawers = len({claim.id for claim in record.claims})
    assert int(found[2]) == drawers
    assert int(found[1]) == 1
    if script:
        assert 1 <= int(found[3]) < drawers
        assert found[4] == "false"
    else:
        assert (int(found[3]), found[4]) == (drawers, "true")


def test_paper_holds_what_matters(tmp_path: Path) -> None:
    """Rows that are closed stay closed; one that is open is printed whole."""
    page = reports.html(sample.record())
    opened = page.replace("<details ", "<details open ")
    pages = [printed(text, tmp_path) for text in (page, opened)]
    assert 1 < pages[0] <= 6 < pages[1]


def printed(page: str, tmp_path: Path) -> int:
    """How many pages of paper the page takes."""
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    return paper(tmp_path / "page.html", tmp_path)
