// OpenAI's client for JavaScript, unchanged.
//
//   node openai.mjs CHAIN RANDOM KEYED    addresses of three servers (test/e2e/clients.py): one whose words are known,
//                                         one of random weights, and the first again with the key "first-key"
import OpenAI from "openai";
import {zodResponseFormat, zodTextFormat} from "openai/helpers/zod";
import {z} from "zod";
import {check, finish, part, same} from "./checks.mjs";

const [chain, random, keyed] = process.argv.slice(2);
const client = new OpenAI({baseURL: `${chain}/v1`, apiKey: "none", maxRetries: 0});
const dice = new OpenAI({baseURL: `${random}/v1`, apiKey: "none", maxRetries: 0});
const hi = [{role: "user", content: "hi"}];
const ask = fields => client.chat.completions.create({model: "m", messages: hi, ...fields});
const tool = {type: "function", function: {name: "f", description: "d", parameters: {type: "object"}}};

async function failure(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return {};
}

async function collect(stream) {
  const all = [];
  for await (const each of stream)
    all.push(each);
  return all;
}

async function metric(name) {
  const text = await (await fetch(`${chain}/metrics`)).text();
  return Number(text.match(new RegExp(`^osscc_${name} (.*)$`, "m"))[1]);
}

await part("chat", async () => {
  const answer = await ask({});
  const [choice] = answer.choices;
  check("content", choice.message.content === "y", answer);
  check("role", choice.message.role === "assistant");
  check("thoughts", choice.message.reasoning_content === "cde" && choice.message.reasoning === "cde");
  check("reason", choice.finish_reason === "stop" && choice.index === 0);
  check("id", answer.id.startsWith("chatcmpl-"), answer.id);
  check("object", answer.object === "chat.completion" && Number.isInteger(answer.created));
  const {usage} = answer;
  check("usage", usage.completion_tokens === 5 && usage.total_tokens === usage.prompt_tokens + 5, usage);
  check("usage of thoughts", usage.completion_tokens_details.reasoning_tokens === 3, usage);
  const again = await ask({});
  check("cached tokens", again.usage.prompt_tokens_details.cached_tokens > 0, again.usage);
  const {response, request_id} = await ask({}).withResponse();
  check("headers", response.headers.get("content-type").startsWith("application/json"), String(request_id));
  check("raw response", (await ask({}).asResponse()).status === 200);
  const two = await ask({n: 2});
  check("n", same(two.choices.map(each => [each.index, each.message.content]), [[0, "y"], [1, "y"]]), two);
  check("a stop string", (await ask({stop: ["y"]})).choices[0].message.content === "");
  check("a limit", (await ask({max_completion_tokens: 2})).choices[0].finish_reason === "length");
  check("the old limit", (await ask({max_tokens: 1})).usage.completion_tokens === 1);
  const biased = await ask({logit_bias: {"5": 1}, presence_penalty: 0.1, frequency_penalty: 0.1, temperature: 0, top_p: 0.9, seed: 3, user: "u"});
  check("fields that draw", biased.choices[0].message.content === "y", biased);
  const logs = (await ask({logprobs: true, top_logprobs: 2})).choices[0].logprobs.content;
  check("logprobs", logs[0].token === "y" && logs[0].logprob <= 0 && logs[0].top_logprobs.length === 2, logs);
  check("bytes of a token", same(logs[0].bytes, [121]), logs);
});

await part("reasoning", async () => {
  for (const [effort, thoughts] of [["none", undefined], ["minimal", "cde"], ["low", "cde"], ["medium", "cde"], ["high", "cde"]]) {
    const {message} = (await ask({reasoning_effort: effort})).choices[0];
    check(`effort ${effort}`, (message.reasoning_content ?? undefined) === thoughts && message.content === "y", message);
  }
  const wrong = await failure(() => ask({reasoning_effort: "much"}));
  check("a wrong effort", wrong.status === 400 && wrong.param === "reasoning_effort", String(wrong));
});

