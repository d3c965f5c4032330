# lit's configuration: every .mlir and .test file below test/ is a test.
#
#     lit-22 -sv test [--param build=DIR]        DIR: the build folder, ./build unless given
#
# Tests call osscc, osscc-opt, osscc-eval, FileCheck, not, llc, mlir-opt, split-file by name; %python is a Python with
# the packages of tools/requirements.txt, %tools the tools folder, %t a scratch path.
import os
import pathlib
import sys

import lit.formats

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tools"))
import environment  # noqa: E402  (tools/environment.py)

build = pathlib.Path(lit_config.params.get("build", root / "build")).resolve()
venv = environment.VENV / "bin" / "python"

config.name = "osscc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "data"]
config.test_source_root = str(root / "test")
config.test_exec_root = str(build / "test" / "lit")

# No variable of the user's shell reaches a test, but for those that find programs and packages.
config.environment = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
first = [lit_config.params["path"]] if "path" in lit_config.params else []  # tools/ci/mutate puts its osscc-opt first
config.environment["PATH"] = os.pathsep.join([*first, str(build / "bin"), "/usr/lib/llvm-22/bin", os.environ["PATH"]])
config.environment |= {name: value for name, value in os.environ.items() if name.startswith("OSSCC_")}
config.environment["NO_COLOR"] = "1"
config.substitutions += [
    ("%python", lit_config.params.get("python") or (str(venv) if venv.exists() else sys.executable)),
    ("%tools", str(root / "tools")),
    ("%root", str(root)),
]

# `REQUIRES: avx512f` and the like: tests that run emitted code need a CPU that has the instructions.
with open("/proc/cpuinfo") as cpuinfo:
    flags = next((line.split(":")[1].split() for line in cpuinfo if line.startswith("flags")), [])
config.available_features |= {flag for flag in flags if flag.startswith(("avx", "fma", "f16c"))}

try:
    import psutil  # noqa: F401  lit needs it to end a test that hangs
    lit_config.maxIndividualTestTime = 120
except ImportError:
    pass
