// The desk's own script: news, the keyboard, the list that scrolls through all cases, files that are dropped.
// It saves keystrokes and decides nothing. It writes no HTML of its own: parts of pages come from the node.
"use strict";
(() => {
  const body = document.body;
  const base = body.dataset.base || "";
  const one = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];

  // What nobody waits for comes after the page: asked for earlier, it would take the page's own time, or that of the
  // next one, where somebody only leafs through.
  const LATER_MS = 100;
  const later = (work) => {
    const soon = () => setTimeout(work, LATER_MS);
    if (document.readyState === "complete") soon();
    else window.addEventListener("load", soon, { once: true });
  };

  // -- news: what changed is told, and parts of the page that wait for it fetch themselves anew ------------------------
  let news = null;
  const listen = () => {
    if (news || !base || !window.EventSource) return;
    const about = new URLSearchParams({ case: body.dataset.case || "", stood: body.dataset.stood || "" });
    news = new EventSource(`${base}/events?${about}`);
    for (const what of ["cases", "case", "links"]) {
      news.addEventListener(what, () => body.dispatchEvent(new CustomEvent(`desk:${what}`)));
    }
    news.addEventListener("locked", () => {
      if (!location.pathname.endsWith("/unlock")) location.assign(`${base}/unlock`);
    });
  };
  const rest = () => { if (news) { news.close(); news = null; } };
  // A browser opens few connections to one place: pages that nobody sees let theirs go.
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
  window.addEventListener("pagehide", rest);
  // A page that the browser kept and shows again knows nothing of what happened since, not even that the node was locked.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  // Another page stands here: news are about what it shows, from how all stood when it was made.
  const hear = () => {
    rest();
    later(() => { if (!document.hidden) listen(); });
  };
  if (one(".me details")) hear();
  // What a page asks by itself is nobody's company: the node locks all the same.
  document.addEventListener("htmx:configRequest", (event) => {
    const by = event.detail.triggeringEvent;
    if (by && by.type.startsWith("desk:")) event.detail.headers["X-Desk-Alone"] = "1";
  });

  // -- what is unfolded on demand ----------------------------------------------------------------------------------------
  // It stands in a template until then, where a browser lays nothing of it out.
  const unfold = (details) => {
    const folded = one(":scope > template", details);
    if (!folded || folded.nextElementSibling) return;
    details.append(folded.content.cloneNode(true));
    window.htmx.process(details);
  };
  // What a button in a field is about: the field, where its form goes, and what it says of itself besides.
  const saysOf = (node) => {
    const { field, group, item } = (node.closest("[data-field]") || node).dataset;
    const about = field === undefined ? {} : { field, group, item: item || "" };
    const into = node.closest("[data-slot]");
    return { ...about, ...(into && { slot: into.dataset.slot }), ...JSON.parse(node.dataset.values || "{}") };
  };
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("summary");
    if (summary) unfold(summary.parentElement);
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open) unfold(event.target);
  }, true);
  document.addEventListener("htmx:afterSettle", () => all("details[open]:has(> template)").forEach(unfold));

  // -- the list ----------------------------------------------------------------------------------------------------------
  const list = one("#list");
  if (list) {
    const rows = one("#rows"), form = one("#filter"), part = Number(list.dataset.part), height = 46;
    // Which row has the focus, or had it last; whether it was taken away with it, and has to get it back.
    let total = 0, asked = 0, here = -1, lost = false;
    const shown = new Map();
    const query = () => {
      const fields = new URLSearchParams(new FormData(form));
      for (const [name, value] of [...fields]) if (!value) fields.delete(name);
      return fields;
    };
    const place = (piece) => {
      const skip = Number(piece.dataset.skip);
      piece.classList.add("placed");
      piece.style.insetBlockStart = `${skip * height}px`;
      shown.set(skip, piece);
    };
    const measure = (piece) => {
      total = Number(piece.dataset.total);
      rows.style.blockSize = total ? `${total * height}px` : "auto";
      list.setAttribute("aria-rowcount", total + 1);
      one("#total").textContent = piece.dataset.said;
    };
    const fetchPart = async (skip, alone) => {
      const fields = query();
      fields.set("skip", skip);
      const headers = { "HX-Request": "true" };
      if (alone) headers["X-Desk-Alone"] = "1";
      const answer = await fetch(`${form.dataset.rows}?${fields}`, { headers });
      if (answer.redirected || answer.headers.get("hx-redirect")) { location.reload(); return null; }
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      return holder.content.firstElementChild;
    };
    const first = one(".part", rows);
    if (first) { measure(first); if (total) place(first); }

    // Typing: every keystroke asks, and only the last answer is shown.
    const again = async (alone) => {
      const mine = ++asked;
      const top = alone ? Math.floor(list.scrollTop / height / part) * part : 0;
      const piece = await fetchPart(top, alone);
      if (!piece || mine !== asked || !list.isConnected) return;
      lost = alone && (rows.contains(document.activeElement) || (lost && document.activeElement === body));
      shown.clear();
      waiting.clear();
      rows.replaceChildren(piece);
      measure(piece);
      if (total) place(piece);
      if (!alone) { list.scrollTop = 0; here = -1; }
      fill();
      if (lost) focusOn(here);
      if (!alone) history.replaceState(null, "", `${form.action}?${query()}`);
    };
    form.addEventListener("input", () => again(false));
    form.addEventListener("submit", (event) => { event.preventDefault(); openHere(); });
    body.addEventListener("desk:cases", () => { if (list.isConnected) again(true); });

    // Parts that were asked for and are not here yet: whoever needs one of them waits for the same answer.
    const waiting = new Map();
    const bring = (skip) => {
      const mine = asked;
      const coming = fetchPart(skip, false).then((piece) => {
        if (piece && mine === asked && !shown.has(skip)) { place(piece); rows.append(piece); }
      }).finally(() => { if (waiting.get(skip) === coming) waiting.delete(skip); });
      waiting.set(skip, coming);
    };
    const near = () => {
      const from = Math.floor(list.scrollTop / height / part) * part;
      return [from, Math.min(total, (list.scrollTop + list.clientHeight) / height + part / 2)];
    };
    const fill = async () => {
      const [from, to] = near(), needed = [];
      for (let skip = Math.max(0, from - part); skip < to; skip += part) {
        if (shown.has(skip)) continue;
        if (!waiting.has(skip)) bring(skip);
        needed.push(waiting.get(skip));
      }
      await Promise.all(needed);
      // By where the list stands now: it may have been scrolled on meanwhile.
      const [first, last] = near();
      for (const [skip, piece] of shown) {
        if (skip + part * 4 < first || skip > last + part * 4) { piece.remove(); shown.delete(skip); }
      }
    };
    list.addEventListener("scroll", fill, { passive: true });
    // A window may be taller than the part that came with the page.
    window.addEventListener("resize", fill);
    fill();

    const rowAt = (index) => one(`.list-row[aria-rowindex="${index + 2}"]`, rows);
    const focusOn = async (index) => {
      here = Math.max(0, Math.min(total - 1, index));
      const top = here * height, bottom = top + height;
      const head = one(".list-names").offsetHeight;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (bottom + head > list.scrollTop + list.clientHeight) list.scrollTop = bottom + head - list.clientHeight;
      if (!rowAt(here)) await fill();
      const row = rowAt(here);
      if (row) row.focus({ preventScroll: true });
    };
    // However a row was reached: a screen reader has its own ways.
    rows.addEventListener("focusin", (event) => {
      const row = event.target.closest(".list-row");
      if (row) { here = Number(row.getAttribute("aria-rowindex")) - 2; lost = false; }
    });
    const openHere = async () => {
      const at = Math.max(0, here);
      if (!rowAt(at)) await fill();
      const row = rowAt(at);
      if (row) one(".row-link", row).click();
    };
    const page = () => Math.max(1, Math.floor(list.clientHeight / height) - 2);
    document.addEventListener("keydown", (event) => {
      if (!list.isConnected) return;
      const inSearch = event.target.id === "q", inList = event.target.closest(".list-row") || event.target === body;
      if (!inSearch && !inList) return;
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page(), PageUp: -page() }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        if (here === 0 && event.key === "ArrowUp") { here = -1; one("#q").focus(); } else focusOn(here + step);
      } else if (event.key === "Home" && inList) { event.preventDefault(); focusOn(0); }
      else if (event.key === "End" && inList) { event.preventDefault(); focusOn(total - 1); }
      else if (event.key === "Enter" && inList && (lost || event.target.matches(".list-row"))) openHere();
    });

    // Columns to choose: kept in this browser's memory of the page alone, as a list of codes.
    const columns = one("#columns");
    const hide = () => all("input", columns).forEach((box) => list.classList.toggle(`no-${box.value}`, !box.checked));
    const hidden = new Set((new URLSearchParams(location.hash.slice(1)).get("hide") || "").split(","));
    all("input", columns).forEach((box) => { if (hidden.has(box.value)) box.checked = false; });
    columns.addEventListener("change", () => {
      hide();
      const off = all("input", columns).filter((box) => !box.checked).map((box) => box.value);
      history.replaceState(null, "", off.length ? `#hide=${off}` : location.pathname + location.search);
    });
    hide();
  }

  // -- the keyboard ------------------------------------------------------------------------------------------------------
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const open = one("details.menu[open]");
      if (open) { open.open = false; one("summary", open).focus(); }
      else if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) || one("dialog[open]")) return;
    const go = { c: "cases", w: "worklist", p: "partners", i: "import", o: "overview" };
    if (before === "g" && go[event.key]) { location.assign(`${base}/${go[event.key]}`); }
    else if (event.key === "/") { const field = one("#q"); if (field) { event.preventDefault(); field.focus(); field.select(); } else location.assign(`${base}/cases`); }
    else if (event.key === "n") { if (one("[aria-keyshortcuts='n']")) location.assign(`${base}/cases/new`); }
    else if (event.key === "?") { one("#keys").showModal(); }
    before = event.key;
  });
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  window.desk = { base, one, all, later, hear, saysOf };
})();
