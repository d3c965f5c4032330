#!/usr/bin/env python3
"""The chat on a terminal, driven by tmux: editing, history, pastes, commands, Ctrl-C, and the terminal's modes after it.

    test/e2e/chat.py             checks
    test/e2e/chat.py --capture   also prints the screen of a short chat, which docs/user-guide.md shows

The terminal is a bare xterm in the C locale without terminfo: nothing but TERM is set.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from harness import WORK, check, compile, finish, smollm2_gguf

SECONDS = 20  # until a text must have appeared; machines are busy
FAMILY = "\U0001F469\u200D\U0001F469\u200D\U0001F467"


class Terminal:
    """One tmux server with one window of 100 by 40."""

    def __init__(self, program, name="chat"):
        self.socket = f"osscc-{name}-{os.getpid()}"
        self.program = program
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "40",
                  f"env -i TERM=xterm PATH={os.environ['PATH']} PS1='$ ' sh")
        self.shown("$", "the shell's prompt")

    def tmux(self, *words, **options):
        return subprocess.run(["tmux", "-u", "-L", self.socket, *words], capture_output=True, text=True, timeout=30, **options)

    def screen(self):
        return self.tmux("capture-pane", "-p").stdout.rstrip("\n")

    def unwrapped(self):
        """The screen, with each line that the terminal has cut at its edge in one piece."""
        return self.tmux("capture-pane", "-p", "-J").stdout

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def enter(self, text):
        self.type(text)
        self.keys("Enter")

    def clear(self):
        """An empty screen with the chat's prompt, and nothing of earlier answers."""
        self.keys("C-l")
        self.tmux("clear-history")
        return self.until(lambda screen: screen == ">")

    def until(self, holds):
        end = time.monotonic() + SECONDS
        while not (found := holds(self.screen())) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def shown(self, text, name):
        """Checks that `text` appears, wherever the edge of the terminal cuts it."""
        return check(name, self.until(lambda screen: text in screen or text in self.unwrapped()),
                     f"no {text!r} on the screen:\n{self.screen()}")

    def prompted(self, name):
        """Checks that the chat waits for a line again."""
        return check(name, self.until(lambda screen: screen.split("\n")[-1] == ">"), self.screen())

    def stop(self):
        self.tmux("kill-server")


def check_editing(t):
    t.clear()
    t.type("Waht is 1 + 1?")
    t.keys("Home", "Right", "Delete", "Right")
    t.type("a")
    t.keys("C-e", "Left", "BSpace")
    t.type("2")
    t.shown("> What is 1 + 2?", "a line is edited where the cursor stands")
    t.keys("C-e", "C-u")
    t.type(f"a中é{FAMILY}z")
    t.keys("Left", "BSpace", "Left", "Delete", "End")
    t.type("!")
    t.shown("> a中z!", "a grapheme is one character to the cursor keys")
    t.keys("C-w", "C-y", "C-y")
    t.shown("> a中z!a中z!", "a deleted word comes back")
    t.keys("C-c")
    t.shown("> a中z!a中z!\n>", "Ctrl-C drops the line")
    t.clear()
    t.type("x" * 120)
    t.keys("C-a")
    t.type("begin")
    t.shown("> begin" + "x" * 93 + "\n" + "x" * 27, "a line longer than the terminal is edited across rows")
    t.keys("C-e", "C-u")


def check_history(t):
    t.clear()
    t.enter("/system You are terse.")
    t.shown("system message: You are terse.", "/system sets the system message")
    t.enter("/set temperature 0")
    t.shown("temperature     0", "/set changes a setting")
    t.clear()
    t.type("draft")
    t.keys("Up", "Up")
    t.shown("> /system You are terse.", "Up shows the line before the last")
    t.keys("Down", "Down")
    t.shown("> draft", "Down leads back to what was typed")
    t.keys("C-u")
    t.enter('/system ""')
    t.shown("system message: none", "/system \"\" removes it")


def check_answers(t):
    t.clear()
    t.enter("What is the capital of France?")
    t.shown("Paris", "an answer")
    t.prompted("the prompt after an answer")
    t.enter("/regen")
    t.until(lambda screen: screen.count("Paris") == 2)
    check("/regen answers again", t.screen().count("Paris") == 2, t.screen())
    t.clear()
    t.enter("/stats")
    t.shown("tokens/s\ncontext:", "/stats tells of the last answer")
    t.clear()
    t.enter("Write a very long story about the sea.")
    t.until(lambda screen: screen.count("\n") > 2)
    t.keys("C-c")
    t.shown("(stopped)", "Ctrl-C stops an answer")
    t.prompted("the chat goes on after Ctrl-C")


