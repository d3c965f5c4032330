#!/usr/bin/env python3
"""What osscc promises besides the executable: its words, exit codes, lines on a terminal and in a log, its installation."""
import importlib.machinery
import json
import os
import pathlib
import pty
import re
import shlex
import shutil
import subprocess
import tempfile

import harness
from harness import BUILD, OSSCC, WORK, check, last_line, run

import huggingface
import numpy as np

TEXTS = ["graph.mlir", "packed.mlir", "tile.mlir", "kernels.mlir", "vector.mlir", "llvm.mlir", "ll", "s", "o"]
ESCAPE = b"\x1b["


def text_of(result):
    return result.stderr.decode(errors="replace")


def scratch():
    """A folder that is gone at the end."""
    return tempfile.TemporaryDirectory(dir=WORK)


def on_terminal(*command, **environment):
    """(exit code, everything written) of a program whose standard files are a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([str(word) for word in command], stdin=theirs, stdout=theirs, stderr=theirs,
                               env={**os.environ, "TERM": "xterm", **environment})
    os.close(theirs)
    said = b""
    try:
        while data := os.read(ours, 65536):
            said += data
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(), said


def exit_codes(folder):
    """Each mistake has its exit code and one clear line, and leaves nothing."""
    cases = [("no model", [], 2), ("no such folder", ["nowhere"], 1), ("unknown flag", [folder, "--frobnicate"], 2),
             ("unknown storage", [folder, "--quantize=int3"], 2), ("unknown stage", [folder, "--emit=soup"], 2),
             ("unknown target", [folder, "--target=znver44"], 2),
             ("the same kernels twice", [folder, "--target=haswell,x86-64-v3"], 2),
             ("text for two targets", [folder, "--target=x86-64,x86-64-v3", "--emit=asm"], 2), ("too large a context", [folder, "--context=513"], 2),
             ("no threads", [folder, "-j", "0"], 2), ("a missing system message", [folder, "--system=nowhere"], 2),
             ("an unknown mode", [folder, "--reasoning=loud"], 2), ("too many tokens", [folder, "--verify=513"], 2),
             ("no tokens", [folder, "--verify=0"], 2), ("verified text", [folder, "--verify", "--emit=graph"], 2)]
    with scratch() as place:
        place = pathlib.Path(place)
        for name, words, code in cases:
            result = run(OSSCC, *words, "-o", place / "out")
            told = text_of(result).strip().splitlines()
            check(f"osscc, {name}: exit {code}, a few clear lines, no file",
                  result.returncode == code and 0 < len(told) <= 4 and not os.listdir(place), f"{result.returncode}: {told}")
    for words in (["--version"], ["--help"], ["--print-targets"], ["--print-models"]):
        result = run(OSSCC, *words)
        check(f"osscc {words[0]}: exit 0, on stdout", result.returncode == 0 and result.stdout and not result.stderr)


def models():
    """--print-models names shapes that are made and whose numbers are stored, each of the family that it names."""
    loader = importlib.machinery.SourceFileLoader("make_checkpoint", str(harness.ROOT / "tools/make-checkpoint"))
    made = loader.load_module()
    shapes = {name: made.family(name) for name in made.SHAPES}
    family, named = None, []
    for line in run(OSSCC, "--print-models").stdout.decode().splitlines():
        if not line.startswith(" "):
            family = line.split(":")[0]
        elif line.startswith("  tested as "):
            named += [(family, shape) for shape in line.split()[2:]]
    stored = {case["shape"] for case in json.loads((harness.ROOT / "test/data/tiny.json").read_text())["cases"]}
    wrong = [(family, shape) for family, shape in named if shape not in stored or shapes[shape] != family]
    check("osscc --print-models: each shape is tested, and of its family", named and not wrong, wrong)
    listed = {family for family, _ in named}
    missing = {shape for shape in stored if shapes[shape] in listed} - {shape for _, shape in named}
    check("osscc --print-models: no tested shape of these families is missing", not missing, missing)


def outputs(folder):
    """-o: an input is never replaced, a wrong place is told before the work, links and devices are written through."""
    with scratch() as place:
        place = pathlib.Path(place)
        model = place / "model"
        shutil.copytree(folder, model)
        (place / "system").write_text("Be brief.")
        (place / "link").symlink_to(model / "model.safetensors")
        os.link(model / "tokenizer.json", place / "second-name")
        for output in (model / "config.json", model / "model.safetensors", place / "link", place / "second-name", place / "system"):
            before = output.read_bytes()
            for emit in ("exe", "graph"):
                result = run(OSSCC, model, f"--emit={emit}", f"--system={place / 'system'}", "-o", output)
                check(f"-o names an input, {output.name}, {emit}: exit 1, the input stays", result.returncode == 1 and
                      output.read_bytes() == before and "is an input" in text_of(result), text_of(result))
        result = run(OSSCC, model, "-o", place / "nowhere" / "out")
        check("-o in no folder: told before the work", result.returncode == 1 and "lower" not in text_of(result), text_of(result))
        result = run(OSSCC, "model", "-q", cwd=place)
        check("the checkpoint's folder has the model's name: another default", result.returncode == 0 and
              (place / "model.assistant").is_file(), last_line(result))
        (place / "name").symlink_to("kept")
        for state in ("dangling", "old"):
            result = run(OSSCC, model, "-q", "-o", place / "name")
            check(f"-o is a {state} link: it stays, its end is written", result.returncode == 0 and (place / "name").is_symlink()
                  and (place / "kept").read_bytes() == (place / "model.assistant").read_bytes(), last_line(result))
        (place / "ring").symlink_to("ring")
        check("-o is a link to itself: exit 1", run(OSSCC, model, "-q", "-o", place / "ring").returncode == 1)
        for emit in ("exe", "asm"):
            result = run(OSSCC, model, "-q", f"--emit={emit}", "-o", "/dev/null")
            check(f"-o /dev/null, {emit}: exit 0", result.returncode == 0, last_line(result))
        check("-o is a folder: exit 1", "is a folder" in text_of(run(OSSCC, model, "-o", place)))


def foreign_targets(folder):
    """A system that the executable cannot run on, and a feature that does not exist, are refused; spellings of Linux work."""
    for target in ("x86_64-apple-darwin", "x86_64-pc-windows-msvc", "x86_64-unknown-freebsd:znver4", "x86_64-linux-gnux32",
                   "x86-64-v3+avx521f", "znver4,-avx521vnni", "x86_64-linux-gnu:haswell+amx"):
        result = run(OSSCC, folder, f"--target={target}", "--emit=graph", "-o", "-")
        check(f"--target={target}: exit 2", result.returncode == 2 and not result.stdout, last_line(result))
    for target in ("x86_64-linux-gnu", "x86_64-unknown-linux-musl:znver4", "znver4,-avx512vnni", "x86-64-v3+avxvnni,-bmi"):
        result = run(OSSCC, folder, f"--target={target}", "--emit=graph", "-o", "-")
        check(f"--target={target}: exit 0", result.returncode == 0, last_line(result))


def temporary_texts(folder, *options):
    """--save-temps leaves every stage's text; the commands of -### make the same texts from each other."""
    with scratch() as place:
        place = pathlib.Path(place)
        result = run(OSSCC, folder, *options, "-q", "-o", place / "a", "--save-temps")
        files = sorted(os.listdir(place))
        check("--save-temps: every stage", files == sorted(["a", *(f"a.{end}" for end in TEXTS)]), files)
        plain = run(OSSCC, folder, *options, "-q", "-o", place / "b")
        check("--save-temps: the same executable", result.returncode == plain.returncode == 0 and
              (place / "a").read_bytes() == (place / "b").read_bytes())
        (place / "system").write_text("Be brief.")
        steps = run(OSSCC, folder, *options, "--system=system", "-###", "-o", "c", cwd=place)
        commands = [shlex.split(line) for line in text_of(steps).splitlines() if not line.startswith(" #")]
        ran = steps.returncode == 0 and commands[-1][0] == "ld.lld" and not (place / "c.graph.mlir").exists()
        check("-###: prints and runs nothing", ran, text_of(steps)[:300])
        path = {"PATH": f"{BUILD / 'bin'}:{os.environ['PATH']}"}
        for words in commands[:-1]:
            result = run(*words, cwd=place, env={**os.environ, **path})
            check(f"-###: {words[0]} {words[-1]} runs", result.returncode == 0, last_line(result))
            made = place / words[-1]
            check(f"-###: {made.name} as --save-temps has it", made.exists() and  # osscc-opt ends in an empty line
                  made.read_bytes().rstrip() == (place / f"a{made.name[1:]}").read_bytes().rstrip())


