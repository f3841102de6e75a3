#!/usr/bin/env python3
"""Reads a landing of nightaudit without nightaudit: docs/landing-format.md.

    read_landing.py runs    LANDING    the runs, a line for each
    read_landing.py verify  LANDING    the chain of seals and the hash of every line
    read_landing.py answers LANDING    every answer, a JSON object in a line
    read_landing.py people  LANDING    what people added, a JSON object in a line

Python 3.9 or later and its standard library; for zstd its own module (from 3.14
on) or the program zstd. Encrypted answers are compared as they lie there and not
opened. Exit code 1 where something is not as it was sealed.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

try:
    from compression import zstd as _zstd  # Python 3.14
except ImportError:
    _zstd = None

OWN = re.compile(r"(run|seal(\.[0-9]+)?)\.json(\.new)?")
SEGMENT = re.compile(r"\.jsonl\.zst(\.age)?$")


def unpack(path):
    """What a .zst file holds: one frame after the other."""
    if _zstd:
        return _zstd.decompress(path.read_bytes())
    done = subprocess.run(["zstd", "-dcq", str(path)], capture_output=True)
    if done.returncode:
        raise ValueError("it cannot be decompressed")
    return done.stdout


def instant(text):
    """An instant as it can be compared: its fraction has as many digits as it needs."""
    return text[:19], text[19:].rstrip("Z")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Landing:
    def __init__(self, folder):
        self.dir = Path(folder)
        self.problems = []
        self.records = {}  # of each run's folder, its run.json
        self.seals = []  # hash and content, in order
        for file in sorted(self.dir.glob("[0-9]*/[0-9]*/[0-9]*/*/*.json")):
            folder, data = file.parent.relative_to(self.dir).as_posix(), file.read_bytes()
            try:
                if file.name == "run.json":
                    self.records[folder] = json.loads(data)
                elif OWN.fullmatch(file.name):
                    self.seals.append((sha256(data), json.loads(data)))
            except ValueError:
                self.wrong(f"{folder}/{file.name}", "it is not valid JSON")
        self.seals.sort(key=lambda s: s[1]["sequence"])

    def wrong(self, what, why):
        self.problems.append(f"{what}: {why}")

    def runs(self):
        return sorted(self.records.items(), key=lambda r: (instant(r[1]["at"]), r[1]["run_id"]))

    # The chain.

    def verify(self):
        before, runs, journals, prune_before, base = None, {}, {}, "", None
        for number, (digest, seal) in enumerate(self.seals, 1):
            if seal["format"] != 1:
                sys.exit(f"format {seal['format']} is none that this program knows")
            if seal["sequence"] != number:
                self.wrong(f"seal {number}", "it is gone")
            if seal["before"] != before:
                self.wrong(f"seal {number}", "it does not name the one before")
            before = {"run": seal["run"], "sha256": digest}
            for run in seal.get("others", []) + [seal]:
                folder = "/".join([run["record"]["at"][:10].replace("-", "/"), run["run"]])
                known = runs.setdefault(folder, {"files": {}})
                known["record"] = run["record"]
                for f in run["files"]:
                    known["files"].setdefault(f["name"], []).append(f)
            for move in seal.get("moved", []):
                journals = {re.sub("^" + re.escape(move["from"]) + "/", move["to"] + "/", n): j for n, j in journals.items()}
            for j in seal.get("journals", []):
                journals.setdefault(j["name"], []).append(j)
            prune_before = max(prune_before, seal.get("prune_before", ""), key=instant)
            base = seal.get("base", base)
        for folder, run in runs.items():
            self.verify_run(folder, run, prune_before)
        for folder in self.records.keys() - runs.keys():
            if self.seals and self.records[folder].get("outcome"):
                self.wrong(folder, "no seal names it")
        for name, sealed in journals.items():
            self.verify_journal(name, sealed, prune_before)
        self.verify_base(before, base)

    def verify_run(self, folder, run, prune_before):
        record = self.records.get(folder)
        if record is None:
            return self.wrong(folder, "it is gone")
        pruned = record.get("pruned") and instant(record["at"]) < instant(prune_before)
        if {**record, "pruned": None} != {**run["record"], "pruned": None}:
            self.wrong(folder + "/run.json", "it says something else than was sealed")
        for file in (self.dir / folder).iterdir():
            if file.name not in run["files"] and not OWN.fullmatch(file.name):
                self.wrong(f"{folder}/{file.name}", "no seal names it")
        for name, sealed in run["files"].items():
            path = self.dir / folder / name
            if path.is_file():
                self.compare(f"{folder}/{name}", path.read_bytes(), sealed, True)
            elif path.exists() or not (pruned and SEGMENT.search(name)):
                self.wrong(f"{folder}/{name}", "it is gone, or no file")

    def verify_journal(self, name, sealed, prune_before):
        try:
            content = self.journal(name)
        except ValueError as e:
            return self.wrong(name, e)
        if content is not None:
            return self.compare(name, content, sealed, any(j.get("ended") for j in sealed))
        # All of it was received before the day before the limit.
        last = date.fromisoformat(name.split("/")[-1][:10]) + timedelta(days=2)
        if not (name.startswith("notifications/") and instant(f"{last}T00:00:00Z") < instant(prune_before)):
            self.wrong(name, "it is gone")

    def verify_base(self, head, base):
        note = self.dir / "base.json"
        if note.exists():
            noted = json.loads(note.read_bytes())
            if head and noted["after"] == head["sha256"]:
                base = noted
        if base:
            path = self.dir / "base.duckdb"
            if path.exists():
                self.compare("base.duckdb", path.read_bytes(), [base], True)
            else:
                self.wrong("base.duckdb", "it is gone")

    def compare(self, name, content, sealed, ended):
        for s in sealed:
            if sha256(content[: s["bytes"]]) != s["sha256"]:
                return self.wrong(name, "it has another hash than it was sealed with")
        if ended and len(content) > max(s["bytes"] for s in sealed):
            self.wrong(name, "it is longer than it was sealed")

    # What is in it.

    def journal(self, name):
        """The content of a journal's segment, as it was written."""
        path = self.dir / name
        for form, read in (("", Path.read_bytes), (".zst", unpack), (".zst.age", Path.read_bytes)):
            file = path.with_name(path.name + form)
            if file.exists():
                return read(file)
        return None

    def answers(self):
        """Reference, manifest's line and bytes of each answer that lies there and is not encrypted."""
        for folder, record in self.runs():
            for manifest in sorted(f for f in (self.dir / folder).glob("*.manifest.jsonl") if f.is_file()):
                segment = manifest.with_name(manifest.name.replace(".manifest.jsonl", ".jsonl.zst"))
                if not segment.exists():
                    continue  # encrypted, or removed for its age
                try:
                    lines = unpack(segment).split(b"\n")
                except ValueError as e:
                    self.wrong(f"{folder}/{segment.name}", e)
                    continue
                for text in manifest.read_bytes().splitlines():
                    entry = json.loads(text)
                    line = lines[entry["line"] - 1] if entry["line"] < len(lines) else b""
                    ref = f"{folder}/{segment.name}:{entry['line']}"
                    if sha256(line) != entry["sha256"]:
                        self.wrong(ref, "it has another hash than in the manifest")
                        continue
                    yield ref, entry, base64.b64decode(json.loads(line)) if entry.get("wrapped") else line

    def people(self):
        for file in sorted(self.dir.glob("people/*.jsonl*")):
            for text in self.journal("people/" + file.name.split(".jsonl")[0] + ".jsonl").splitlines():
                line = json.loads(text)
                if sha256((line["at"] + "\n" + line["body"]).encode()) != line["sha256"]:
                    self.wrong("people/" + file.name, "a line has another hash than its own")
                yield json.loads(line["body"])


def main(what, folder):
    landing = Landing(folder)
    if what == "runs":
        for folder, r in landing.runs():
            print(r["run_id"], r["at"], r.get("outcome") or "died", "pruned" if r.get("pruned") else "")
    elif what == "answers":
        for ref, entry, answer in landing.answers():
            print(json.dumps({"ref": ref, "at": entry["at"], "status": entry["status"], "answer": answer.decode(errors="replace")}))
    elif what == "people":
        for entry in landing.people():
            print(json.dumps(entry))
    elif what == "verify":
        landing.verify()
        count = sum(1 for _ in landing.answers()), sum(1 for _ in landing.people())
        head = landing.seals[-1][0] if landing.seals else "none"
        print(f"{len(landing.records)} runs, {len(landing.seals)} seals, {count[0]} answers, {count[1]} entries of people, head {head}")
    else:
        sys.exit(__doc__)
    for problem in landing.problems:
        print(problem, file=sys.stderr)
    return 1 if landing.problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else __doc__)
