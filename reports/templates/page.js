"use strict";
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const open = () => {
    const found = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const drawer = found && found.closest("details");
    if (drawer) { drawer.open = true; found.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();

  const reachable = () => {
    for (const box of all(".scroll:not(.mapbox), .eq")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);
  addEventListener("toggle", reachable, true);

  const map = document.querySelector("svg.map");
  if (map) {
    const edges = all(".edge", map).map(line => ({ line, below: line.dataset.below, above: line.dataset.above }));
    const nodes = all(".node", map);
    const line = document.querySelector(".chosen"), hint = line.textContent;
    const reached = (id, from, to) => {
      const found = new Set([id]), left = [id];
      while (left.length) {
        const here = left.pop();
        for (const edge of edges) if (edge[from] === here && !found.has(edge[to])) { found.add(edge[to]); left.push(edge[to]); }
      }
      return found;
    };
    const choose = id => {
      const down = id && reached(id, "above", "below"), up = id && reached(id, "below", "above");
      const kept = edge => !id || (down.has(edge.below) && down.has(edge.above)) || (up.has(edge.below) && up.has(edge.above));
      for (const node of nodes) {
        node.classList.toggle("away", Boolean(id) && !down.has(node.dataset.id) && !up.has(node.dataset.id));
        node.classList.toggle("picked", node.dataset.id === id);
      }
      for (const edge of edges) edge.line.classList.toggle("away", !kept(edge));
    };
    for (const node of nodes) node.addEventListener("click", event => {
      if (node.classList.contains("picked")) return;
      event.preventDefault();
      choose(node.dataset.id);
      line.textContent = node.querySelector("title").textContent + " Choose it again to open it; Escape shows all.";
    });
    addEventListener("keydown", event => { if (event.key === "Escape") { choose(""); line.textContent = hint; } });
  }

  const search = document.querySelector(".search");
  if (search) {
    const said = search.querySelector("span"), field = search.querySelector("input");
    const rows = all(".claim").map(row => ({ row, text: row.textContent.toLowerCase() }));
    search.hidden = false;
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const { row, text } of rows) {
        const found = words.every(word => text.includes(word));
        row.hidden = !found;
        count += found;
      }
      for (const part of all(".part")) part.hidden = !all(".claim", part).some(row => !row.hidden);
      said.textContent = words.length ? count + " of " + rows.length + " statements" : "";
    });
  }
})();
