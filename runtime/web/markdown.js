// Markdown to elements of the page. What a model writes never becomes markup: all of it goes into
// text nodes, links lead to http, https and mailto only, and pictures are shown as links, so that
// the page asks nobody for anything. Each function takes time linear in its text.

const make = (name, className, ...children) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
};

const FENCE = /^( {0,3})(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?:[ \t]+(.*)|)$/;
const ROW = /^ {0,3}\|?(.*)\|(.*)$/;
const DIVIDER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const DEEPEST = 12;

/** The texts of the blocks: all that is between blank lines outside of fences. A list's blank lines are its own. */
export function blocksOf(text) {
  const blocks = [];
  let lines = [], fence = "", inList = false;
  const close = () => {
    while (lines.length && !lines.at(-1).trim()) lines.pop();
    if (lines.length) blocks.push(lines.join("\n"));
    lines = [];
    inList = false;
  };
  for (const line of text.split("\n")) {
    const match = FENCE.exec(line.trimEnd());
    if (fence) {
      lines.push(line);
      if (match && match[2].startsWith(fence) && !match[3]) {
        fence = "";
        if (!inList) close();
      }
    } else if (!line.trim()) {
      if (inList) lines.push("");
      else close();
    } else {
      const goesOn = /^\s/.test(line) || ITEM.test(line);
      if (inList && lines.at(-1) === "" && !goesOn) close();
      if (match) {
        if (!inList || !/^\s/.test(line)) close();
        fence = match[2];
      } else if (!lines.length && ITEM.test(line) && !RULE.test(line)) {
        inList = true;
      }
      lines.push(line);
    }
  }
  close();
  return blocks;
}

/** One block as elements. */
export function renderBlock(text) {
  const out = document.createDocumentFragment();
  renderLines(text.split("\n"), out, 0);
  return out;
}

function renderLines(lines, out, depth) {
  let paragraph = [];
  const close = () => {
    if (paragraph.length) out.append(make("p", "", renderInline(paragraph.join("\n"))));
    paragraph = [];
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i];
    const taken = line.trim() && depth < DEEPEST ? renderOther(lines, i, out, depth, close, paragraph.length > 0) : 0;
    if (taken) {
      i += taken;
      continue;
    }
    if (line.trim()) paragraph.push(line.trimStart());
    else close();
    ++i;
  }
  close();
}

/** Whatever is no paragraph; returns how many lines it has, or 0. */
function renderOther(lines, at, out, depth, close, inParagraph) {
  const line = lines[at];
  const fence = FENCE.exec(line.trimEnd());
  if (fence) {
    close();
    return renderFence(lines, at, fence, out);
  }
  const heading = HEADING.exec(line);
  if (heading) {
    close();
    out.append(make("h" + Math.min(heading[1].length, 4), "", renderInline(heading[2])));
    return 1;
  }
  if (RULE.test(line)) {
    close();
    out.append(make("hr"));
    return 1;
  }
  if (QUOTE.test(line)) {
    close();
    return renderQuote(lines, at, out, depth);
  }
  const item = ITEM.exec(line);
  if (item && (!inParagraph || item[3]) && item[1].length < 40) {
    close();
    return renderList(lines, at, out, depth);
  }
  if (!inParagraph && ROW.test(line) && at + 1 < lines.length && DIVIDER.test(lines[at + 1])) {
    close();
    return renderTable(lines, at, out);
  }
  return 0;
}

function renderFence(lines, at, [, indent, mark, language], out) {
  let end = at + 1;
  const isEnd = (line) => {
    const match = FENCE.exec(line.trimEnd());
    return match && match[2].startsWith(mark) && !match[3];
  };
  while (end < lines.length && !isEnd(lines[end])) ++end;
  const code = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
  out.append(codeBlock(code.join("\n"), language));
  return end + 1 - at;
}

function codeBlock(text, language) {
  const button = make("button", "copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", "Copy the code");
  const pre = make("pre", "", make("code", "", text));
  pre.tabIndex = 0;
  return make("div", "code", make("div", "bar", make("span", "", language || "text"), button), pre);
}

function renderQuote(lines, at, out, depth) {
  const inside = [];
  let end = at;
  for (; end < lines.length && lines[end].trim(); ++end) {
    const match = QUOTE.exec(lines[end]);
    inside.push(match ? match[1] : lines[end]);
  }
  const quote = make("blockquote");
  renderLines(inside, quote, depth + 1);
  out.append(quote);
  return end - at;
}

const indentOf = (line) => line.length - line.trimStart().length;

function renderList(lines, at, out, depth) {
  const first = ITEM.exec(lines[at]);
  const indent = first[1].length, isOrdered = /\d/.test(first[2]);
  const list = make(isOrdered ? "ol" : "ul");
  if (isOrdered && parseInt(first[2]) !== 1) list.start = parseInt(first[2]);
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (!item || item[1].length > indent + 1 || item[1].length < indent || /\d/.test(item[2]) !== isOrdered) break;
    const inside = [item[3] ?? ""];
    for (++end; end < lines.length; ++end) {
      const line = lines[end], next = ITEM.exec(line);
      if (line.trim() && indentOf(line) <= indent && (next || !inside.at(-1).trim())) break;
      if (next && next[1].length <= indent + 1) break;
      inside.push(line.slice(Math.min(indentOf(line), indent + item[2].length + 1)));
    }
    list.append(renderItem(inside, depth));
  }
  out.append(list);
  return Math.max(end - at, 1);
}

