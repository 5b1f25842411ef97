// The plan, the shared note and the history. What can be thought without a page stands first, as plain functions that
// plan_test.js tries: how two texts differ, and how what one person has not sent yet goes into what others wrote.
"use strict";

// Positions are counted in code points, as the node counts them.
const noteText = (() => {
  const points = (text) => Array.from(text);
  // More than this many cells are not compared letter by letter.
  const CELLS = 1_500_000;

  // A short print of a text: the same as in note.rs.
  const print = (text) => {
    let length = 0, print = 0x811c9dc5;
    for (const c of text) { length += 1; print = Math.imul(print ^ c.codePointAt(0), 0x01000193) >>> 0; }
    return `${length}.${print}`;
  };

  // The one change that makes b of a: what both begin and end with stays. Null if they are the same.
  const smallest = (a, b) => {
    let start = 0, end = 0;
    const most = Math.min(a.length, b.length);
    while (start < most && a[start] === b[start]) start += 1;
    while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
    const remove = a.slice(start, a.length - end), insert = b.slice(start, b.length - end);
    return remove.length || insert.length ? { at: start, remove, insert } : null;
  };

  // The longest run of pieces that both have in the same order, as changes between them.
  const compare = (a, b) => {
    const width = b.length + 1, table = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i -= 1) {
      for (let j = b.length - 1; j >= 0; j -= 1) {
        table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
      }
    }
    const changes = [];
    let i = 0, j = 0, open = null;
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) { open = null; i += 1; j += 1; continue; }
      if (!open) { open = { at: i, remove: [], insert: [] }; changes.push(open); }
      const takes = j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1]);
      if (takes) { open.remove.push(a[i]); i += 1; } else { open.insert.push(b[j]); j += 1; }
    }
    return changes;
  };

  const lines = (letters) => {
    const all = [];
    let line = "";
    for (const letter of letters) { line += letter; if (letter === "\n") { all.push(line); line = ""; } }
    if (line) all.push(line);
    return all;
  };

  // All changes that make b of a, in order, apart from each other. Long texts are compared by lines first.
  const changes = (a, b) => {
    const one = smallest(a, b);
    if (!one) return [];
    if (!one.remove.length || !one.insert.length) return [one];
    const moved = (all, by) => all.map((change) => ({ ...change, at: change.at + by }));
    if (one.remove.length * one.insert.length <= CELLS) return moved(compare(one.remove, one.insert), one.at);
    const before = lines(one.remove), after = lines(one.insert);
    if (before.length * after.length > CELLS) return [one];
    const starts = [0];
    for (const line of before) starts.push(starts[starts.length - 1] + points(line).length);
    return compare(before, after).flatMap((change) => {
      const at = one.at + starts[change.at];
      const remove = points(change.remove.join("")), insert = points(change.insert.join(""));
      const small = remove.length && insert.length && remove.length * insert.length <= CELLS;
      return small ? moved(compare(remove, insert), at) : [{ at, remove, insert }];
    });
  };

  const apply = (letters, { at, remove, insert }) =>
    [...letters.slice(0, at), ...insert, ...letters.slice(at + remove.length)];

  // What to send next: one change. Changes far apart go one by one, so that what stands between them stays itself.
  const NEAR = 64;
  const next = (base, mine) => {
    const one = smallest(base, mine);
    if (!one || one.remove.length <= NEAR) return one;
    const [first, ...rest] = changes(base, mine);
    for (const change of rest) {
      const end = first.at + first.remove.length;
      if (change.at - end > NEAR / 4) break;
      const between = base.slice(end, change.at);
      first.remove = [...first.remove, ...between, ...change.remove];
      first.insert = [...first.insert, ...between, ...change.insert];
    }
    return first;
  };

  // Puts two texts that were made of one base together. What either inserted stays, what either removed goes. `marks`
  // are places in mine (the caret); they come back as places in the whole. With `unsure`, what both inserted alike at
  // one place is taken for one: it was sent, and nobody heard whether it arrived.
  const merge = (base, mine, theirs, marks = [], unsure = false) => {
    const read = (other) => {
      const inserts = new Map(), gone = new Uint8Array(base.length);
      for (const { at, remove, insert } of changes(base, other)) {
        if (insert.length) inserts.set(at, insert);
        gone.fill(1, at, at + remove.length);
      }
      return { inserts, gone };
    };
    const a = read(mine), b = read(theirs);
    const whole = [], found = marks.map(() => null);
    let passed = 0;
    const note = () => marks.forEach((mark, n) => { if (found[n] === null && passed >= mark) found[n] = whole.length; });
    note();
    for (let i = 0; i <= base.length; i += 1) {
      const come = b.inserts.get(i) || [], own = a.inserts.get(i) || [];
      const twice = unsure && own.length > 0 && come.join("") === own.join("");
      whole.push(...come);
      for (const letter of own) { if (!twice) whole.push(letter); passed += 1; note(); }
      if (i === base.length) break;
      if (!a.gone[i] && !b.gone[i]) whole.push(base[i]);
      if (!a.gone[i]) { passed += 1; note(); }
    }
    return { text: whole, marks: found.map((place) => (place === null ? whole.length : place)) };
  };

  // What the node refuses in a text, as `steers` in words.rs: it is left out of what is typed or pasted.
  const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;
  const clean = (base, mine) => {
    if (!mine.some((letter) => STEERS.test(letter))) return mine;
    return changes(base, mine).reverse().reduce((text, change) => {
      const insert = change.insert.filter((letter) => !STEERS.test(letter));
      return apply(text, { ...change, insert });
    }, base);
  };

  // One person's hand in the note: what the node said last, what stands in the field, and what is on its way.
  class Draft {
    constructor(text) { this.raw = text; this.base = this.seen(text); this.mine = this.base; this.sent = null; this.unsure = false; }
    // A field knows no carriage returns; each is one letter, so places stay.
    seen(text) { return points(text).map((letter) => (letter === "\r" ? "\n" : letter)); }
    type(letters) { this.mine = clean(this.base, letters); }
    get waits() { return this.sent !== null || this.mine.join("") !== this.base.join(""); }
    // The next change to send; null while one is on its way and when there is nothing to say.
    send() {
      const change = this.sent ? null : next(this.base, this.mine);
      if (!change) return null;
      this.sent = apply(this.base, change);
      const remove = points(this.raw).slice(change.at, change.at + change.remove.length);
      return { at: change.at, remove: remove.join(""), insert: change.insert.join(""), seen: print(this.raw) };
    }
    // The node's answer: the note as it stands, and whether what was sent is in it.
    answered(text, took, marks) {
      const from = took ? this.sent : this.base;
      const unsure = this.unsure && !took;
      this.sent = null;
      this.unsure = false;
      return this.stand(from, text, marks, unsure);
    }
    // The note was fetched, with nothing on its way.
    heard(text, marks) {
      const unsure = this.unsure;
      this.unsure = false;
      return this.stand(this.base, text, marks, unsure);
    }
    // What was sent may have arrived or not.
    lost() { this.sent = null; this.unsure = true; }
    // It was refused: nothing was written.
    refused() { this.sent = null; }
    stand(from, text, marks, unsure) {
      const theirs = this.seen(text);
      const whole = merge(from, this.mine, theirs, marks, unsure);
      this.raw = text;
      this.base = theirs;
      this.mine = whole.text;
      return whole.marks;
    }
    // A place in the node's note as a place in the field.
    carried(at) { return merge(this.mine, this.base, this.mine, [at]).marks[0]; }
  }

  return { points, print, smallest, changes, apply, next, merge, clean, Draft };
})();

