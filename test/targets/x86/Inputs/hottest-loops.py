"""Prints, for each matmul of an assembly text, what its innermost loops of several rows hold: dots, loads of vectors and
broadcasts that are instructions of their own, accesses of the stack, and all other instructions. A loop is one of several
rows if it has more than 32 dots; equal lines of one matmul are printed once.

    hottest-loops.py DOT < text        DOT is the dot's mnemonic, as vpdpbusd
"""
import re
import sys


def functions(lines):
    """(name, lines) of each matmul."""
    name, body = None, []
    for line in lines:
        if found := re.match(r"(\w+):", line):
            if name:
                yield name, body
            name, body = (found[1], []) if found[1].startswith("matmul_") else (None, [])
        elif name:
            body.append(line)
    if name:
        yield name, body


def innermost_loops(body):
    """The instructions between a label and a jump back to it that have no jump back inside."""
    instructions, labels, jumps = [], {}, []
    for line in body:
        if found := re.match(r"(\.L\w+):", line):
            labels[found[1]] = len(instructions)
        elif found := re.match(r"\t([a-z]\w*)\s*([^#]*)", line):
            instructions.append((found[1], found[2].strip()))
            if found[1].startswith("j") and labels.get(found[2].strip(), len(instructions)) < len(instructions):
                jumps.append((labels[found[2].strip()], len(instructions)))
    for begin, end in jumps:
        if not any((b, e) != (begin, end) and begin <= b and e <= end for b, e in jumps):
            yield instructions[begin:end]


def describe(loop, dot):
    dots = sum(word.startswith(dot) for word, _ in loop)
    stack = sum("%rsp" in operands and "zmm" in operands for _, operands in loop)
    broadcasts = sum(word.startswith(("vpbroadcast", "vbroadcast")) for word, _ in loop)
    loads = sum(word.startswith("vmov") and operands.endswith("mm" + operands.rsplit("mm")[-1]) and "(" in operands for word, operands in loop)
    return f"dots {dots} loads {loads} broadcasts {broadcasts} stack {stack} other {len(loop) - dots - loads - broadcasts}"


def main():
    dot = sys.argv[1]
    for name, body in functions(sys.stdin.read().split("\n")):
        told = []
        for loop in innermost_loops(body):
            line = f"{name}: {describe(loop, dot)}"
            if sum(word.startswith(dot) for word, _ in loop) > 32 and line not in told:
                told.append(line)
                print(line)


main()