def details(folder):
    """-v names stages, weights and kernels; MLIR's own flags work; a log has plain lines."""
    out = WORK / "details"
    told = text_of(run(OSSCC, folder, "-v", "-o", out))
    wanted = ["llama: 2 layers", "model.safetensors   ", "weight model.embed_tokens.weight   !pack.block<320x48",
              "kernel matmul_", "lower took", "emit took", "of object"]
    lacking = [word for word in wanted if word not in told] + [
        stage for stage in ("graph", "llvm") if not re.search(rf"\b{stage} \d+\.\d+ s", told)]
    check("-v: stages, weights, kernels", not lacking, lacking)
    told = text_of(run(OSSCC, folder, "--mlir-timing", "-o", out))
    check("--mlir-timing: a tree of passes", "Execution time report" in told and "FuseQkvPass" in told)
    told = text_of(run(OSSCC, folder, "--mlir-print-ir-after-all", "-q", "-o", out))
    check("--mlir-print-ir-after-all: each pass", told.count("IR Dump After") > 20 and "IR Dump After LlmToTilePass" in told)
    one, two = run(OSSCC, folder, "-j", "1", "-q", "-o", out), run(OSSCC, folder, "-j", "3", "-q", "-o", f"{out}.3")
    check("-j: the same bytes", one.returncode == two.returncode == 0 and
          out.read_bytes() == pathlib.Path(f"{out}.3").read_bytes())
    result = run(OSSCC, folder, "-o", out)
    lines = text_of(result).splitlines()
    steps = [line for line in lines if line.startswith("[")]
    check("a log: a plain line a step, and one for the weights",
          [line.split()[1] for line in steps] == ["import", "lower", "emit", "link", "bundle", "bundle"]
          and ESCAPE not in result.stderr and b"\r" not in result.stderr, lines)
    summary = "\n".join(lines[len(steps):])
    check("the summary: size, storage, target, memory, time, what to try",
          all(word in summary for word in ("MB", "as f32", "bytes a weight", "x86_64", "of cache at the full context of 512",
                                           " s", "try: ")), summary)
    check("-q: silent", run(OSSCC, folder, "-q", "-o", out).stderr == b"")
    out.unlink(), pathlib.Path(f"{out}.3").unlink()