await part("messages", async () => {
  const turns = {
    "system": [{role: "system", content: "s"}, ...hi],
    "developer": [{role: "developer", content: "s"}, ...hi],
    "parts": [{role: "user", content: [{type: "text", text: "h"}, {type: "text", text: "i"}]}],
    "history": [...hi, {role: "assistant", content: "y"}, ...hi],
    "thoughts in the history": [...hi, {role: "assistant", content: "y", reasoning_content: "c"}, ...hi],
    "calls in the history": [...hi, {role: "assistant", content: null, tool_calls: [{id: "c1", type: "function", function: {name: "f", arguments: "{}"}}]},
                             {role: "tool", tool_call_id: "c1", content: "3"}, ...hi],
    "a refusal in the history": [...hi, {role: "assistant", content: [{type: "refusal", refusal: "no"}]}, ...hi],
  };
  for (const [name, messages] of Object.entries(turns))
    check(name, (await ask({messages})).choices[0].message.content === "y");
});

await part("streams", async () => {
  const chunks = await collect(await ask({stream: true, stream_options: {include_usage: true}}));
  const deltas = chunks.flatMap(chunk => chunk.choices.map(choice => choice.delta));
  check("content in pieces", deltas.map(delta => delta.content ?? "").join("") === "y", chunks);
  check("thoughts in pieces", deltas.map(delta => delta.reasoning_content ?? "").join("") === "cde");
  check("the role comes first", deltas[0].role === "assistant", deltas[0]);
  check("one id", new Set(chunks.map(chunk => chunk.id)).size === 1);
  check("chunks by name", chunks.every(chunk => chunk.object === "chat.completion.chunk"));
  check("usage at the end", chunks.at(-1).usage.completion_tokens === 5 && chunks.at(-1).choices.length === 0, chunks.at(-1));
  check("the reason before it", chunks.at(-2).choices[0].finish_reason === "stop");
  const plain = await collect(await ask({stream: true}));
  check("no usage unasked", plain.every(chunk => !chunk.usage));
  const helper = client.chat.completions.stream({model: "m", messages: hi});
  let heard = "";
  helper.on("content", delta => { heard += delta; });
  check("the helper's content", await helper.finalContent() === "y" && heard === "y", heard);
  check("the helper's message", (await helper.finalMessage()).role === "assistant");
  const both = await collect(await ask({stream: true, n: 2}));
  check("n in a stream", same([...new Set(both.flatMap(chunk => chunk.choices.map(choice => choice.index)))].sort(), [0, 1]));
  const logged = await collect(await ask({stream: true, logprobs: true}));
  check("logprobs in a stream", logged.flatMap(chunk => chunk.choices).some(choice => choice.logprobs?.content?.[0]?.token === "y"));
});

await part("a stream that is left", async () => {
  const before = await metric("cancelled_total");
  const stream = await dice.chat.completions.create({model: "m", messages: hi, stream: true, temperature: 1, max_tokens: 400});
  for await (const _ of stream)
    break;
  check("its controller is aborted", stream.controller.signal.aborted);
  const abort = new AbortController();
  const pending = failure(() => dice.chat.completions.create({model: "m", messages: hi, max_tokens: 400, temperature: 1}, {signal: abort.signal}));
  setTimeout(() => abort.abort(), 5);
  const error = await pending;
  check("a request may be aborted", !error.name || error instanceof OpenAI.APIUserAbortError, String(error));
  check("the other server has lost nothing", await metric("cancelled_total") === before);
});

await part("tools", async () => {
  const call = (await ask({tools: [tool]})).choices[0];
  check("a call", call.message.tool_calls[0].function.name === "f" && call.message.tool_calls[0].type === "function", call);
  check("its arguments", same(JSON.parse(call.message.tool_calls[0].function.arguments), {a: [1.5]}));
  check("its reason", call.finish_reason === "tool_calls" && call.message.content === null);
  check("its id", call.message.tool_calls[0].id.startsWith("call_"));
  check("none", (await ask({tools: [tool], tool_choice: "none"})).choices[0].message.content === "y");
  for (const choice of ["auto", "required", {type: "function", function: {name: "f"}},
                        {type: "allowed_tools", allowed_tools: {mode: "required", tools: [{type: "function", function: {name: "f"}}]}}]) {
    const {message} = (await ask({tools: [tool], tool_choice: choice})).choices[0];
    check(`choice ${JSON.stringify(choice)}`, message.tool_calls?.[0]?.function.name === "f", message);
  }
  const one = (await ask({tools: [tool], parallel_tool_calls: false})).choices[0].message.tool_calls;
  check("one at a time", one.length === 1, one);
  const chunks = await collect(await ask({tools: [tool], stream: true}));
  const parts = chunks.flatMap(chunk => chunk.choices.flatMap(choice => choice.delta.tool_calls ?? []));
  check("a call in pieces", parts[0].function.name === "f" && parts[0].index === 0
        && parts.map(piece => piece.function.arguments ?? "").join("") === '{"a": [1.50]}', parts);
  check("its reason in a stream", chunks.some(chunk => chunk.choices[0]?.finish_reason === "tool_calls"));
  let given;
  const runner = client.chat.completions.runTools({model: "m", messages: hi, tool_choice: {type: "function", function: {name: "f"}},
    tools: [{type: "function", function: {name: "f", parse: JSON.parse, parameters: {type: "object"}, function: value => { given = value; return "3"; }}}]});
  await runner.done();
  check("runTools calls the function", same(given, {a: [1.5]}), given);
  for (const [fields, param] of [[{tools: [{type: "web_search"}]}, "tools[0].type"], [{tools: [tool, tool]}, "tools[1].function.name"],
                                 [{tools: [tool], tool_choice: {type: "function", function: {name: "g"}}}, "tool_choice"],
                                 [{functions: []}, "functions"]]) {
    const error = await failure(() => ask(fields));
    check(`refused: ${param}`, error instanceof OpenAI.BadRequestError && error.param === param, String(error));
  }
});

