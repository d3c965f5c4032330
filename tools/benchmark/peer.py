"""llama.cpp, fetched by package name within seconds: prebuilt libraries from npm under the Python bindings of PyPI."""
import json
import os
import pathlib
import subprocess
import sys

BINDINGS = "llama-cpp-python==0.3.36"
LIBRARIES = "@node-llama-cpp/linux-x64@3.22.1"  # llama.cpp with a library of kernels for each kind of CPU


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL, **options)


def fetch(folder):
    """Makes an environment with the bindings, and the folder of libraries beside it."""
    libraries, python = folder / "libs", folder / "venv" / "bin" / "python"
    libraries.mkdir(parents=True, exist_ok=True)
    run("npm", "pack", "--silent", LIBRARIES, cwd=folder, stdout=sys.stderr)
    run("tar", "xzf", next(folder.glob("*.tgz")), "-C", libraries, "--strip-components=3", "package/bins")
    run(sys.executable, "-m", "venv", folder / "venv", stdout=sys.stderr)
    run(python, "-m", "pip", "install", "--quiet", "--no-cache-dir", BINDINGS, stdout=sys.stderr,
        env={**os.environ, "CMAKE_ARGS": "-DLLAMA_BUILD=OFF"})
    add_missing(libraries, python)


def add_missing(libraries, python):
    """The bindings name functions that are newer than the library: libllama.so gets traps of these names."""
    where = "import importlib.util as u; print(u.find_spec('llama_cpp').submodule_search_locations[0])"
    bindings = pathlib.Path(run(python, "-c", where, capture_output=True, text=True).stdout.strip())
    text = (bindings / "llama_cpp.py").read_text()
    names = {word for word in text.replace('"', " ").split() if word.startswith("llama_") and word.isidentifier()}
    real = next(libraries.glob("libllama.v*.so"))
    symbols = run("nm", "-D", real, capture_output=True, text=True).stdout.split()
    source = libraries / "missing.c"
    source.write_text("".join(f"void {name}(void) {{ __builtin_trap(); }}\n" for name in sorted(names - set(symbols))))
    run("clang-22", "-shared", "-fPIC", "-o", "libllama.so", "missing.c", "-Wl,--no-as-needed", "-L.", f"-l:{real.name}",
        "-Wl,-rpath,$ORIGIN", cwd=libraries)
    (libraries / "libggml.so").unlink(missing_ok=True)
    (libraries / "libggml.so").symlink_to(next(libraries.glob("libggml.v*.so")).name)


class Peer:
    """\\param folder  where it is fetched to; \\param libraries  another llama.cpp's libraries, or None."""

    def __init__(self, folder, libraries=None):
        if not (folder / "libs" / "libllama.so").exists():
            print("fetching llama.cpp", file=sys.stderr)
            fetch(folder)
        self.python, self.libraries = folder / "venv" / "bin" / "python", libraries or folder / "libs"

    def quantize(self, source, out, kind):
        """Quantizes a GGUF file; `kind` as llama.cpp spells it, "Q4_K_M"."""
        script = pathlib.Path(__file__).with_name("llama_cpp_quantize.py")
        run(self.python, script, source, out, kind, capture_output=True, env={**os.environ, "LLAMA_CPP_LIB_PATH": str(self.libraries)})

    def measure(self, model, prompt, tokens, threads, depth, sequences):
        """{"prefill": tokens/s, "decode": tokens/s}."""
        script = pathlib.Path(__file__).with_name("llama_cpp_peer.py")
        result = run(self.python, script, model, prompt, tokens, threads, depth, sequences, capture_output=True, text=True,
                     env={**os.environ, "LLAMA_CPP_LIB_PATH": str(self.libraries)})
        return json.loads(result.stdout.splitlines()[-1])
