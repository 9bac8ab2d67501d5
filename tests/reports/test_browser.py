"""The page in a real browser, headless: quiet console, no sideways scroll. `make test-slow` installs Chromium where none is found."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sample

import reports
from verify.record import Record

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.slow

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--disable-dev-shm-usage", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000", "--dump-dom",
]  # fmt: skip
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


def browse(path: Path, tmp_path: Path) -> tuple[str, str]:
    """(document, log) after the page has loaded."""
    assert BROWSER is not None, (
        "no Chromium on this machine: make test-slow installs it, apt-get install chromium alike"
    )
    profile = tmp_path / "profile"
    command = [
        BROWSER,
        *FLAGS,
        "--allow-file-access-from-files",
        f"--user-data-dir={profile}",
        path.as_uri(),
    ]
    env = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def console(log: str) -> list[str]:
    return [line for line in log.splitlines() if "CONSOLE" in line]


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
    assert BROWSER is not None
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    flags = [flag for flag in FLAGS if flag != "--dump-dom"]
    command = [
        BROWSER,
        *flags,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--print-to-pdf={tmp_path / 'page.pdf'}",
    ]
    subprocess.run(
        [*command, (tmp_path / "page.html").as_uri()], capture_output=True, timeout=120, check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    return len(re.findall(rb"/Type /Page\b", (tmp_path / "page.pdf").read_bytes()))