def check_messages(t):
    t.clear()
    t.enter('"""Name the capital of')
    t.shown("...", "three quotes open a message of many lines")
    t.enter("Italy.")
    t.enter('"""')
    t.shown("Rome", "the message of many lines is answered")
    t.prompted("the prompt after it")
    t.clear()
    t.tmux("set-buffer", "first line\nsecond line")
    t.tmux("paste-buffer", "-p")
    t.shown("> first line\nsecond line", "a paste keeps its lines and sends nothing")
    t.keys("C-c")


def check_commands(t, folder):
    t.clear()
    t.enter("/help")
    t.shown("/regen                 answer the last question again", "/help lists the commands")
    t.clear()
    t.enter("/hepl")
    t.shown("/hepl: no such command; /help is near", "an unknown command is hinted at")
    t.prompted("and not sent to the model")
    t.type("/he")
    t.keys("Tab", "Enter")
    t.shown("> /help", "Tab completes a command")
    t.clear()
    t.enter("/think")
    t.shown("no reasoning mode", "/think says that there is none")
    t.enter("/set top-p 2")
    t.shown("error: --top-p: expected a number above 0 and up to 1, found 2", "/set refuses what is out of range")
    check_files(t, folder)


def check_files(t, folder):
    chat, other = folder / "chat.json", folder / "notes.txt"
    chat.unlink(missing_ok=True)
    other.write_text("mine")
    t.clear()
    for _ in range(2):  # the second time over the first one's file
        t.enter(f"/save {chat}")
        t.shown(f"the chat is in {chat}", "/save")
        t.clear()
    messages = json.loads(chat.read_text())["messages"] if chat.exists() else []
    check("the saved chat has its questions and answers", any("Rome" in m["content"] for m in messages), str(messages)[:300])
    t.enter(f"/save {other}")
    t.shown("is there already, and is no chat", "/save keeps other files")
    check("the other file is whole", other.read_text() == "mine")
    t.enter(f"/load {other}")
    t.shown("expected a JSON object with a list of messages", "/load refuses another file")
    t.clear()
    t.enter("/clear")
    t.enter("/regen")
    t.shown("there is no answer yet", "/clear forgets the chat")
    t.enter(f"/load {chat}")
    t.shown(f"the chat of {chat} goes on", "/load")
    t.clear()
    t.enter("/regen")
    t.shown("Rome", "a loaded chat goes on")
    t.prompted("the prompt after it")