function renderItem(inside, depth) {
  const element = make("li");
  const task = /^\[([ xX])\][ \t]+/.exec(inside[0]);
  if (task) {
    inside[0] = inside[0].slice(task[0].length);
    const box = make("input");
    box.type = "checkbox";
    box.disabled = true;
    box.checked = task[1] !== " ";
    element.className = "task";
    element.append(box, " ");
  }
  const isTight = !inside.some((line, i) => !line.trim() && i < inside.length - 1);
  const body = document.createDocumentFragment();
  renderLines(inside, body, depth + 1);
  if (isTight && body.firstChild?.nodeName === "P") body.firstChild.replaceWith(...body.firstChild.childNodes);
  element.append(body);
  return element;
}

const cellsOf = (line) =>
  line.trim().replace(/^\|/, "").replace(/\|$/, "").split("|").map((cell) => cell.trim());

function renderTable(lines, at, out) {
  const sides = cellsOf(lines[at + 1]).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : ""));
  const row = (line, name) => {
    const cells = cellsOf(line).slice(0, sides.length);
    return make("tr", "", ...cells.map((cell, i) => {
      const element = make(name, "", renderInline(cell));
      if (sides[i]) element.style.textAlign = sides[i];
      return element;
    }));
  };
  const body = make("tbody");
  let end = at + 2;
  for (; end < lines.length && lines[end].trim() && lines[end].includes("|"); ++end) body.append(row(lines[end], "td"));
  out.append(make("div", "table", make("table", "", make("thead", "", row(lines[at], "th")), body)));
  return end - at;
}

const LINK = /(!?)\[([^\]\n]{0,500})\]\(<?([^\s<>()]{1,2000}(?:\([^\s()]{0,200}\))?[^\s<>()]{0,2000})>?(?:\s+"[^"\n]{0,200}")?\)/y;
const ADDRESS = /https?:\/\/[^\s<>"'`]{1,2000}/y;
/** What a sticky expression finds at a place. */
const matchAt = (expression, text, at) => {
  expression.lastIndex = at;
  return expression.exec(text);
};
const MARKS = [["**", "strong"], ["__", "strong"], ["~~", "s"], ["*", "em"], ["_", "em"]];
const isWord = (c) => c !== undefined && /[\p{L}\p{N}_]/u.test(c);

function safeLink(address, ...inside) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return null;
  const link = make("a", "", ...inside);
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  return link;
}

/** Where each mark of emphasis stands that may end one, found once. */
function endsOf(text) {
  const ends = new Map(MARKS.map(([mark]) => [mark, []]));
  for (let i = 1; i < text.length; ++i)
    for (const [mark] of MARKS)
      if (text.startsWith(mark, i) && !/\s/.test(text[i - 1]) && !(mark[0] === "_" && isWord(text[i + mark.length])))
        ends.get(mark).push(i);
  return ends;
}

/** A line's text as nodes. */
export function renderInline(text, depth = 0) {
  const out = document.createDocumentFragment();
  const ends = depth < DEEPEST ? endsOf(text) : new Map();
  let plain = "";
  const flush = () => {
    if (plain) out.append(plain);
    plain = "";
  };
  const put = (node, length) => {
    flush();
    out.append(node);
    return length;
  };
  for (let i = 0; i < text.length; ) {
    const taken = inlineAt(text, i, ends, put, depth);
    if (taken) {
      i += taken;
    } else {
      const escaped = text[i] === "\\" && /[\\`*_{}[\]()#+\-.!~|>]/.test(text[i + 1] ?? "");
      plain += text[i + (escaped ? 1 : 0)];
      i += escaped ? 2 : 1;
    }
  }
  flush();
  return out;
}

/** What stands at a place, if it is not plain text; returns its length. */
function inlineAt(text, i, ends, put, depth) {
  const c = text[i];
  if (c === "`") {
    const mark = /^`+/.exec(text.slice(i, i + 40))[0];
    const end = text.indexOf(mark, i + mark.length);
    if (end < 0) return 0;
    const inside = text.slice(i + mark.length, end);
    return put(make("code", "", /^ .* $/.test(inside) ? inside.slice(1, -1) : inside), end + mark.length - i);
  }
  if (c === "[" || (c === "!" && text[i + 1] === "[")) {
    const match = matchAt(LINK, text, i);
    const link = match && safeLink(match[3], depth < DEEPEST ? renderInline(match[2] || match[3], depth + 1) : match[2]);
    return link ? put(link, match[0].length) : 0;
  }
  if (c === "h" && !isWord(text[i - 1])) {
    const match = matchAt(ADDRESS, text, i);
    const address = match?.[0].replace(/[.,;:!?)\]]+$/, "");
    const link = address && safeLink(address, address);
    return link ? put(link, address.length) : 0;
  }
  if (c === "\n" || (c === "<" && /^<br ?\/?>/i.test(text.slice(i, i + 6))))
    return put(make("br"), c === "\n" ? 1 : text.indexOf(">", i) + 1 - i);
  if (c !== "*" && c !== "_" && c !== "~") return 0;
  return emphasisAt(text, i, ends, put, depth);
}

function emphasisAt(text, i, ends, put, depth) {
  for (const [mark, name] of MARKS) {
    const begins = text.startsWith(mark, i) && text[i + mark.length]?.trim();
    if (!begins || (mark[0] === "_" && isWord(text[i - 1]))) continue;
    const list = ends.get(mark) ?? [];
    while (list.length && list[0] <= i + mark.length) list.shift();
    const end = list.find((at) => mark.length > 1 || text[at + 1] !== mark);
    if (end === undefined) continue;
    return put(make(name, "", renderInline(text.slice(i + mark.length, end), depth + 1)), end + mark.length - i);
  }
  return 0;
}
