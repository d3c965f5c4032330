"""What the end-to-end tests share: compiling a checkpoint once, running the executable, counting checks."""
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools" / "oracle")]
import environment

environment.require()
BUILD = pathlib.Path(os.environ.get("OSSCC_BUILD", ROOT / "build"))
OSSCC = BUILD / "bin" / "osscc"
DATA = ROOT / "test" / "data"
SHARED = BUILD / "e2e"  # what is made once for all tests
WORK = SHARED / pathlib.Path(sys.argv[0]).stem  # this test's own: several run at a time
WORK.mkdir(parents=True, exist_ok=True)

counts = {"passed": 0, "failed": 0}


def check(name, holds, detail=""):
    """Counts one check and prints it if it fails; returns whether it held."""
    counts["passed" if holds else "failed"] += 1
    if not holds:
        print(f"FAIL {name}{': ' if detail else ''}{detail}", flush=True)
    return holds


def finish():
    """Prints the closing line and ends the program."""
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(1 if counts["failed"] else 0)


def run(*command, input="", timeout=300, **options):
    """Runs a program to its end; the result has .returncode, .stdout and .stderr as bytes."""
    data = input if isinstance(input, bytes) else input.encode()
    try:
        return subprocess.run([str(word) for word in command], input=data, capture_output=True, timeout=timeout, **options)
    except subprocess.TimeoutExpired as late:
        return subprocess.CompletedProcess(late.cmd, -1, late.stdout or b"", b"no end after %d s" % timeout)
    except OSError as error:
        return subprocess.CompletedProcess(command, -1, b"", str(error).encode())


def cut_while_compiled(model, file, bytes, out):
    """Compiles `model`, and cuts `file` to so many bytes once it is imported. The result, as of run, and what is left in
    the folder `out`."""
    out.mkdir()
    command = [str(word) for word in (OSSCC, model, "-o", out / "assistant")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = b""
    for line in process.stderr:
        said += line
        if line.startswith(b"[2/"):
            os.truncate(file, bytes)
            break
    said += process.stderr.read()
    return subprocess.CompletedProcess(command, process.wait(timeout=60), b"", said), sorted(out.iterdir())


def check_cut(name, model, file, out):
    """A source that is cut while it is compiled gives one clear error that names it."""
    result, left = cut_while_compiled(model, file, file.stat().st_size // 2, out)
    lines = [line for line in result.stderr.decode(errors="replace").splitlines() if "error:" in line]
    check(f"refuses: {name} that is cut meanwhile", result.returncode == 1 and len(lines) == 1 and file.name in lines[0]
          and not left, f"exit {result.returncode}, left {left}: {lines}")


def last_line(result):
    """What a failing program said last, for a check's detail."""
    lines = result.stderr.decode(errors="replace").strip().splitlines()
    return f"exit {result.returncode}: {lines[-1] if lines else 'silent'}"


@contextlib.contextmanager
def making(path):
    """Whether a file must still be made, while no other test makes it."""
    with open(SHARED / f"{path.parent.name}-{path.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not path.exists()


def make(tool, *arguments):
    subprocess.run([sys.executable, ROOT / "tools" / tool, *arguments], check=True)


def tiny(shape, dtype="f32"):
    """The folder of a tiny checkpoint, made once."""
    folder = SHARED / f"{shape}-{dtype}"
    with making(folder / "model.safetensors") as needed:
        if needed:
            make("make-checkpoint", folder, f"--shape={shape}", f"--dtype={dtype}")
    return folder


def real_model(name, dtype):
    """The folder of a model that tools/get-model knows, fetched once."""
    folder = SHARED / f"{name}-{dtype}"
    with making(folder / "model.safetensors") as needed:
        if needed:
            make("get-model", name, folder, f"--dtype={dtype}")
    return folder


def smollm2(dtype):
    """The folder of SmolLM2-135M-Instruct, fetched once."""
    return real_model("smollm2", dtype)


def gguf(folder, kind):
    """A checkpoint folder as a GGUF file beside it whose matrices have the type `kind`, made once."""
    out = folder.with_name(f"{folder.name}-{kind}.gguf")
    with making(out) as needed:
        if needed:
            partial = out.with_suffix(".partial")
            make("make-gguf", folder, partial, f"--type={kind}", f"--decoded={decoded(folder, kind)}")
            partial.rename(out)
    return out


def gguf_parts(whole, tensors):
    """A GGUF file as the parts of a split one, at most so many tensors each; their paths, in order."""
    place = whole.with_name(f"{whole.stem}-in-parts")
    with making(place) as needed:
        if needed:
            partial = place.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            make("make-gguf", whole, partial / whole.name, "--type=F32", f"--split={tensors}")
            partial.rename(place)
    return sorted(place.iterdir())


def decoded(folder, kind):
    """The folder of what that file's weights stand for."""
    return folder.with_name(f"{folder.name}-{kind}-decoded")


def real_gguf(name):
    """The GGUF file of such a model, fetched once."""
    out = SHARED / f"{name}.gguf"
    with making(out) as needed:
        if needed:
            make("get-model", name, out, "--gguf")
    return out


def smollm2_gguf():
    """The GGUF file of SmolLM2-135M-Instruct, fetched once."""
    return real_gguf("smollm2")


def compile(folder, *flags, out=None):
    """Compiles a checkpoint folder, or a GGUF file, for this machine and returns the executable; a failure is a failed
    check.
    """
    out = out or WORK / f"{folder.name}.assistant"
    result = run(OSSCC, folder / "model.safetensors" if folder.is_dir() else folder, *(flags or ("--target=native",)), "-o", out)
    built = check(f"compile {folder.name} {' '.join(flags)}", result.returncode == 0, last_line(result))
    return out if built else None


def score(program, ids, *flags, timeout=300):
    """The JSON lines of `score --ids` over a list of ids, or None after a failed check."""
    result = run(program, "score", "--ids", *flags, "-", input=json.dumps(ids), timeout=timeout)
    if not check(f"{program.name} score {' '.join(flags)}", result.returncode == 0, last_line(result)):
        return None
    return [json.loads(line) for line in result.stdout.splitlines()]


def logits(program, ids, *flags, timeout=300):
    """[tokens, vocabulary] of `score --logits`, or None after a failed check."""
    import numpy
    path = WORK / f"{program.name}.npy"
    path.unlink(missing_ok=True)
    if score(program, ids, f"--logits={path}", *flags, timeout=timeout) is None or not check(
            f"{program.name} wrote its logits", path.exists()):
        return None
    return numpy.load(path, mmap_mode="r")


CHUNKINGS = ("--chunk=512 -t1", "--chunk=1 -t2", "--chunk=3 -t3", "--chunk=8 -t5", "--chunk=64")


def same_in_every_chunking(shape, dtype, ids, *flags):
    """The bytes of logits do not depend on how many rows a call has, nor on the threads."""
    program = compile(tiny(shape, dtype), *flags)
    if not program:
        return
    expected = logits(program, ids, *CHUNKINGS[0].split())
    if expected is None:
        return
    expected = expected.tobytes()
    rows = {way: logits(program, ids, *way.split()) for way in CHUNKINGS[1:]}
    differing = [way for way, found in rows.items() if found is None or found.tobytes() != expected]
    check(f"{shape} {dtype} {' '.join(flags)}: the same logits in every chunking", not differing, differing)