if (typeof module !== "undefined") module.exports = noteText;

if (typeof document !== "undefined") (() => {
  const { Draft, points } = noteText;
  const one = (query, from = document) => from.querySelector(query);
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const made = (tag, name, text) => {
    const element = document.createElement(tag);
    element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // -- forms of the plan: what is open or half typed is not taken away by news ---------------------------------------
  const holds = (old) => old.nodeType === Node.ELEMENT_NODE
    && (old.matches(".note-live, form.plan-form.dirty") || (old.matches("details.plan-edit") && old.open));
  const sayLate = (old, fresh) => {
    const late = one(".plan-late", old);
    // How the form would stand now: in the template that it was unfolded from.
    const folded = one(":scope > template", old.matches("details") ? fresh : old.parentElement);
    if (!late || !folded) return;
    const now = new Map(all(".plan-shown", folded.content).map((field) => [field.name, field.value]));
    if (all(".plan-shown", old).some((field) => now.get(field.name) !== field.value)) late.hidden = false;
  };
  const callbacks = window.Idiomorph ? window.Idiomorph.defaults.callbacks : {};
  for (const when of ["beforeNodeMorphed", "beforeNodeRemoved"]) {
    const others = callbacks[when];
    callbacks[when] = (old, fresh) => {
      if (holds(old)) { sayLate(old, fresh); return false; }
      return others ? others(old, fresh) : undefined;
    };
  }
  // What was unfolded stays so.
  const attributes = callbacks.beforeAttributeUpdated;
  callbacks.beforeAttributeUpdated = (name, node, how) => {
    if (name === "open" && node.matches("#plan details")) return false;
    return attributes ? attributes(name, node, how) : undefined;
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest && event.target.closest(".plan-form");
    if (form) form.classList.add("dirty");
  });
  let focusAfter = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (!form || !form.matches || !form.matches(".plan-form, .plan-value") || event.detail.xhr.status !== 200) return;
    form.classList.remove("dirty");
    const edit = form.closest("details.plan-edit");
    if (edit) { edit.open = false; focusAfter = edit.id; } else focusAfter = form.id || null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    all(".note-live").forEach(attach);
    if (focusAfter) {
      const target = document.getElementById(focusAfter);
      const into = target && (one("summary", target) || one("button", target));
      if (into) into.focus({ preventScroll: true });
      focusAfter = null;
    }
    const said = one("#said > .plan-said:not(.asks)");
    if (said) setTimeout(() => said.remove(), 10_000);
  });

  // -- the shared note -----------------------------------------------------------------------------------------------
  // An edit for each pause, not for each key: a node has a bounded number of edits in one sheet.
  const PAUSE_MS = 350, AT_MOST_MS = 2_000, AGAIN_MS = 2_000, TRIES = 5;
  const notes = new Map();

  function attach(block) {
    if (notes.has(block)) return;
    const field = one("textarea", block), mirror = one(".note-mirror", block);
    const said = one(".note-said", block), who = one(".note-who", block), wrong = one(".note-fault", block);
    const draft = new Draft(field.value);
    let flags = [], timer = 0, since = 0, missed = false, composing = false, tries = 0, fading = 0, waiting = null, wrote = false;

    const letters = () => points(field.value);
    const place = (at) => points(field.value.slice(0, at)).length;
    const unit = (text, at) => text.slice(0, at).join("").length;

    // The mirror is the same text under the field: it gives the field its height and the names their places.
    const draw = () => {
      const now = performance.now();
      flags = flags.filter((flag) => flag.until > now);
      const places = flags.map((flag) => ({ flag, at: draft.carried(flag.at) })).sort((a, b) => a.at - b.at);
      const pieces = [];
      let from = 0;
      for (const { flag, at } of places) {
        pieces.push(draft.mine.slice(from, at).join(""));
        const mark = made("span", `note-flag c${flag.color}`);
        mark.append(made("span", "note-flag-name", flag.who));
        pieces.push(mark);
        from = at;
      }
      pieces.push(`${draft.mine.slice(from).join("")}\n`);
      mirror.replaceChildren(...pieces);
      who.replaceChildren(...flags.map((flag) => made("span", `note-hand c${flag.color}`, flag.who)));
      who.hidden = flags.length === 0;
      clearTimeout(fading);
      if (flags.length) fading = setTimeout(draw, Math.min(...flags.map((flag) => flag.until)) - now + 50);
    };
    const put = (take) => {
      const here = document.activeElement === field, top = field.scrollTop;
      const marks = [place(field.selectionStart), place(field.selectionEnd)], way = field.selectionDirection;
      const [start, end] = take(marks);
      const text = draft.mine.join("");
      if (field.value !== text) {
        field.value = text;
        if (here) field.setSelectionRange(unit(draft.mine, start), unit(draft.mine, end), way);
        field.scrollTop = top;
      }
    };
    const taken = (stand) => {
      const now = performance.now();
      flags = stand.flags.map((flag) => ({ ...flag, until: now + flag.left_ms }));
    };
    const say = (what) => { said.textContent = what ? block.dataset[what] : ""; block.dataset.state = what || ""; };

    const plan = (wait) => {
      const now = performance.now();
      if (!since) since = now;
      clearTimeout(timer);
      timer = setTimeout(send, Math.max(0, Math.min(wait, since + AT_MOST_MS - now)));
    };
    const ask = (way) => fetch(way.url, { ...way.more, headers: { "HX-Request": "true", ...way.headers } });
    const body = (change) => new URLSearchParams({ circle: block.dataset.circle, ...change });

    async function send() {
      clearTimeout(timer);
      since = 0;
      if (composing) return;
      const change = draft.send();
      if (!change) return;
      say("saving");
      wrote = true;
      let answer = null;
      try { answer = await ask({ url: block.dataset.note, more: { method: "POST", body: body(change) } }); } catch { answer = null; }
      if (!answer) {
        draft.lost();
        say("away");
        timer = setTimeout(fetchNote, AGAIN_MS);
        return;
      }
      if (answer.status === 200) {
        const stand = await answer.json();
        tries = stand.took ? 0 : tries + 1;
        wrong.replaceChildren();
        settle(stand, (marks) => draft.answered(stand.text, stand.took, marks));
        return;
      }
      draft.refused();
      tries += 1;
      // The note moved on between two looks of the node: the text at that place is another by now.
      const passing = (answer.status === 422 || answer.status === 409) && tries < TRIES;
      if (passing) { fetchNote(); return; }
      say("refused");
      wrong.innerHTML = answer.status === 204 ? "" : await answer.text();
    }
    // While letters are being composed, the field is left alone: what came is put in after.
    function settle(stand, take) {
      if (composing) { waiting = () => settle(stand, take); return; }
      taken(stand);
      put(take);
      draw();
      if (missed) { missed = false; fetchNote(); }
      if (!draft.waits) say(wrote ? "saved" : "");
      else if (tries < TRIES) plan(tries ? 50 : PAUSE_MS);
    }
    async function fetchNote() {
      if (draft.sent || waiting) { missed = true; return; }
      let answer = null;
      const asked = draft.raw;
      try {
        const url = `${block.dataset.note}?${new URLSearchParams({ circle: block.dataset.circle })}`;
        answer = await ask({ url, headers: { "X-Desk-Alone": "1" } });
      } catch { answer = null; }
      if (!answer || answer.status !== 200) { if (draft.waits) timer = setTimeout(fetchNote, AGAIN_MS); return; }
      const stand = await answer.json();
      // Something was sent or came in meanwhile: its answer is no older than this one.
      if (draft.sent || draft.raw !== asked) { missed = true; if (!draft.sent) { missed = false; fetchNote(); } return; }
      settle(stand, (marks) => draft.heard(stand.text, marks));
    }

    const typed = () => {
      const before = letters();
      draft.type(before);
      if (draft.mine.length !== before.length) put(() => {
        const lost = before.length - draft.mine.length;
        return [place(field.selectionStart) - lost, place(field.selectionEnd) - lost].map((at) => Math.max(0, at));
      });
      tries = 0;
      draw();
      if (draft.waits) plan(PAUSE_MS);
    };
    field.addEventListener("compositionstart", () => { composing = true; });
    field.addEventListener("compositionend", () => {
      composing = false;
      typed();
      if (waiting) { const later = waiting; waiting = null; later(); }
    });
    field.addEventListener("input", () => { if (!composing) typed(); });
    field.addEventListener("blur", () => { if (draft.waits) send(); });
    // Whoever closes the page right after the last letter has written it all the same.
    window.addEventListener("pagehide", () => {
      const change = draft.send();
      if (change) fetch(block.dataset.note, { method: "POST", body: body(change), keepalive: true, headers: { "HX-Request": "true" } });
    });
    notes.set(block, { fetchNote });
    block.classList.add("is-live");
    draw();
    window.desk.later(fetchNote);
  }
  const attachAll = () => all(".note-live").forEach(attach);
  document.addEventListener("desk:stands", attachAll);
  attachAll();
  document.body.addEventListener("desk:case", () => {
    for (const [block, note] of notes) { if (block.isConnected) note.fetchNote(); else notes.delete(block); }
  });

  // -- history -------------------------------------------------------------------------------------------------------
  const slider = one("#moment");
  if (slider) {
    const then = one("#then");
    let asked = 0, stop = null, here = "";
    const lineAt = (at) => document.getElementById(`edit-${at}`);
    const nameOf = (line) => `${line.dataset.circle} ${line.dataset.edit}`;
    const mark = (line, goesThere = true) => {
      all(".edit.here").forEach((other) => { other.classList.remove("here"); one("button", other).removeAttribute("aria-current"); });
      line.classList.add("here");
      one("button", line).setAttribute("aria-current", "true");
      slider.setAttribute("aria-valuetext", [".edit-when", ".edit-did", ".edit-who"].map((part) => one(part, line).textContent.trim()).join(", "));
      if (!goesThere) return;
      const list = one(".edits"), top = line.offsetTop - list.offsetTop;
      if (top < list.scrollTop || top + line.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - list.clientHeight / 3;
    };
    const showAt = async (at, alone) => {
      const line = lineAt(at);
      if (!line) return;
      here = nameOf(line);
      slider.value = at;
      mark(line);
      const mine = ++asked;
      if (stop) stop.abort();
      stop = new AbortController();
      const query = new URLSearchParams({ circle: line.dataset.circle, edit: line.dataset.edit });
      const headers = { "HX-Request": "true" };
      if (alone) headers["X-Desk-Alone"] = "1";
      try {
        const answer = await fetch(`${slider.dataset.at}?${query}`, { headers, signal: stop.signal });
        const html = await answer.text();
        // Only the last answer is shown: a slider asks faster than anybody reads.
        if (mine === asked) then.innerHTML = html;
      } catch (fault) { if (fault.name !== "AbortError") throw fault; }
    };
    slider.addEventListener("input", () => showAt(slider.value));
    document.addEventListener("click", (event) => {
      const line = event.target.closest(".edit-go") && event.target.closest(".edit");
      if (line) showAt(line.dataset.at);
    });
    // More edits came: whoever looks at the last moment goes on to the new one, all others stay where they are.
    document.addEventListener("htmx:afterSettle", (event) => {
      if (!event.target.closest || !event.target.closest("#history-list")) return;
      const lines = all(".edit"), wasLast = slider.value === slider.max;
      if (lines.length - 1 === Number(slider.max)) { const line = lineAt(slider.value); if (line) mark(line, false); return; }
      slider.max = lines.length - 1;
      const same = lines.find((line) => nameOf(line) === here);
      if (wasLast || !same) showAt(slider.max, true);
      else { slider.value = same.dataset.at; mark(same, false); }
    });
    showAt(slider.max);
  }
})();
