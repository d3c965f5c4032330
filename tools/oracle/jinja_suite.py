#!/usr/bin/env python3
"""jinja2's own test suite as a judge: each template that it renders, by transformers' environment and by osscc.

    tools/oracle/jinja_suite.py RENDER [--source=FOLDER] [--show=N]

Runs the tests of jinja2's source package (fetched by pip, or the unpacked FOLDER) and notes every template with the
variables that it is rendered with, where JSON can hold those. What transformers 5.24's environment makes of each
counts, not what the test expects; what it refuses, and what prints addresses or chance, is left out. RENDER is
build/test/bin/render-template. Prints a table of constructs, that of docs/design/templates.md; with --show, N
templates of each construct that differ. Exits with 1 if less than 97 of 100 are equal.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import environment
import template

WANTED = 0.97
BUILD = environment.ROOT / "build"
UNSTABLE = re.compile(r"0x[0-9a-f]{6,}|<generator object")


def fetch():
    """The folder of jinja2's source package, unpacked in build/."""
    folder = BUILD / "jinja2-3.1.6"
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "jinja2",
                        "--dest", BUILD, "jinja2==3.1.6"], check=True)
        with tarfile.open(BUILD / "jinja2-3.1.6.tar.gz") as archive:
            archive.extractall(BUILD, filter="data")
    return folder


class Recorder:
    """A plugin of pytest that notes what each test renders, by the test's class."""

    def __init__(self):
        self.seen, self.cases, self.construct = set(), [], ""

    def pytest_runtest_setup(self, item):
        module = item.module.__name__.split(".")[-1].removeprefix("test_")
        self.construct = f"{module}: {item.cls.__name__.removeprefix('Test')}" if item.cls else module

    def note(self, source, variables):
        try:
            text = json.dumps({str(name): value for name, value in variables.items()})
        except (TypeError, ValueError):
            return
        if isinstance(source, str) and (source, text) not in self.seen:
            self.seen.add((source, text))
            self.cases.append((self.construct, source, json.loads(text)))


def record(folder):
    """(construct, source, variables) of all that the test suite renders."""
    import jinja2
    import pytest
    recorder = Recorder()

    def patched(owner, name, source_of):
        original = getattr(owner, name)

        def call(self, *arguments, **named):
            made = original(self, *arguments, **named)
            try:
                made.osscc_source = source_of(self, *arguments)
            except Exception:  # a loader without sources
                pass
            return made
        setattr(owner, name, call)

    patched(jinja2.Environment, "from_string", lambda self, source, *rest: source)
    patched(jinja2.BaseLoader, "load", lambda self, owner, name, *rest: self.get_source(owner, name)[0])
    make = jinja2.Template.__new__

    def new(cls, source, *arguments, **named):
        made = make(cls, source, *arguments, **named)
        made.osscc_source = source
        return made
    jinja2.Template.__new__ = new
    for name in ("render", "render_async", "generate", "stream", "generate_async"):
        original = getattr(jinja2.Template, name)

        def call(self, *arguments, _original=original, **named):
            if hasattr(self, "osscc_source"):
                recorder.note(self.osscc_source, dict(*arguments, **named) if len(arguments) < 2 else {})
            return _original(self, *arguments, **named)
        setattr(jinja2.Template, name, call)
    pytest.main(["-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "--no-header", "--tb=no",
                 "-o", "addopts=", str(folder / "tests")], plugins=[recorder])
    return list(recorder.cases)  # the judge's own renderings are noted, too


def judged(cases):
    """The cases that transformers' environment renders, with its text."""
    for construct, source, variables in cases:
        try:
            render = template.judge(source)
        except Exception:  # a template that transformers refuses
            continue
        text, error = render(variables)
        if error is None and text == render(variables)[0] and not UNSTABLE.search(text):
            yield construct, source, variables, text


def main():
    environment.require("requirements-jinja.txt")
    options = dict(a[2:].split("=") for a in sys.argv[1:] if a.startswith("--"))
    programs = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(programs) != 1:
        sys.exit(__doc__.strip())
    folder = pathlib.Path(options["source"]) if "source" in options else fetch()
    cases = list(judged(record(folder)))
    results = template.batch(programs[0], [(source, [variables]) for _, source, variables, _ in cases])
    rows, shown = collections.defaultdict(lambda: [0, 0, 0]), collections.Counter()
    for (construct, source, variables, text), result in zip(cases, results):
        row = rows[construct]
        row[0] += 1
        got = result["results"][0] if "results" in result else {}
        row[1] += got.get("text") == text
        row[2] += "refused" in result
        if got.get("text") != text:
            shown[construct] += 1
            if shown[construct] <= int(options.get("show", 0)):
                print(f"{construct}: {source!r} with {variables}\n  transformers {text!r}\n  osscc        {got or result}")
    print("| Construct | Tried | Equal | Refused |\n|---|---|---|---|")
    for construct, (tried, equal, refused) in sorted(rows.items()):
        print(f"| {construct} | {tried} | {equal} | {refused} |")
    tried, equal, refused = (sum(row[i] for row in rows.values()) for i in range(3))
    print(f"| all | {tried} | {equal} | {refused} |\n{equal / tried:.2%} equal")
    failed = 0 if equal >= WANTED * tried else tried - equal
    print(f"{equal} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
