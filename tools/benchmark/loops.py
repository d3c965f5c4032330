"""Innermost loops of aarch64 code, the compiler's or a library's, and what LLVM's model of a CPU predicts of them."""
import json
import re
import subprocess
from typing import NamedTuple

MCA, OBJDUMP = "llvm-mca-22", "llvm-objdump-22"
FEATURES = "+lse,+dotprod,+i8mm,+fullfp16,+bf16,+sve,+sve2"  # of what is read, whatever the CPU

FUNCTION = re.compile(r"^([A-Za-z_]\w*):", re.MULTILINE)
LABEL = re.compile(r"^(\.L\w+):")
BRANCH = re.compile(r"^(?:b|b\.\w+|cbn?z|tbn?z)\s.*?(\.L\w+)$")
DISASSEMBLED = re.compile(r"^\s*([0-9a-f]+):\s+(.+)$")
ADDRESS = re.compile(r"0x([0-9a-f]+) <[^>]*>$")

# Products of a weight and an activation in an instruction of 128 bits, the first row that fits. A register of SVE has as many times
# more as it is longer.
PRODUCTS = [(re.compile(r"^[su]{1,2}mmla\s+[vz]"), 32), (re.compile(r"^[su]{1,2}dot\s+[vz]"), 16),
            (re.compile(r"^[su]ml[as]l2?\s+v\d+\.8h, v\d+\.(8|16)b"), 8), (re.compile(r"^smull2?\s+v\d+\.8h, v\d+\.(8|16)b"), 8)]
SVE = re.compile(r"\bz\d+\.")


class Loop(NamedTuple):
    lines: list    # of instructions, the branch back last
    products: int  # in one turn


class Prediction(NamedTuple):
    instructions: float  # a turn
    cycles: float        # a turn, of many in a row, all data in the first-level cache


def functions(text):
    """(name, lines) of each function of assembly that the compiler wrote."""
    starts = list(FUNCTION.finditer(text))
    for start, end in zip(starts, [*(found.start() for found in starts[1:]), len(text)]):
        lines = (line.split("//")[0].strip() for line in text[start.end():end].split("\n"))
        yield start[1], [line for line in lines if line and (not line.startswith(".") or LABEL.match(line))]


def disassembled(library, symbol):
    """The lines of a function of a library, a label before each."""
    command = [OBJDUMP, f"--disassemble-symbols={symbol}", "--no-show-raw-insn", library]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = []
    for address, instruction in (match.groups() for match in map(DISASSEMBLED.match, text.split("\n")) if match):
        words = " ".join(instruction.split("//")[0].split())
        lines += [f".L{address}:", ADDRESS.sub(r".L\1", words)]
    return lines


def products_of(lines, sve_bits=128):
    """How many products the instructions make."""
    total = 0
    for line in lines:
        number = next((number for pattern, number in PRODUCTS if pattern.match(line)), 0)
        total += number * (sve_bits // 128 if SVE.search(line) else 1)
    return total


def innermost(lines, sve_bits=128):
    """The loops of a function that contain no other and multiply."""
    places = {LABEL.match(line)[1]: i for i, line in enumerate(lines) if LABEL.match(line)}
    spans = []
    for i, line in enumerate(lines):
        branch = BRANCH.match(line)
        if branch and places.get(branch[1], i) < i:
            spans.append((places[branch[1]], i))
    holds = [any(other != span and span[0] <= other[0] and other[1] <= span[1] for other in spans) for span in spans]
    loops = []
    for (first, last), holds_another in zip(spans, holds):
        body = [line for line in lines[first:last + 1] if not LABEL.match(line)]
        if not holds_another and products_of(body):
            loops.append(Loop(body, products_of(body, sve_bits)))
    return loops


def predict(loop, cpu, turns=100):
    """What the model of `cpu` says of a loop."""
    command = [MCA, "-mtriple=aarch64", f"-mcpu={cpu}", f"-mattr={FEATURES}", f"-iterations={turns}", "-json"]
    done = subprocess.run(command, input="\n".join(loop.lines) + "\n", check=True, capture_output=True, text=True)
    summary = json.loads(done.stdout)["CodeRegions"][0]["SummaryView"]
    return Prediction(summary["Instructions"] / turns, summary["TotalCycles"] / turns)
