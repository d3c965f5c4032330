// The page of an assistant: what is shown, and what the person does. Answers come from
// /v1/chat/completions by server-sent events; chats are kept by store.js in this browser alone.
import { ask } from "/client.js";
import { blocksOf, renderBlock } from "/markdown.js";
import * as store from "/store.js";

const $ = (id) => document.getElementById(id);
const make = (name, className = "", ...children) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
};
const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "/icons.svg#" + name);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
};
const button = (name, label, act) => {
  const element = make("button", "", icon(name));
  element.type = "button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
};
const tell = (text) => ($("told").textContent = text);

let chat = store.newest() ?? store.create();
let running = null; // of the answer that is coming: {chat, stop}

// Markdown, block by block: what has not changed since the last piece stays in the page.

function showMarkdown(element, text) {
  const blocks = blocksOf(text);
  const shown = element.shown ?? [];
  let same = 0;
  while (same < blocks.length && shown[same] === blocks[same]) ++same;
  while (element.children.length > same) element.lastChild.remove();
  for (const block of blocks.slice(same)) element.append(make("div", "", renderBlock(block)));
  element.shown = blocks;
}

// Turns.

function toolsOf(index) {
  const message = chat.messages[index];
  const tools = make("div", "tools");
  const copy = button("copy", "Copy", () => copyText(message.content, copy));
  tools.append(copy);
  if (message.role === "user") tools.append(button("edit", "Edit and ask again", () => edit(index)));
  else tools.append(button("again", "Answer once more", () => answerAgain(index)));
  if (message.stats) tools.append(make("span", "stats", message.stats));
  return tools;
}

function turnOf(index) {
  const message = chat.messages[index];
  const turn = make("article", "turn " + message.role);
  turn.setAttribute("aria-label", message.role === "user" ? "You" : "Answer");
  if (message.role === "user") {
    turn.append(make("div", "text", message.content), toolsOf(index));
    return turn;
  }
  const parts = { turn, md: make("div", "md"), tools: null, thought: null };
  turn.parts = parts;
  turn.append(parts.md);
  showAnswer(turn, message, index);
  return turn;
}

