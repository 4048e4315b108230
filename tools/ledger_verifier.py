"""Checks an exported ledger without the product that wrote it. Python's standard library only.

    python3 ledger_verifier.py EXPORT [--heads FILE] [--key HEX ...] [--witness HEX ...]

EXPORT is what `rongdang ledger export` wrote, FILE the audit officer's own file of heads. A key named
with --key is one that heads must be signed by; one named with --witness must have co-signed some head.
Every entry is hashed again (RFC 9162), every detail compared with the digest in its entry, every head
with the tree and its signature (Ed25519, RFC 8032). Answers 0 if all holds, 2 with the first bad entry
if not. Signatures of other suites (SM2) are counted, not checked: `openssl pkeyutl -verify` does that.
"""

import argparse
import hashlib
import json
import sys

# Ed25519 in the plain arithmetic of RFC 8032, section 6: for checking, where time does not matter.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)

def add(a, b):
    one = (a[1] - a[0]) * (b[1] - b[0]) % P
    two = (a[1] + a[0]) * (b[1] + b[0]) % P
    three, four = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def times(number, base):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, base)
        base, number = add(base, base), number >> 1
    return result


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519_holds(public, signature, message):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)

def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

def push(peaks, value):
    """One leaf more: `peaks` are (height, hash) of complete subtrees, left to right."""
    height = 0
    while peaks and peaks[-1][0] == height:
        value, height = node(peaks.pop()[1], value), height + 1
    peaks.append((height, value))

def root(peaks):
    value = peaks[-1][1]
    for _height, left in reversed(peaks[:-1]):
        value = node(left, value)
    return value.hex()

def head_text(head):
    parts = ("rongdang head 1", head["log"], head["size"], head["root"], head["at"], head["suite"], head["key_id"], "")
    return "\n".join(map(str, parts)).encode()

def signed(told, message):
    """True, False, or None for a suite that is not checked here."""
    if told["suite"] != 1:
        return None
    return ed25519_holds(bytes.fromhex(told["public_key"]), bytes.fromhex(told.get("evidence") or told["signature"]), message)


class Check:
    def __init__(self, keys):
        self.keys, self.peaks, self.log, self.size = keys, [], "", 0
        self.roots, self.heads, self.bad, self.unchecked, self.details, self.vouched = {}, {}, [], 0, 0, set()
        self.fault = lambda seq, what: self.bad.append((seq, what))

    def entry(self, told, wanted):
        self.size += 1
        seq, body = self.size, told["entry"].encode()
        try:
            said = json.loads(body)
            if said["seq"] != seq:
                self.fault(seq, f"it is numbered {said['seq']}: an entry is missing or too many")
        except (ValueError, KeyError, TypeError):
            said = {"detail": ""}
            self.fault(seq, "its body is not in the form of an entry")
        if "detail" in told:
            self.details += 1
            digest = hashlib.sha256(bytes.fromhex(told["salt"]) + told["detail"].encode()).hexdigest()
            if digest != said["detail"]:
                self.fault(seq, "its detail was changed")
        leaf = hashlib.sha256(b"\0" + body).digest()
        push(self.peaks, leaf)
        self.log = self.log or leaf.hex()
        if seq in wanted:
            self.roots[seq] = root(self.peaks)

    def head(self, head):
        self.heads[head["size"]] = head
        reached = self.roots.get(head["size"])
        if reached is None:
            self.fault(self.size + 1, f"there were {head['size']} entries once")
        elif reached != head["root"] or head["log"] != self.log:
            self.fault(head["size"], "the tree differs from the signed head")
        elif self.keys and head["public_key"] not in self.keys:
            self.fault(head["size"], "the head is signed by a key not named")
        elif (holds := signed(head, head_text(head))) is not True:
            self.unchecked += holds is None
            if holds is False:
                self.fault(head["size"], "the head's signature is wrong")

    def attestation(self, told):
        if told["kind"] != "witness":
            return
        first = ("rongdang cosignature 1", told["at"], told["suite"], told["key_id"], "")
        holds = signed(told, "\n".join(map(str, first)).encode() + head_text(self.heads[told["size"]]))
        self.unchecked += holds is None
        if holds is False:
            self.fault(told["size"], f"the co-signature of {told['source']} is wrong")
        elif holds:
            self.vouched.add(told["public_key"])

def lines(path):
    with open(path, "rb") as file:
        for number, row in enumerate(file, 1):
            if row.rstrip().endswith(b"}"):  # a row torn by a power cut counts for nothing
                try:
                    yield json.loads(row)
                except ValueError:
                    sys.exit(f"{path}, line {number}: not JSON")

def standing(heads):
    """Heads of the file that still stand: `base` begins a chain anew, as two officers agreed."""
    kept = []
    for head in heads:
        if head.get("base") is not None:
            given_up = [old for old in kept if old["size"] > head["base"]]
            print(f"note: {len(given_up)} heads beyond entry {head['base']} were given up by agreement")
            kept = [old for old in kept if old["size"] <= head["base"]]
        kept.append(head)
    return kept

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--heads")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--witness", action="append", default=[])
    options = parser.parse_args()
    outside = standing(lines(options.heads)) if options.heads else []
    wanted = {told["head"]["size"] for told in lines(options.export) if "head" in told} | {head["size"] for head in outside}
    check = Check(options.key)
    rows = lines(options.export)
    if next(rows, {}).get("format") != "rongdang ledger export 1":
        sys.exit("this is no export of a ledger")
    for told in rows:
        if "entry" in told:
            check.entry(told, wanted)
        elif "head" in told:
            check.head(told["head"])
        else:
            check.attestation(told["attestation"])
    for head in outside:
        check.head(head)
    for key in set(options.witness) - check.vouched:
        check.fault(check.size, f"no head is co-signed by {key}")
    if not check.heads or max(check.heads) < check.size:
        check.fault(check.size, "the last entries are under no signed head")
    if check.bad:
        for seq, what in sorted(check.bad)[:20]:
            print(f"entry {seq}: {what}")
        return 2
    note = f", {check.unchecked} signatures of a suite not checked here" if check.unchecked else ""
    print(f"{check.size} entries, {check.details} details, {len(check.heads)} heads, "
          f"{len(check.vouched)} witnesses: all hold{note}; root {root(check.peaks)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
