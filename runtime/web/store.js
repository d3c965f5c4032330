// Chats and settings, in this browser's localStorage. Where that is full, the oldest chats go.

const CHATS = "chats", SETTINGS = "settings";

const read = (name, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

let chats = read(CHATS, []).filter((chat) => chat && typeof chat.id === "string" && Array.isArray(chat.messages));

function write() {
  for (let kept = chats; ; kept = kept.slice(0, -1)) {
    try {
      localStorage.setItem(CHATS, JSON.stringify(kept));
      return;
    } catch {
      if (!kept.length) return; // nothing can be kept here
    }
  }
}

export const all = () => chats;
export const newest = () => chats[0];
export const find = (id) => chats.find((chat) => chat.id === id);

/** A chat without a message; it is kept from its first one on. A system prompt goes over from `before`. */
export function create(before = null) {
  const id = Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
  return { id, title: "", system: before?.system ?? "", messages: [] };
}

/** Keeps a chat, as the newest. */
export function save(chat) {
  if (!chat.messages.length) return;
  chats = [chat, ...chats.filter((each) => each.id !== chat.id)];
  write();
}

export function remove(id) {
  chats = chats.filter((chat) => chat.id !== id);
  write();
}

export function removeAll() {
  chats = [];
  write();
}

export const settings = () => read(SETTINGS, {});
export const saveSettings = (values) => localStorage.setItem(SETTINGS, JSON.stringify(values));