def terminal(folder):
    """On a terminal one line moves, in colour unless NO_COLOR is set."""
    out = WORK / "terminal"
    code, said = on_terminal(OSSCC, folder, "-o", out)
    before, _, after = said.rpartition(b"\x1b[K")
    check("a terminal: one moving line, then the summary", code == 0 and b"\n" not in before and b"try: " in after, said)
    check("a terminal: colours", b"\x1b[0;1;32m" in after, after)
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        said = on_terminal(OSSCC, folder, "-o", out, **environment)[1]
        check(f"a terminal, {environment}: no colours", b"\x1b[0;" not in said and b"\x1b[1" not in said, said)
    check("a terminal: a red error", b"\x1b[0;1;31merror: " in on_terminal(OSSCC, "nowhere", "-o", out)[1])
    out.unlink()


def verification(folder):
    """--verify passes a good executable, and removes one whose numbers the reference does not share."""
    out = WORK / "verified"
    for flag, tokens in (("--verify", "8"), ("--verify=30", "30")):
        result = run(OSSCC, folder, flag, "-o", out)
        check(f"{flag}: passes", result.returncode == 0 and f"verified {tokens} tokens: least cosine 1.0" in text_of(result),
              text_of(result))
    for flags in (["--quantize=bf16"], ["--quantize=f16"], ["--quantize=int8"], ["--quantize=int4", "--activations=int16"]):
        result = run(OSSCC, folder, "--verify", *flags, "-o", out)
        check(f"--verify {' '.join(flags)}: rounding is part of the reference", result.returncode == 0, last_line(result))
    out.unlink(missing_ok=True)
    with scratch() as place:
        # Squares of 1e30 leave f32: the kernels' norms then differ from the evaluator's, which sums in f64.
        shutil.copytree(folder, place, dirs_exist_ok=True)
        config = json.loads(pathlib.Path(place, "config.json").read_text())
        shapes = huggingface.llama_shapes(config)
        random = np.random.default_rng(1)
        huggingface.write_safetensors(pathlib.Path(place, "model.safetensors"), "f32", shapes, lambda name: (
            random.standard_normal(shapes[name]) * (1e30 if "embed" in name else 1)).astype(np.float32))
        result = run(OSSCC, place, "--verify", "-o", out)
        check("--verify: a difference is exit 1, and no file", result.returncode == 1 and not out.exists() and
              "least cosine" in text_of(result), text_of(result))
        out.write_bytes(b"the executable of yesterday")
        run(OSSCC, place, "--verify", "-o", out)
        check("--verify: what had the name before keeps it", out.read_bytes() == b"the executable of yesterday" and
              not list(WORK.glob("verified.*")), list(WORK.glob("verified*")))
        out.unlink()