await part("strict tools", async () => {
  const weather = {type: "function", function: {name: "weather", strict: true, parameters: {type: "object", additionalProperties: false,
    properties: {city: {enum: ["Rome", "Oslo"]}, days: {type: "integer", minimum: 1, maximum: 9}}, required: ["city", "days"]}}};
  for (let seed = 0; seed < 3; ++seed) {
    const {message} = (await dice.chat.completions.create({model: "m", messages: hi, tools: [weather], tool_choice: "required",
      parallel_tool_calls: false, temperature: 1, seed})).choices[0];
    const value = message.tool_calls ? JSON.parse(message.tool_calls[0].function.arguments) : null;
    check(`arguments hold, seed ${seed}`, !value || (["Rome", "Oslo"].includes(value.city) && value.days >= 1 && value.days <= 9), message);
  }
});

await part("forms", async () => {
  const shape = z.object({kind: z.enum(["cat", "dog"]), age: z.number().int().min(0).max(120)});
  const parsed = await dice.chat.completions.parse({model: "m", messages: hi, temperature: 1, response_format: zodResponseFormat(shape, "pet")});
  const {message, finish_reason} = parsed.choices[0];
  check("zod's schema holds", finish_reason === "length" || shape.safeParse(message.parsed).success, message);
  const object = await dice.chat.completions.create({model: "m", messages: hi, temperature: 1, max_tokens: 200, response_format: {type: "json_object"}});
  check("json_object begins an object", object.choices[0].message.content.trimStart().startsWith("{"), object);
  check("text is text", (await ask({response_format: {type: "text"}})).choices[0].message.content === "y");
  const error = await failure(() => ask({response_format: {type: "json_schema", json_schema: {name: "x", schema: {frob: 1}}}}));
  check("a schema that is refused", error.status === 400 && error.code === "invalid_json_schema" && error.message.includes("#/frob"), String(error));
  const answer = await dice.responses.parse({model: "m", input: "hi", temperature: 1, text: {format: zodTextFormat(shape, "pet")}});
  check("and of responses", answer.status === "incomplete" || shape.safeParse(answer.output_parsed).success, answer);
});

await part("errors", async () => {
  const wrong = {temperature: -1, top_p: 2, n: 0, max_tokens: 0, stop: [5], seed: "a", logit_bias: {x: 1}, presence_penalty: 3,
                 frequency_penalty: -3, logprobs: 3, messages: [], stream_options: 1, top_logprobs: 21};
  for (const [field, value] of Object.entries(wrong)) {
    const error = await failure(() => ask({[field]: value}));
    check(`400 names ${field}`, error instanceof OpenAI.BadRequestError && error.param.startsWith(field) && error.type === "invalid_request_error",
          `${error} ${error.param}`);
  }
  const long = await failure(() => ask({messages: [{role: "user", content: "x".repeat(5000)}]}));
  check("too long a prompt", long.code === "context_length_exceeded" && /\d+ tokens .* \d+/.test(long.message), String(long));
  const lost = await failure(() => client.models.retrieve("other"));
  check("404", lost instanceof OpenAI.NotFoundError, String(lost));
  const path = await failure(() => client.post("/nowhere", {body: {}}));
  check("an unknown path", path.status === 404, String(path));
  const embedding = await failure(() => client.embeddings.create({model: "m", input: "x"}));
  check("what is not served", embedding.status === 404, String(embedding));
  const refused = await failure(() => new OpenAI({baseURL: "http://127.0.0.1:1/v1", apiKey: "x", maxRetries: 0}).models.list());
  check("no server", refused instanceof OpenAI.APIConnectionError, String(refused));
  for (const [key, status] of [["first-key", 200], ["wrong", 401]]) {
    const other = new OpenAI({baseURL: `${keyed}/v1`, apiKey: key, maxRetries: 0});
    const error = await failure(() => other.models.list());
    check(`the key '${key}'`, (error.status ?? 200) === status && (status === 200 || error instanceof OpenAI.AuthenticationError), String(error));
  }
});

