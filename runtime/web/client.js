// The one request that the page makes for an answer.

const NUMBERS = ["temperature", "top_p", "max_completion_tokens", "seed"];

function requestOf(messages, chat, settings) {
  const sent = messages.filter((each) => each.role === "user" || each.content).map(({ role, content }) => ({ role, content }));
  if (chat.system) sent.unshift({ role: "system", content: chat.system });
  const request = { model: "default", messages: sent, stream: true, stream_options: { include_usage: true } };
  for (const name of NUMBERS) if (settings[name]) request[name] = Number(settings[name]);
  if (settings.reasoning_effort) request.reasoning_effort = settings.reasoning_effort;
  return request;
}

/** What a server says went wrong. */
async function failureOf(answer) {
  try {
    return (await answer.json()).error.message;
  } catch {
    return `the server answers ${answer.status}`;
  }
}

/** The data of server-sent events; comments and other fields are passed over. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines)
      if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}

/**
 * Asks, and yields the answer's pieces: {content, reasoning, finish, usage}, each if there is one.
 * @throws Error that says in words what went wrong.
 */
export async function* ask(messages, chat, settings, signal) {
  const headers = { "Content-Type": "application/json" };
  if (settings.key) headers.Authorization = "Bearer " + settings.key;
  const body = JSON.stringify(requestOf(messages, chat, settings));
  let answer;
  try {
    answer = await fetch("/v1/chat/completions", { method: "POST", headers, body, signal });
  } catch (error) {
    throw signal.aborted ? error : new Error("The server does not answer. Is the program still running?");
  }
  if (!answer.ok) throw new Error(await failureOf(answer));
  let ended = false;
  for await (const data of eventsOf(answer.body)) {
    if (data === "[DONE]") return;
    const event = JSON.parse(data);
    if (event.error) throw new Error(event.error.message);
    const choice = event.choices?.[0];
    ended ||= !!choice?.finish_reason;
    yield {
      content: choice?.delta?.content,
      reasoning: choice?.delta?.reasoning ?? choice?.delta?.reasoning_content,
      finish: choice?.finish_reason,
      usage: event.usage,
    };
  }
  if (!ended) throw new Error("The answer broke off.");
}