function showThought(turn, message) {
  const parts = turn.parts;
  if (!message.reasoning) return;
  if (!parts.thought) {
    parts.label = make("span");
    parts.inside = make("div", "inside md");
    parts.thought = make("details", "thought", make("summary", "", icon("thought"), parts.label), parts.inside);
    turn.prepend(parts.thought);
  }
  const seconds = message.thoughtSeconds;
  parts.label.textContent = seconds === undefined ? "Thinking…" : `Thought for ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  showMarkdown(parts.inside, message.reasoning);
}

function showAnswer(turn, message, index) {
  const parts = turn.parts;
  const comes = running?.message === message;
  showThought(turn, message);
  showMarkdown(parts.md, message.content);
  parts.md.classList.toggle("waits", comes && !message.content);
  turn.setAttribute("aria-busy", comes);
  if (message.failure && !parts.failure) {
    parts.failure = make("div", "failure", message.failure);
    turn.append(parts.failure);
  }
  if (!comes && !parts.tools) turn.append((parts.tools = toolsOf(index)));
}

function showChat() {
  $("messages").replaceChildren(...chat.messages.map((_, index) => turnOf(index)));
  $("welcome").hidden = chat.messages.length > 0;
  showList();
  showRunning();
}

function showList() {
  const items = store.all().filter((each) => each.messages.length).map((each) => {
    const open = make("button", "open", each.title || "New chat");
    open.addEventListener("click", () => openChat(each.id));
    const bin = button("bin", `Delete the chat ${each.title}`, () => deleteChat(each.id));
    bin.className = "bin";
    const item = make("li", each.id === chat.id ? "now" : "", open, bin);
    if (each.id === chat.id) open.setAttribute("aria-current", "true");
    return item;
  });
  $("chats").replaceChildren(...items);
}

function showRunning() {
  $("send").hidden = !!running;
  $("stop").hidden = !running;
  $("send").disabled = !$("question").value.trim();
}

// The end of the chat stays in sight unless the person has gone elsewhere.

const scroll = $("scroll");
const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
let follows = true;
const toEnd = () => (scroll.scrollTop = scroll.scrollHeight);
scroll.addEventListener("scroll", () => {
  follows = atEnd();
  $("down").hidden = follows;
});
$("down").addEventListener("click", () => {
  follows = true;
  toEnd();
});

// Asking and answering.

function send() {
  const text = $("question").value.trim();
  if (!text || running) return;
  $("question").value = "";
  grow();
  chat.messages.push({ role: "user", content: text });
  if (!chat.title) chat.title = text.replace(/\s+/g, " ").slice(0, 60);
  answer();
}

function answerAgain(index) {
  if (running) return;
  chat.messages.length = index;
  answer();
}

function edit(index) {
  if (running) return;
  const turn = $("messages").children[index];
  const field = make("textarea");
  field.value = chat.messages[index].content;
  field.rows = Math.min(12, field.value.split("\n").length + 1);
  field.setAttribute("aria-label", "Edit your question");
  const done = () => {
    const text = field.value.trim();
    if (!text) return;
    chat.messages.length = index;
    chat.messages.push({ role: "user", content: text });
    answer();
  };
  const cancel = make("button", "", "Cancel"), ok = make("button", "main", "Ask");
  cancel.type = ok.type = "button";
  cancel.addEventListener("click", showChat);
  ok.addEventListener("click", done);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      done();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      showChat();
    }
  });
  turn.replaceChildren(make("div", "edit", field, make("div", "buttons", cancel, ok)));
  field.focus();
}

function statsOf(message, usage, seconds) {
  const tokens = usage?.completion_tokens;
  const rate = tokens && seconds > 0 ? `, ${(tokens / seconds).toFixed(1)} a second` : "";
  const how = message.finish === "length" ? "cut at its longest · " : message.finish === "stopped" ? "stopped · " : "";
  return how + (tokens ? `${tokens} tokens${rate}` : "");
}

/** Answers the chat's last question. Pieces are shown once a frame, however fast they come. */
async function answer() {
  const message = { role: "assistant", content: "", reasoning: "" };
  const stop = new AbortController();
  const own = chat;
  const question = own.messages.slice();
  own.messages.push(message);
  running = { message, stop };
  follows = true;
  showChat();
  toEnd();
  const turn = $("messages").lastChild;
  const began = performance.now();
  let first = 0, drawn = false, usage = null;
  const draw = () => {
    drawn = false;
    if (chat === own) showAnswer(turn, message, own.messages.length - 1);
    if (chat === own && follows) toEnd();
  };
  const change = () => {
    first ||= performance.now();
    if (!drawn) requestAnimationFrame(draw);
    drawn = true;
  };
  const endThought = () => {
    if (message.reasoning) message.thoughtSeconds ??= (performance.now() - first) / 1000;
  };
  try {
    for await (const piece of ask(question, own, store.settings(), stop.signal)) {
      if (piece.content) endThought();
      message.reasoning += piece.reasoning ?? "";
      message.content += piece.content ?? "";
      message.finish = piece.finish ?? message.finish;
      usage = piece.usage ?? usage;
      change();
    }
  } catch (error) {
    if (stop.signal.aborted) message.finish = "stopped";
    else message.failure = error.message;
  }
  endThought();
  message.stats = statsOf(message, usage, (performance.now() - (first || began)) / 1000);
  running = null;
  store.save(own);
  if (chat === own) {
    showAnswer(turn, message, own.messages.length - 1);
    if (follows) toEnd();
  }
  showList();
  showRunning();
  tell(message.failure ? "The answer failed: " + message.failure : message.finish === "stopped" ? "Stopped." : "The answer is complete.");
}

// Chats.

function openChat(id) {
  running?.stop.abort();
  chat = store.find(id) ?? store.create();
  follows = true;
  showChat();
  toEnd();
  closeSide();
  $("question").focus();
}

function newChat() {
  running?.stop.abort();
  chat = store.create(chat);
  showChat();
  closeSide();
  $("question").focus();
}

function deleteChat(id) {
  if (chat.id === id) running?.stop.abort();
  store.remove(id);
  if (chat.id === id) chat = store.newest() ?? store.create();
  showChat();
  tell("The chat is deleted.");
}

const openSide = () => {
  $("side").classList.add("shown");
  $("shade").hidden = false;
  $("menu").setAttribute("aria-expanded", "true");
  $("new").focus();
};
const closeSide = () => {
  $("side").classList.remove("shown");
  $("shade").hidden = true;
  $("menu").setAttribute("aria-expanded", "false");
};

// The rest of the page.

async function copyText(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    tell("Copied.");
  } catch {
    tell("The browser does not let this page copy.");
    return;
  }
  if (!element.querySelector("svg")) {
    element.textContent = "Copied";
    setTimeout(() => (element.textContent = "Copy"), 1400);
  } else {
    element.replaceChildren(icon("done"));
    setTimeout(() => element.replaceChildren(icon("copy")), 1400);
  }
}

function grow() {
  const field = $("question");
  field.style.height = "auto";
  field.style.height = field.scrollHeight + "px";
  showRunning();
}

const isDark = () => document.documentElement.dataset.theme === "dark";
function showTheme() {
  const chosen = store.settings().theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = chosen;
  $("theme").replaceChildren(icon(isDark() ? "sun" : "moon"));
}

const FIELDS = ["reasoning_effort", "temperature", "top_p", "max_completion_tokens", "seed", "key"];
function openSettings() {
  for (const name of FIELDS) $(name).value = store.settings()[name] ?? "";
  $("system").value = chat.system ?? "";
  $("dialog").showModal();
}
function closeSettings() {
  const settings = store.settings();
  for (const name of FIELDS) settings[name] = $(name).value.trim();
  store.saveSettings(settings);
  chat.system = $("system").value.trim();
  store.save(chat);
}

async function showModel() {
  try {
    const key = store.settings().key;
    const answer = await fetch("/v1/models", { headers: key ? { Authorization: "Bearer " + key } : {} });
    const name = (await answer.json()).data[0].id;
    $("model").textContent = document.title = name;
  } catch {
    $("model").textContent = "the server does not answer";
  }
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
$("question").addEventListener("input", grow);
$("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
$("stop").addEventListener("click", () => running?.stop.abort());
$("new").addEventListener("click", newChat);
$("menu").addEventListener("click", openSide);
$("shade").addEventListener("click", closeSide);
$("settings").addEventListener("click", openSettings);
$("dialog").addEventListener("close", closeSettings);
$("erase").addEventListener("click", () => {
  if (!confirm("Delete all chats of this browser?")) return;
  store.removeAll();
  chat = store.create();
  showChat();
});
$("theme").addEventListener("click", () => {
  store.saveSettings({ ...store.settings(), theme: isDark() ? "light" : "dark" });
  showTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
document.addEventListener("click", (event) => {
  const copy = event.target.closest?.(".code .copy");
  if (copy) copyText(copy.closest(".code").querySelector("code").textContent, copy);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("dialog").open) {
    if (running) running.stop.abort();
    closeSide();
  } else if (event.altKey && event.code === "KeyN") {
    event.preventDefault();
    newChat();
  } else if (event.key === "/" && !/^(TEXTAREA|INPUT|SELECT)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    $("question").focus();
  }
});

showTheme();
showChat();
toEnd();
showModel();
