"use strict";
{
  const search = document.getElementById("search");
  if (search) {
    const said = document.getElementById("found");
    const rows = [...document.querySelectorAll(".claim")].map(row => [row, row.textContent.toLowerCase()]);
    search.closest("label").hidden = false;
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every(word => text.includes(word));
        count += !row.hidden;
      }
      said.textContent = words.length ? `${count} of ${rows.length}` : "";
    });
    document.addEventListener("keydown", event => {
      if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) {
        event.preventDefault();
        search.focus();
      }
    });
  }
}
