// Tries plan.js without a page: `node plan_test.js` ends with 0 if all holds. Chance comes from a seed, printed on failure.
"use strict";
const assert = require("node:assert/strict");
const { points, print, smallest, changes, apply, next, merge, clean, Draft } = require("./plan.js");

const chance = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const text = (letters) => letters.join("");
const together = (base, mine, theirs, marks) => {
  const { text: whole, marks: found } = merge(points(base), points(mine), points(theirs), marks);
  return marks ? [text(whole), found] : text(whole);
};

// Prints are those of note.rs.
assert.equal(print(""), "0.2166136261");
assert.equal(print("a"), "1.3826002220");

// The smallest change, in code points.
assert.deepEqual(smallest(points("a😀c"), points("a😀bc")), { at: 2, remove: [], insert: ["b"] });
assert.deepEqual(smallest(points("aaa"), points("aa")), { at: 2, remove: ["a"], insert: [] });
assert.equal(smallest(points("нора"), points("нора")), null);

// Two hands.
assert.equal(together("abc", "abXc", "Yabc"), "YabXc");
assert.equal(together("abc", "ac", "abbc"), "abc", "one removes a letter, the other writes one");
assert.equal(together("", "mine", "theirs"), "theirsmine");
assert.equal(together("one two three", "one 2 three", "one two 3"), "one 2 3");
assert.equal(together("abcdef", "af", "abcXdef"), "aXf", "written inside what the other removed");
assert.deepEqual(together("hello", "hello w", ">> hello", [7]), [">> hello w", [10]], "the caret stays behind what I typed");
assert.deepEqual(together("hello", "hello", "hello there", [5]), ["hello there", [5]]);
assert.deepEqual(together("hello", "hello", "", [3]), ["", [0]]);

// What the node refuses is left out of what is typed, and only of that.
assert.equal(text(clean(points("a\u200eb"), points("a\u200eb\u202ec"))), "a\u200ebc");
assert.equal(text(clean(points(""), points("о\u200dк\tx\ny"))), "о\u200dк\tx\ny");

// Carriage returns of another system: the field has none, the node's text does.
const returns = new Draft("a\r\nb");
returns.type(points("a\n\n"));
assert.deepEqual(returns.send(), { at: 3, remove: "b", insert: "", seen: print("a\r\nb") });
returns.refused();
returns.type(points("ab"));
assert.equal(returns.send().remove, "\r\n");

// What was sent and not answered, and arrived all the same, does not stand there twice.
const cut = new Draft("Visit at ");
cut.type(points("Visit at nine"));
cut.send();
cut.lost();
cut.heard("Visit at nine", []);
assert.equal(text(cut.mine), "Visit at nine");
assert.equal(cut.send(), null);

// Changes apply, one by one and all.
const random = (r, most) => Array.from({ length: Math.floor(r() * most) }, () => "абcd😀\n"[Math.floor(r() * 5)] || "x");
for (let seed = 1; seed <= 400; seed += 1) {
  const r = chance(seed), a = random(r, 40), b = random(r, 40), c = random(r, 40);
  const again = changes(a, b).reverse().reduce((letters, change) => apply(letters, change), a);
  assert.equal(text(again), text(b), `seed ${seed}`);
  assert.equal(text(merge(a, b, a).text), text(b), `seed ${seed}`);
  assert.equal(text(merge(a, a, b).text), text(b), `seed ${seed}`);
  let steps = a, count = 0;
  for (let change = next(steps, b); change; change = next(steps, b)) { steps = apply(steps, change); count += 1; assert.ok(count < 100); }
  assert.equal(text(steps), text(b), `seed ${seed}`);
  const count_of = (letters, letter) => letters.filter((other) => other === letter).length;
  const whole = merge(a, b, c).text;
  for (const letter of new Set([...b, ...c])) {
    const came = (other) => changes(a, other).reduce((sum, change) => sum + count_of(change.insert, letter), 0);
    assert.ok(count_of(whole, letter) >= came(b) + came(c), `seed ${seed}: a letter was lost`);
  }
}
// A long note with two distant changes is compared by its lines, not taken as one change.
const long = Array.from({ length: 400 }, (_, n) => `line ${n} of the note\n`).join("");
const far = changes(points(long), points(`>${long.replace("line 200", "line two hundred")}<`));
assert.ok(far.length >= 3 && far.every((change) => change.remove.length < 40), `${far.length}`);

// A room: one note, several hands, each answer late, and another node that writes by itself. Everybody types letters that
// nobody else types and removes none: in the end all see the same, and every letter stands there once.
for (let seed = 1; seed <= 300; seed += 1) {
  const r = chance(seed * 7919);
  let note = points("дом");
  let fresh = 0x4e00;
  const written = new Set(note);
  const letter = () => { const c = String.fromCodePoint(fresh++); written.add(c); return c; };
  const hands = Array.from({ length: 3 }, () => ({ draft: new Draft(text(note)), way: [] }));
  const insert = (letters, some) => { const at = Math.floor(r() * (letters.length + 1)); return [...letters.slice(0, at), ...some, ...letters.slice(at)]; };
  const step = (hand, mayType) => {
    const what = r();
    if (mayType && what < 0.4) hand.draft.type(insert(hand.draft.mine, [letter(), letter()]));
    else if (what < 0.6 && !hand.way.length) { const change = hand.draft.send(); if (change) hand.way.push({ change }); }
    else if (what < 0.8 && hand.way.length && !hand.way[0].text) {
      const { change } = hand.way[0];
      const took = change.seen === print(text(note));
      if (took) {
        assert.equal(text(note.slice(change.at, change.at + points(change.remove).length)), change.remove);
        note = apply(note, { at: change.at, remove: points(change.remove), insert: points(change.insert) });
      }
      if (mayType && r() < 0.2) note = insert(note, [letter()]);
      Object.assign(hand.way[0], { text: text(note), took });
    } else if (hand.way.length && hand.way[0].text) { const { text: stands, took } = hand.way.pop(); hand.draft.answered(stands, took, [0]); }
    else if (!hand.way.length && !hand.draft.sent) hand.draft.heard(text(note), [0]);
  };
  for (let n = 0; n < 200; n += 1) step(hands[Math.floor(r() * hands.length)], true);
  for (let n = 0; n < 600; n += 1) for (const hand of hands) step(hand, false);
  for (const hand of hands) {
    assert.ok(!hand.draft.waits, `seed ${seed}: something was never sent`);
    hand.draft.heard(text(note), []);
    assert.equal(text(hand.draft.mine), text(note), `seed ${seed}`);
  }
  assert.deepEqual([...note].sort(), [...written].sort(), `seed ${seed}: a letter is lost or stands twice`);
}
console.log("all holds");