await part("models and completions", async () => {
  const models = await collect(client.models.list());
  check("a model is listed", models.length === 1 && models[0].object === "model", models);
  check("and found", (await client.models.retrieve(models[0].id)).id === models[0].id);
  const complete = fields => client.completions.create({model: "m", prompt: "a", max_tokens: 2, temperature: 0, ...fields});
  const plain = await complete({});
  check("a completion", plain.object === "text_completion" && plain.usage.completion_tokens <= 2, plain);
  check("an echo", (await complete({echo: true})).choices[0].text.startsWith("a"));
  check("two prompts", (await complete({prompt: ["a", "b"]})).choices.length === 2);
  check("ids as a prompt", (await complete({prompt: [5, 6]})).usage.prompt_tokens === 2);
  const logs = (await complete({logprobs: 2})).choices[0].logprobs;
  check("its logprobs", logs.tokens.length === logs.token_logprobs.length && Object.keys(logs.top_logprobs[0]).length >= 1, logs);
  const chunks = await collect(await complete({stream: true}));
  check("in pieces", chunks.map(chunk => chunk.choices[0]?.text ?? "").join("") === plain.choices[0].text, chunks);
  const error = await failure(() => complete({best_of: 0, max_tokens: -1}));
  check("an error", error.status === 400, String(error));
});

await part("responses", async () => {
  const answer = await client.responses.create({model: "m", input: "hi"});
  check("its text", answer.output_text === "y" && answer.status === "completed", answer);
  check("its items", same(answer.output.map(item => item.type), ["reasoning", "message"]), answer.output);
  check("its usage", answer.usage.output_tokens === 5 && answer.usage.output_tokens_details.reasoning_tokens === 3, answer.usage);
  check("no thoughts", same((await client.responses.create({model: "m", input: "hi", reasoning: {effort: "none"}})).output.map(item => item.type), ["message"]));
  check("instructions", (await client.responses.create({model: "m", input: hi, instructions: "s"})).output_text === "y");
  const events = (await collect(await client.responses.create({model: "m", input: "hi", stream: true}))).map(event => event.type);
  check("events in order", events[0] === "response.created" && events.at(-1) === "response.completed", events);
  for (const type of ["response.in_progress", "response.output_item.added", "response.output_text.delta", "response.output_text.done", "response.output_item.done"])
    check(`an event ${type}`, events.includes(type), events);
  const stream = client.responses.stream({model: "m", input: "hi"});
  check("the helper's response", (await stream.finalResponse()).output_text === "y");
  const flat = {type: "function", name: "f", parameters: {type: "object"}, strict: false};
  const call = (await client.responses.create({model: "m", input: "hi", tools: [flat], tool_choice: "required"})).output.find(item => item.type === "function_call");
  check("a call", call.name === "f" && call.arguments === '{"a": [1.50]}', call);
  const turn = [{role: "user", content: "hi"}, call, {type: "function_call_output", call_id: call.call_id, output: "3"}, {role: "user", content: "hi"}];
  check("its output as input", (await client.responses.create({model: "m", input: turn})).output_text === "y");
  const cut = await client.responses.create({model: "m", input: "hi", max_output_tokens: 2});
  check("an answer that is cut", cut.status === "incomplete" && cut.incomplete_details.reason === "max_output_tokens", cut);
  const error = await failure(() => client.responses.create({model: "m", input: "x", previous_response_id: "y"}));
  check("nothing is stored", error.param === "previous_response_id", String(error));
});

finish();
