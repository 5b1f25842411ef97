// Cases open in the page that stands there: its frame, styles and scripts are there already, and only what stands in the
// frame comes anew, made by the node like any page. Whatever is not as expected goes the browser's own way.
"use strict";
(() => {
  const { one, hear } = window.desk;
  const body = document.body;
  // What is shown, by its path; and the list that was left for a case, as it was left.
  let path = location.pathname, asked = 0, left = null;

  const stand = (main, title, about) => {
    one("#main").replaceWith(main);
    document.title = title;
    Object.assign(body.dataset, about);
    path = location.pathname;
    one("#said").replaceChildren();
    hear();
    document.dispatchEvent(new Event("desk:stands"));
  };
  const page = async (to) => {
    try {
      const answer = await fetch(to);
      if (!answer.ok || answer.redirected) return null;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      return one("#case", next) ? next : null;
    } catch { return null; }
  };
  const open = async (link) => {
    const mine = ++asked, to = new URL(link.href);
    const next = await page(to);
    if (mine !== asked) return;
    if (!next) { location.assign(to); return; }
    const main = one("#main"), list = one("#list");
    left = list && {
      main, list, top: list.scrollTop, focus: document.activeElement, href: location.href, title: document.title,
      about: { case: body.dataset.case, stood: body.dataset.stood },
    };
    history.pushState(null, "", to.pathname + to.search);
    one("header.top").replaceWith(one("header.top", next));
    stand(one("#main", next), next.title, { case: next.body.dataset.case, stood: next.body.dataset.stood });
    window.htmx.process(one("header.top"));
    window.htmx.process(one("#main"));
    // Where the link points to in the page; to its beginning, from where it is read, if nowhere.
    if (to.hash) location.replace(to.hash);
    else { window.scrollTo(0, 0); one("#main").focus({ preventScroll: true }); }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-opens]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented) return;
    event.preventDefault();
    open(link);
  });

  // Back to the list: it stands where it was left, and looks at once at what changed meanwhile.
  window.addEventListener("popstate", () => {
    asked += 1;
    if (location.pathname === path) return;
    if (!left || left.href !== location.href) { location.reload(); return; }
    const { main, list, top, focus, title, about } = left;
    left = null;
    stand(main, title, about);
    list.scrollTop = top;
    focus.focus({ preventScroll: true });
    body.dispatchEvent(new CustomEvent("desk:cases"));
  });
})();
