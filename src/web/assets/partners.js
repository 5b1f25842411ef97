// Partners: a clock for what is told as "ago", files that are dropped, a button that prints.
"use strict";
(() => {
  const { one, all } = window.desk;

  // How long ago, and how fast, changes without news. A page that nobody sees rests.
  if (one("#partners-live")) {
    setInterval(() => {
      if (!document.hidden) document.body.dispatchEvent(new CustomEvent("desk:tick"));
    }, 5000);
  }

  // What somebody opened stays open while the page renews itself, and a button that waits for its answer goes on waiting.
  if (window.Idiomorph) {
    const calls = window.Idiomorph.defaults.callbacks, before = calls.beforeAttributeUpdated;
    calls.beforeAttributeUpdated = (name, node, kind) => {
      const waits = node.matches("form.htmx-request") && name === "class";
      const keeps = name === "open" || waits || (name === "disabled" && node.closest("form.htmx-request"));
      if (keeps && node.closest("#partners-live")) return false;
      return before ? before(name, node, kind) : undefined;
    };
  }

  const send = async (zone, file) => {
    const into = one(zone.dataset.into);
    if (file.size > Number(zone.dataset.most)) { into.textContent = zone.dataset.long; return; }
    zone.setAttribute("aria-busy", "true");
    into.textContent = zone.dataset.busy;
    try {
      const headers = { "HX-Request": "true", "Content-Type": "application/octet-stream" };
      const answer = await fetch(zone.dataset.partnersDrop, { method: "POST", headers, body: file });
      const elsewhere = answer.headers.get("hx-redirect");
      if (elsewhere) { location.assign(elsewhere); return; }
      // A part of the page, made by the node.
      const part = document.createElement("template");
      part.innerHTML = await answer.text();
      into.replaceChildren(part.content);
    } catch {
      into.textContent = zone.dataset.failed;
    } finally {
      zone.removeAttribute("aria-busy");
      one("input", zone).value = "";
    }
  };
  all("[data-partners-drop]").forEach((zone) => {
    const input = one("input", zone);
    input.addEventListener("change", () => { if (input.files[0]) send(zone, input.files[0]); });
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (event.dataTransfer.files[0]) send(zone, event.dataTransfer.files[0]);
    });
  });
  // A file that misses its place is not opened instead of the page.
  if (one("[data-partners-drop]")) {
    for (const what of ["dragover", "drop"]) document.addEventListener(what, (event) => event.preventDefault());
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-partners-print]")) window.print();
    if (event.target.closest("[data-partners-close]")) one("#said").replaceChildren();
  });
})();
