#!/usr/bin/env python3
"""The official JSON-Schema-Test-Suite (draft 2020-12, as the source archive of jsonschema 4.26.0 has it) against runtime/schema.

    test/e2e/json-schemas.py [--program FILE] [--table FILE] [SAMPLES]

For each schema of the suite's required part: is it supported; can each instance that the suite calls valid come about,
and none that it calls invalid; and is each text of random tokens (SAMPLES of them, 20) valid for jsonschema.
Nothing is fetched: documents that a schema refers to come within it, bundled as section 9.3 of the draft says.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import urllib.parse

import harness

PACKAGE = "jsonschema==4.26.0"
# The suite says of `format` that it asserts nothing; here it does, as with the servers that people know.
ASSERTED = {"format.json"}


def suite():
    """The folder tests/draft2020-12 of the package's source archive."""
    folder = harness.WORK / "json-schema"
    if not list(folder.glob("*.tar.gz")):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", folder,
                        PACKAGE], check=True)
    archive = next(folder.glob("*.tar.gz"))
    root = folder / archive.name.removesuffix(".tar.gz") / "json" / "tests" / "draft2020-12"
    if not root.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    return root


REMOTES = "http://localhost:1234/"  # where the suite says that its further documents are


def remotes(root):
    """The suite's further documents by their addresses."""
    folder = root.parent.parent / "remotes"
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.json")}
    return {REMOTES + name: json.loads(path.read_text()) for name, path in paths.items()
            if not name.startswith("draft") or name.startswith("draft2020-12/")}


def references(value, base=""):
    """The documents that a schema's references lead to."""
    if isinstance(value, dict):
        if isinstance(value.get("$id"), str):
            base = urllib.parse.urljoin(base, value["$id"])
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(value.get(keyword), str):
                yield urllib.parse.urldefrag(urllib.parse.urljoin(base, value[keyword])).url
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner, base)


def bundled(schema, documents):
    """The schema with the documents in `$defs` that it needs, each under its address."""
    if not isinstance(schema, dict):
        return schema
    needed, found = list(references(schema)), {}
    while needed:
        address = needed.pop()
        if address in found or address not in documents:
            continue
        document = {"$id": address, **documents[address]}
        own = urllib.parse.urljoin(address, document["$id"])
        found[own] = {**document, "$id": own}
        if own != address:  # it calls itself otherwise than where it lies
            found[address] = {"$id": address, "$ref": own}
        needed += references(document, address)
    return {**schema, "$defs": {**schema.get("$defs", {}), **found}} if found else schema


def expressible(value):
    """Whether a value's numbers have few digits: 18 before the point and 15 behind are promised."""
    if isinstance(value, dict):
        return all(expressible(each) for each in value.values())
    if isinstance(value, list):
        return all(expressible(each) for each in value)
    return not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) < 1e18


def groups(root):
    for file in sorted(root.glob("*.json")):
        for group in json.loads(file.read_text()):
            yield file.name, group


def validator(schema):
    import jsonschema
    import jsonschema.validators

    def pattern(_, expression, instance, __):
        # \d and \w are ASCII in ECMA-262, and $ is the end of the text alone.
        if isinstance(instance, str) and not re.search(expression.replace("$", r"\Z"), instance, re.ASCII):
            yield jsonschema.ValidationError("pattern")

    kind = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern})
    return kind(schema)


def unequal_keys(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


class Suite:
    def __init__(self, program, samples, documents):
        self.documents = documents
        self.samples = samples
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.schemas = collections.Counter()
        self.supported = collections.Counter()
        self.reasons = collections.Counter()
        self.counts = collections.Counter()
        self.wrong = []

    def ask(self, schema, instances):
        request = {"schema": schema, "instances": instances, "samples": self.samples, "seed": len(self.schemas)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def take(self, file, group):
        schema = bundled(group["schema"], self.documents)
        self.schemas[file] += 1
        tests = [test for test in group["tests"] if expressible(test["data"])]
        answer = self.ask(schema, [test["data"] for test in tests])
        where = f"{file}: {group['description']}"
        if "error" in answer:
            self.refused(where, answer["error"], any(test["valid"] for test in group["tests"]), file)
            return
        self.supported[file] += 1
        for test, reached in zip(tests, answer["reached"], strict=True):
            self.counts["valid" if test["valid"] else "invalid"] += 1
            if reached != test["valid"] and not (test["valid"] and file in ASSERTED):
                self.wrong.append(f"{where}: {test['description']}: {'is not' if test['valid'] else 'is'} reached")
        self.check_samples(where, schema, answer["samples"])

    def refused(self, where, error, has_valid, file):
        if "no value is valid" in error:
            self.supported[file] += 1  # it was understood
            if has_valid:
                self.wrong.append(f"{where}: {error}")
            return
        self.reasons[f"{file}: {error}"] += 1

    def check_samples(self, where, schema, samples):
        judge = validator(schema)
        for sample in samples:
            if sample is None:
                self.counts["without an end"] += 1
                continue
            self.counts["samples"] += 1
            try:
                valid = judge.is_valid(json.loads(sample, object_pairs_hook=unequal_keys))
            except Exception as error:  # the message says it all
                valid = f"{type(error).__name__}: {error}"
            if valid is not True:
                self.wrong.append(f"{where}: {sample!r} is accepted ({valid})")

    def table(self):
        yield "| file of the suite | schemas | supported |"
        yield "|---|---|---|"
        for file, count in sorted(self.schemas.items()):
            yield f"| {file.removesuffix('.json')} | {count} | {self.supported[file]} |"
        yield f"| all | {self.schemas.total()} | {self.supported.total()} |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=harness.BUILD / "test" / "bin" / "try-schemas")
    parser.add_argument("--table", type=pathlib.Path)
    parser.add_argument("--why", action="store_true", help="print why schemas were refused")
    parser.add_argument("samples", nargs="?", type=int, default=20)
    arguments = parser.parse_args()
    root = suite()
    run = Suite(arguments.program, arguments.samples, remotes(root))
    for file, group in groups(root):
        run.take(file, group)
    if arguments.table:
        arguments.table.write_text("\n".join(run.table()) + "\n")
    for reason, count in sorted(run.reasons.items()) if arguments.why else []:
        print(f"refused {count}: {reason}")
    counts = ", ".join(f"{count} {what}" for what, count in sorted(run.counts.items()))
    print(f"{run.supported.total()} of {run.schemas.total()} schemas are supported; {counts}")
    harness.check("instances are reached as they are valid, and samples are valid", not run.wrong,
                  f"{len(run.wrong)} are not:\n  " + "\n  ".join(run.wrong[:40]))
    share = run.supported.total() / run.schemas.total()
    harness.check("95 % of the required schemas are supported", share >= 0.95, f"{share:.1%}")
    harness.finish()


if __name__ == "__main__":
    harness.environment.require("requirements-schema.txt")
    main()
