// Lists that are taken in, tables that are handed out. The file stays in this page and goes along with each step; what
// stands in the page is made by the node.
"use strict";
(() => {
  const { one, all } = window.desk;

  // -- what is handed out of the list of cases: that which is shown ----------------------------------------------------
  const out = one("#export"), filter = one("#filter");
  if (out && filter) {
    out.addEventListener("submit", () => {
      all("input[type=hidden]", out).forEach((field) => field.remove());
      for (const [name, value] of new FormData(filter)) {
        if (!value) continue;
        const field = document.createElement("input");
        field.type = "hidden"; field.name = name; field.value = value;
        out.append(field);
      }
    });
  }

  // -- lists -------------------------------------------------------------------------------------------------------------
  const page = one("#import"), chosen = one("#import-file");
  if (!page || !chosen) return;
  const drop = one("#import-drop"), map = one("#import-map"), result = one("#import-result"), state = one("#import-state");
  let file = null, busy = false, asked = 0;

  const say = (text) => { state.textContent = text; };
  // To its beginning, below the head of the page: a browser's own way to a place that is taller than the window ends anywhere.
  const goTo = (place) => { place.focus({ preventScroll: true }); place.scrollIntoView({ block: "start" }); };
  /** Sends the choices and the file after them; the answer is a part of this page, in a place of it. */
  const send = async (path, place, more) => {
    if (!file) return false;
    const mine = ++asked;
    const fields = new URLSearchParams(new FormData(map));
    for (const [name, value] of Object.entries(more)) fields.set(name, value);
    const button = document.activeElement;
    const focus = button && button.id;
    busy = true; page.setAttribute("aria-busy", "true"); say(page.dataset.wait);
    try {
      const body = new Blob([fields.toString(), "\n", file]);
      const answer = await fetch(path, { method: "POST", body, headers: { "HX-Request": "true" } });
      const to = answer.headers.get("hx-redirect");
      if (to) { location.assign(to); return false; }
      const text = await answer.text();
      if (mine !== asked) return false;
      (answer.ok ? place : result).innerHTML = text;
      if (!answer.ok) goTo(result);
      if (focus && one(`#${CSS.escape(focus)}`)) one(`#${CSS.escape(focus)}`).focus();
      return answer.ok;
    } catch {
      // The file was moved or changed on the disk, or the node has ended: choosing it again reads it anew.
      if (mine === asked) location.reload();
      return false;
    } finally {
      if (mine === asked) { busy = false; page.removeAttribute("aria-busy"); say(""); }
    }
  };

  const take = (picked) => {
    if (!picked) return;
    if (picked.size > Number(page.dataset.most)) { say(page.dataset.large); return; }
    file = picked;
    one("#import-name").textContent = file.name;
    map.replaceChildren(); result.replaceChildren();
    send(page.dataset.look, map, { file: file.name });
  };
  chosen.addEventListener("change", () => take(chosen.files[0]));
  for (const what of ["dragenter", "dragover"]) {
    drop.addEventListener(what, (event) => { event.preventDefault(); drop.classList.add("is-over"); });
  }
  for (const what of ["dragleave", "drop"]) drop.addEventListener(what, () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });

  map.addEventListener("change", (event) => {
    result.replaceChildren();
    const select = event.target.closest("[data-again]");
    if (!select) return;
    // Another sheet has other columns: nothing of what was chosen fits them.
    if (select.name === "sheet") send(page.dataset.look, map, { file: file.name, to: "" });
    else { const at = all("[data-again]", map).indexOf(select); send(page.dataset.look, map, {}).then(() => { const again = all("[data-again]", map)[at]; if (again) again.focus(); }); }
  });
  map.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!busy && await send(page.dataset.run, result, {})) goTo(result);
  });

  result.addEventListener("click", async (event) => {
    if (event.target.closest("#import-apply")) {
      if (!busy && await send(page.dataset.run, result, { apply: "1" })) goTo(result);
      return;
    }
    const save = event.target.closest(".import-save");
    if (!save) return;
    const path = `${page.dataset.result}?form=${save.dataset.form}`;
    const answer = await fetch(path, { method: "POST", body: one("#import-lines").value, headers: { "HX-Request": "true" } });
    if (!answer.ok) { result.insertAdjacentHTML("afterbegin", await answer.text()); return; }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `result.${save.dataset.form}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
})();
