// Opens Automerge documents with the npm package @automerge/automerge: a list of paths as JSON on stdin; for each its
// heads, its content, and the document as that package saves it again.
import * as Automerge from "@automerge/automerge";
import { readFileSync } from "node:fs";

const answers = JSON.parse(readFileSync(0, "utf8")).map((path) => {
  const document = Automerge.load(new Uint8Array(readFileSync(path)));
  const answer = {
    heads: Automerge.getHeads(document),
    content: Automerge.toJS(document),
    changes: Automerge.getAllChanges(document).length,
    saved: Buffer.from(Automerge.save(document)).toString("base64"),
  };
  // From here on the document is that of the change.
  const changed = Automerge.change(document, { message: "seen elsewhere", time: 0 }, (draft) => {
    draft.seen = "elsewhere";
  });
  const saved = Buffer.from(Automerge.save(changed)).toString("base64");
  return { ...answer, changed: { heads: Automerge.getHeads(changed), saved } };
});
process.stdout.write(JSON.stringify(answers));
