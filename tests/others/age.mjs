// Opens and seals age files with the npm package age-encryption.
// A list of jobs comes as JSON on stdin, a list of answers goes as JSON to stdout; bytes are base64.
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { readFileSync } from "node:fs";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (bytes) => Buffer.from(bytes).toString("base64");

async function open({ file, identity, passphrase }) {
  const decrypter = new Decrypter();
  if (identity) decrypter.addIdentity(identity);
  if (passphrase) decrypter.addPassphrase(passphrase);
  return { plain: text(await decrypter.decrypt(bytes(file))) };
}

async function seal({ plain, recipients = [], passphrase, work }) {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  if (passphrase) encrypter.setPassphrase(passphrase);
  if (work) encrypter.setScryptWorkFactor(work);
  return { file: text(await encrypter.encrypt(bytes(plain))) };
}

const recipient = async ({ identity }) => ({ recipient: await identityToRecipient(identity) });

const verbs = { open, seal, recipient };
const answers = [];
for (const job of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await verbs[job.do](job).catch((fault) => ({ refused: String(fault) })));
}
process.stdout.write(JSON.stringify(answers));