def installation(folder):
    """What cmake --install lays down compiles a model when the build tree and the sources are gone."""
    with scratch() as place:
        place = pathlib.Path(place)
        result = run("cmake", "--install", BUILD, "--prefix", place / "first")
        if not check("cmake --install", result.returncode == 0, last_line(result)):
            return
        (place / "first").rename(place / "moved")
        binary = place / "moved" / "bin" / "osscc"
        check("installed: names no build folder", os.fsencode(BUILD) not in binary.read_bytes())
        script = (f"mount -t tmpfs none {shlex.quote(str(harness.ROOT))} && cd / && "
                  f"{{ [ ! -d {shlex.quote(str(BUILD))}/bin ] || mount -t tmpfs none {shlex.quote(str(BUILD))}; }} && "
                  "exec ./tmp/osscc-installed/moved/bin/osscc /tmp/osscc-installed/model -q -o /tmp/osscc-installed/out")
        shutil.copytree(folder, place / "model")
        away = pathlib.Path("/tmp/osscc-installed")
        command = ["unshare", "-m", "sh", "-c", f"mkdir -p {away} && mount --bind {place} {away} && {script}"]
        if os.geteuid() != 0:
            print("not root: the build tree stays in sight of the installed osscc")
            command = [binary, place / "model", "-q", "-o", place / "out"]
        result = run(*command)
        if away.exists():  # what was mounted on it is gone with the namespace
            away.rmdir()
        check("installed: compiles without the build tree", result.returncode == 0, last_line(result))
        check("installed: the same executable", (place / "out").exists() and
              run(place / "out", "verify").returncode == 0)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    folder = harness.tiny("tiny-6x2")
    exit_codes(folder)
    models()
    outputs(folder)
    foreign_targets(folder)
    temporary_texts(folder, "--target=x86-64-v3")
    temporary_texts(folder, "--target=graniterapids+-amx-int8", "--quantize=int8", "--context=64")
    details(folder)
    terminal(folder)
    verification(folder)
    installation(folder)
    harness.finish()


if __name__ == "__main__":
    main()