def check_draws(t):
    """A seed's first answer is that of one question; each answer after it has random numbers of its own, until /clear."""
    words, question = ["--temperature=1", "--seed=5", "-n", "12"], "Name three animals."
    result = subprocess.run([t.program, *words, question], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    answer = "".join(result.stdout.split())

    def times():
        return "".join(t.screen().split()).count(answer)
    t.clear()
    t.keys("C-d")
    t.shown("$", "Ctrl-D leaves")
    t.enter(f"clear; {t.program} {' '.join(words)}")
    t.shown("/help lists the commands", "a chat with a seed")
    for command, before, after, name in (("/clear", 0, 1, "the seed's first answer is that of one question"),
                                         ("/clear", 1, 2, "/clear begins the seed's random numbers anew"),
                                         ("/regen", 2, 2, "/regen draws on")):
        t.enter(command)
        if command == "/clear":
            t.prompted(command)
            t.enter(question)
        t.prompted(name)
        check(name, len(answer) > 10 and times() == after, f"{before} to {after} times {answer}: {t.screen()}")


def check_saving(t, folder):
    """/save names its temporary as nobody does, and replaces a chat only when it is this one or was asked to."""
    mine, chat, other = folder / "saved.new", folder / "saved", folder / "other.json"
    for file in (chat, other):
        file.unlink(missing_ok=True)
    mine.write_text("mine")
    other.write_text('{"messages":[]}')
    before = sorted(os.listdir(folder))
    t.clear()
    t.enter(f"/save {chat}")
    t.shown(f"the chat is in {chat}", "/save beside a neighbour")
    check("the neighbour FILE.new is whole", mine.exists() and mine.read_text() == "mine")
    check("/save leaves no temporary", sorted(os.listdir(folder)) == sorted([*before, "saved"]), os.listdir(folder))
    t.clear()
    t.enter(f"/save {other}")
    t.shown("holds another chat", "/save keeps another chat")
    check("the other chat is whole", other.read_text() == '{"messages":[]}')
    t.clear()
    t.enter(f"/save! {other}")
    t.shown(f"the chat is in {other}", "/save! replaces another chat")
    check("/save! replaced it", len(other.read_text()) > 20)
    t.clear()
    t.enter("/save! /dev/zero")
    t.shown("is no chat", "/save! never reads a device to its end")


def check_interrupts(t):
    """Ctrl-C never ends the chat: it stops the answer, and then says how to leave."""
    t.clear()
    t.keys("C-c")
    t.shown("(Ctrl-D or /exit leaves)", "Ctrl-C on an empty line says how to leave")
    for _ in range(3):
        t.clear()
        t.enter("Write a very long story about the sea.")
        t.until(lambda screen: screen.count("\n") > 2)
        t.keys("C-c", "C-c", "C-c")
        t.prompted("the chat goes on after Ctrl-C three times")
    check("and no shell is below it", "$" not in t.screen().split("\n")[-1], t.screen())


def check_full_context(program):
    """A chat that outgrows its context says it before, hides the oldest turns, and goes on."""
    t = Terminal(program, "full")
    t.enter(f"clear; {program} --temperature=0 -c 200 -n 30 --system 'You are a helpful guide.'")
    t.prompted("the prompt of a small context")
    warned = dropped = False
    for town in ("Paris", "Rome", "Madrid", "Berlin", "Vienna", "Prague", "Oslo", "Athens"):
        t.clear()
        t.enter(f"Tell me something about {town}.")
        check(f"a small context: {town} is answered", t.until(lambda screen: screen.split("\n")[-1] == ">" and screen.count("\n") > 1),
              t.screen())
        screen = t.screen()
        check(f"a small context: no error at {town}", "error" not in screen, screen)
        warned = warned or ("nearly full" in screen and not dropped)
        dropped = dropped or "no longer sees the" in screen
        t.clear()
        t.enter("/stats")
        t.shown("context: ", "/stats")
        used, most = next(line for line in t.screen().split("\n") if line.startswith("context: ")).split()[1:4:2]
        check(f"/stats stays within the context: {used} of {most}", 0 < int(used) <= int(most) == 200)
    check("it is said before the context is full", warned)
    check("it is said when turns are dropped", dropped)
    t.clear()
    t.enter("word " * 300)
    t.shown("do not fit in the context of 200", "a question that alone is too long")
    t.prompted("the prompt after it")
    t.clear()
    t.enter("/stats")
    t.shown(" of 200 tokens", "/stats after it")
    t.enter("/drop")
    t.shown("the 1 oldest turn,", "/drop hides one turn")
    t.enter("/drop 99")
    t.shown("still sees 0", "/drop N hides all there are")
    t.clear()
    t.enter("/drop many")
    t.shown("expected how many turns", "/drop refuses what is no count")
    t.enter("/system")
    t.shown("system message: You are a helpful guide.", "the system message stays")
    t.clear()
    t.enter("What is 1 + 1?")
    check("the chat goes on with an answer", t.until(lambda screen: screen.split("\n")[-1] == ">" and screen.count("\n") > 1)
          and "error" not in t.screen(), t.screen())
    t.stop()


def check_end(t, before):
    t.clear()
    t.keys("C-d")
    t.shown("$", "Ctrl-D leaves")
    t.enter("echo status=$? $(stty -g)")
    t.shown(f"status=0 {before}", "the terminal has its modes back")
    t.enter(f"clear; {t.program} --temperature=0 & sleep 1; kill $!; wait $!; echo status=$? $(stty -g)")
    t.shown("status=1", "a signal ends the chat")
    t.shown(before, "and gives the modes back")


def capture(program):
    """The screen of a short chat."""
    t = Terminal(program, "capture")
    t.enter(f"clear; cd {program.parent}; clear; exec ./{program.name} --temperature=0")
    t.prompted("ready")
    for line in ("What is the capital of France?", "/hepl", "/stats"):
        t.enter(line)
        time.sleep(1)
        t.prompted(line)
    print(t.screen())
    t.stop()


def main():
    program = compile(smollm2_gguf(), out=WORK / "assistant")
    if not program:
        finish()
    t = Terminal(program)
    t.enter("clear; stty -g")
    t.until(lambda screen: ":" in screen)
    before = next((line for line in t.screen().split("\n") if ":" in line), "")
    t.enter(f"clear; {program} --temperature=0")
    t.shown("/help lists the commands", "the banner")
    t.prompted("the prompt")
    check_editing(t)
    check_history(t)
    check_answers(t)
    check_messages(t)
    check_commands(t, WORK)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        check_saving(t, pathlib.Path(folder))
    check_interrupts(t)
    check_draws(t)
    check_end(t, before)
    t.stop()
    check_full_context(program)
    if "--capture" in sys.argv:
        capture(program)
    finish()


if __name__ == "__main__":
    main()
