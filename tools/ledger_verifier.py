"""Checks an exported ledger, or a proof, without the product that wrote it: Python's library and OpenSSL 3.

    python3 ledger_verifier.py EXPORT [--heads FILE] [--key HEX ...] [--witness HEX ...] [--tsa ROOT.pem]

EXPORT is what `rongdang ledger export` or `prove` wrote, FILE the audit officer's own file of heads. Entries are
hashed again (RFC 9162) and compared with their leaves, details with the digests in their entries, heads with the
tree, proofs with their heads. `openssl` checks the signatures of both suites (Ed25519, SM2) and, with --tsa, whose
the time stamps (RFC 3161) are. Heads must be signed by a key named with --key; each key named with --witness must
have co-signed one. Ends with 0 if all holds, with 2 and the first bad entry if not, with 3 if something signed
could not be checked: no openssl here knows its suite, or a time stamp and no --tsa.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

def openssl(words, **files):
    """Does it say yes? `files` lie in the folder it runs in."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        try:
            return subprocess.run(["openssl", *words.split()], cwd=folder, capture_output=True).returncode == 0
        except OSError:
            return False

# By number of the suite: what goes before a key, how it checks, and an example (RFC 8032, 7.1; GB/T 32918.5, A.2).
SUITES = {1: ("302a300506032b6570032100", "", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
          2: ("3059301306072a8648ce3d020106082a811ccf5501822d03420004", "-digest sm3 -pkeyopt distid:1234567812345678",
              "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
              "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13", "6d65737361676520646967657374",
              "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
              "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa")}

def signed(told, text):
    """True, False, or None where the example does not hold either: no openssl here knows the suite."""
    if told["suite"] not in SUITES:
        return None
    prefix, how, *example = SUITES[told["suite"]]
    words = f"pkeyutl -verify -pubin -keyform DER -inkey key -rawin {how} -in text -sigfile sign"
    key, sign = prefix + told["public_key"], told.get("evidence") or told["signature"]
    if openssl(words, key=bytes.fromhex(key), text=text, sign=bytes.fromhex(sign)):
        return True
    key, known, sign = (bytes.fromhex(one) for one in (prefix + example[0], *example[1:]))
    return False if openssl(words, key=key, text=known, sign=sign) else None

def head_text(head):
    parts = ("rongdang head 1", head["log"], head["size"], head["root"], head["at"], head["suite"], head["key_id"], "")
    return "\n".join(map(str, parts)).encode()

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def node(left, right):
    return sha256(b"\1", left, right)

def climb(number, last, proof, *values):
    """RFC 9162, 2.1.3.2: what the steps of a proof make of the values; a step on the right is only the last one's."""
    *low, value = values
    for step in map(bytes.fromhex, proof):
        left = number & 1 or number == last
        low = [node(step, one) for one in low] if left else low
        value = node(step, value) if left else node(value, step)
        while left and number and not number & 1:
            number, last = number >> 1, last >> 1
        number, last = number >> 1, last >> 1 if last else -1
    return [one.hex() for one in (*low, value)] if last == 0 else []

class Check:
    def __init__(self, options):
        self.options, self.peaks, self.log, self.size, self.good = options, [], "", 0, 0
        self.roots, self.heads, self.bad, self.unchecked, self.details, self.vouched = {}, {}, [], 0, 0, set()
        self.fault = lambda seq, what: self.bad.append((seq, what))

    def export(self, path, outside):
        self.wanted = {row["head"]["size"] for row in lines(path) if "head" in row} | {one["size"] for one in outside}
        for row in lines(path):
            for kind in {"entry", "head", "attestation"} & set(row):
                getattr(self, kind)(row if kind == "entry" else row[kind])

    def entry(self, told):
        self.size += 1
        seq, leaf = self.size, sha256(b"\0", told["entry"].encode())
        try:
            number, digest = (json.loads(told["entry"])[name] for name in ("seq", "detail"))
        except (ValueError, KeyError, TypeError):
            number, digest = "no entry", ""
        if number != seq:
            self.fault(seq, f"it is numbered {number}: an entry is missing or too many")
        if told.get("leaf", leaf.hex()) != leaf.hex():
            self.fault(seq, "it was changed: it is not what its leaf was made of")
        if "detail" in told:
            self.details += 1
            if sha256(bytes.fromhex(told["salt"]), told["detail"].encode()).hex() != digest:
                self.fault(seq, "its detail was changed")
        self.log, height = self.log or leaf.hex(), 0
        while self.peaks and self.peaks[-1][0] == height:
            leaf, height = node(self.peaks.pop()[1], leaf), height + 1
        self.peaks.append((height, leaf))
        self.roots |= {seq: self.root()} if seq in self.wanted else {}

    def root(self):  # `peaks` are (height, hash) of complete subtrees, left to right
        value = self.peaks[-1][1] if self.peaks else sha256()
        for _height, left in reversed(self.peaks[:-1]):
            value = node(left, value)
        return value.hex()

    def head(self, head):
        self.heads[head["size"]], reached = head, self.roots.get(head["size"])
        if reached is None:
            self.fault(self.size + 1, f"there were {head['size']} entries once")
        elif reached != head["root"] or head["log"] != self.log:
            self.fault(head["size"], f"the tree differs from the signed head: one of {self.good + 1} to this was changed")
        elif self.signature(head["size"], head, head_text(head), "the head's signature is wrong"):
            self.good = max(self.good, head["size"])

    def signature(self, seq, told, text, words):
        holds, named = signed(told, text), "source" in told or told["public_key"] in (self.options.key or [told["public_key"]])
        self.unchecked += holds is None
        if holds is False or not named:
            self.fault(seq, words if named else "the head is signed by a key not named")
        return holds

    def attestation(self, told):
        text, size = head_text(self.heads[told["size"]]), told["size"]
        if told["kind"] == "witness":
            first = "\n".join(map(str, ("rongdang cosignature 1", told["at"], told["suite"], told["key_id"], "")))
            if self.signature(size, told, first.encode() + text, f"the co-signature of {told['source']} is wrong"):
                self.vouched.add(told["public_key"])
        elif told["kind"] == "time":
            stamp, digest, tsa = bytes.fromhex(told["evidence"]), sha256(text), self.options.tsa
            words = f"ts -verify -digest {digest.hex()} -in stamp -CAfile root"
            self.unchecked += not tsa
            if digest not in stamp or tsa and not openssl(words, stamp=stamp, root=Path(tsa).read_bytes()):
                self.fault(size, f"the time stamp of {told['source']} is not of this head, or of another authority")

    def proof(self, told):
        if told["kind"] == "inclusion":
            self.size, at, root = told["size"], told["entry"] - 1, told["root"]
            good = json.loads(told["body"])["seq"] == at + 1 <= self.size
            good = good and climb(at, self.size - 1, told["proof"], sha256(b"\0", told["body"].encode())) == [root]
        else:
            first, self.size, root = told["from"], told["to"], told["to_root"]
            same = first == self.size
            start, *steps = [told["from_root"]] * (same or first & (first - 1) == 0) + told["proof"] or [""]
            low, both = (first if same else first & -first).bit_length() - (not same), [bytes.fromhex(start)] * 2
            good = 0 < first <= self.size and climb(first - 1 >> low, self.size - 1 >> low, steps, *both) == [told["from_root"], root]
        if not good or (told["head"] or {}).get("root") != root:
            self.fault(told.get("entry", self.size), "the proof does not lead to a signed head")
        self.log, self.roots = told["log"], {self.size: root}
        return [told["head"]] if told["head"] else []

def lines(path):
    with open(path, "rb") as file:  # a row torn by a power cut counts for nothing
        yield from (json.loads(row) for row in file if row.rstrip().endswith(b"}"))

def standing(heads):
    kept = []  # `base` begins a chain anew, as two officers agreed
    for head in heads:
        if head.get("base") is not None:
            print(f"note: heads beyond entry {head['base']} were given up by agreement")
            kept = [old for old in kept if old["size"] <= head["base"]]
        kept.append(head)
    return kept

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    for name, act in (("--heads", "store"), ("--tsa", "store"), ("--key", "append"), ("--witness", "append")):
        parser.add_argument(name, action=act, default=[] if act == "append" else None)
    options = parser.parse_args()
    check, heads = Check(options), standing(lines(options.heads)) if options.heads else []
    if '"rongdang ledger export 1"' in next(open(options.export, encoding="utf-8")):
        check.export(options.export, heads)
    else:
        told = check.proof(json.loads(Path(options.export).read_text("utf-8")))
        heads = told + [head for head in heads if head["size"] == check.size]
    for head in heads:
        check.head(head)
    for key in set(options.witness) - check.vouched:
        check.fault(check.size, f"no head is co-signed by {key}")
    if not check.heads or max(check.heads) < check.size:
        check.fault(check.size, "the last entries are under no signed head")
    for seq, what in sorted(set(check.bad))[:20]:
        print(f"entry {seq}: {what}")
    if check.bad:
        return 2
    print(f"{check.size} entries, {check.details} details, {len(check.heads)} heads, {len(check.vouched)} witnesses: "
          f"all hold; root {check.roots[check.size]}; {check.unchecked} signatures not checked")
    return 3 if check.unchecked else 0

if __name__ == "__main__":
    sys.exit(main())
