// The case page's own script: forms that open under their fields, and what is typed there while the page changes itself.
"use strict";
(() => {
  const one = (query, from = document) => from.querySelector(query);
  const isElement = (node) => node && node.nodeType === Node.ELEMENT_NODE;
  const isOpen = (slot) => Boolean(one("form:not([data-saved])", slot));

  // -- what somebody is typing is never changed by news ----------------------------------------------------------------
  // A form that is open keeps its place; if its field was written meanwhile, it says so.
  const keep = (now, next) => {
    if (now.matches(".cs-slot") && isOpen(now)) {
      const form = one("form[data-stand]", now), notice = one(".cs-meanwhile", now);
      if (next && form && notice && next.dataset.stand && next.dataset.stand !== form.dataset.stand) notice.hidden = false;
      return false;
    }
    if (now.matches(".cs-sources") && next) return false;
    return !(now.matches("[data-keep]") && now.contains(document.activeElement));
  };
  const chain = (name, mine) => {
    const callbacks = window.Idiomorph.defaults.callbacks, before = callbacks[name];
    callbacks[name] = (...all) => (mine(...all) === false ? false : before(...all));
  };
  if (window.Idiomorph) {
    chain("beforeNodeMorphed", (now, next) => (isElement(now) && now.closest("#case-body") ? keep(now, isElement(next) ? next : null) : true));
    chain("beforeNodeRemoved", (node) => !(isElement(node) && node.closest("#case-body") && (node.matches(".cs-slot") ? isOpen(node) : one(".cs-slot form:not([data-saved])", node))));
    // What was unfolded stays so.
    chain("beforeAttributeUpdated", (name, node) => !(one("#case") && ((name === "open" && node.matches("details")) || (name === "aria-expanded" && node.matches(".cs-more")))));
  }

  // -- sources of a field: asked for when somebody looks, and anew when news come -----------------------------------
  const bring = (button, byItself) => {
    const into = button.nextElementSibling;
    return window.htmx.ajax("GET", `${button.closest("[data-forms]").dataset.forms}/claims`, {
      source: button,
      target: into,
      swap: "morph:innerHTML",
      values: window.desk.saysOf(button),
      headers: byItself ? { "X-Desk-Alone": "1" } : {},
    });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".cs-more");
    if (!button) return;
    const shows = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(shows));
    if (shows) bring(button, false); else button.nextElementSibling.replaceChildren();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const into = event.detail.target;
    if (into && into.id === "case-body") window.desk.all(".cs-more[aria-expanded=true]", into).forEach((button) => bring(button, true));
  });

  // -- forms ------------------------------------------------------------------------------------------------------------
  const opener = (slot) => {
    const field = slot.closest(".cs-field") || slot.parentElement;
    return one(".cs-edit, .cs-add > summary, button", field);
  };
  // Whatever opens a form says which, and of what; it comes into the slot beside it.
  const ask = (from) => {
    const slot = one(":scope > .cs-slot", from.closest(".cs-field, .cs-group, .cs-adds"));
    const choices = from.closest(".cs-add");
    if (choices) choices.open = false;
    const to = from.closest("[data-forms]").dataset.forms, values = window.desk.saysOf(from);
    window.htmx.ajax("GET", `${to}/${from.dataset.form}`, { source: from, target: slot, swap: "innerHTML", values });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-forms] button[data-form]");
    if (button) ask(button);
  });
  const close = (slot) => {
    slot.replaceChildren();
    const button = opener(slot);
    if (button) button.focus();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-close], [data-print]");
    if (!button) return;
    if ("print" in button.dataset) window.print();
    else { const slot = button.closest(".cs-slot"); if (slot) close(slot); }
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest(".cs-slot form");
    if (!form) return;
    if (event.key === "Escape") { event.stopImmediatePropagation(); event.preventDefault(); close(form.closest(".cs-slot")); }
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); }
  }, true);

  // Saved: the form goes when the page is renewed, where an open one would stay (htmx still swaps by it, so it is not
  // taken away here). Refused: it stays with what was typed.
  let saved = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig && event.detail.requestConfig.elt;
    const slot = form && form.matches && form.matches(".cs-slot form") ? form.closest(".cs-slot") : null;
    if (slot && event.detail.xhr.status < 300) { saved = slot.id; form.dataset.saved = ""; }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const into = event.detail.target;
    if (into && into.matches && into.matches(".cs-slot")) {
      const first = one("[aria-invalid=true]", into) || one("select, textarea, input:not([type=hidden])", into);
      if (first) first.focus();
    } else if (saved) {
      const slot = document.getElementById(saved), button = slot && opener(slot);
      saved = null;
      if (button) button.focus({ preventScroll: true });
    }
  });

  // -- what was new when the page was opened stays marked when it is loaded again ----------------------------------------
  const mark = () => {
    const page = one("#case");
    if (!page || !page.dataset.since) return;
    window.desk.later(() => {
      if (!page.isConnected) return;
      const here = new URL(location.href);
      here.searchParams.set("since", page.dataset.since);
      history.replaceState(null, "", here);
    });
  };
  document.addEventListener("desk:stands", mark);
  mark();
})();
