"""Opens and seals age files with pyrage: the same jobs as age.mjs takes, X25519 and passphrases alone."""

import base64
import json
import sys

import pyrage


def open_file(job):
    file = base64.b64decode(job["file"])
    if "passphrase" in job:
        plain = pyrage.passphrase.decrypt(file, job["passphrase"])
    else:
        plain = pyrage.decrypt(file, [pyrage.x25519.Identity.from_str(job["identity"])])
    return {"plain": base64.b64encode(plain).decode()}


def seal(job):
    plain = base64.b64decode(job["plain"])
    recipients = [pyrage.x25519.Recipient.from_str(text) for text in job["recipients"]]
    return {"file": base64.b64encode(pyrage.encrypt(plain, recipients)).decode()}


def recipient(job):
    return {"recipient": str(pyrage.x25519.Identity.from_str(job["identity"]).to_public())}


VERBS = {"open": open_file, "seal": seal, "recipient": recipient}


def answer(job):
    try:
        return VERBS[job["do"]](job)
    except Exception as fault:  # whatever the library says of a file that it refuses
        return {"refused": str(fault)}


json.dump([answer(job) for job in json.load(sys.stdin)], sys.stdout)
