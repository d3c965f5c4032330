// The Vercel AI SDK, unchanged.
//
//   node ai-sdk.mjs CHAIN RANDOM    as openai.mjs
import {createOpenAI} from "@ai-sdk/openai";
import {generateText, jsonSchema, Output, stepCountIs, streamText, tool} from "ai";
import {z} from "zod";
import {check, finish, part, same} from "./checks.mjs";

const [chain, random] = process.argv.slice(2);
const provider = createOpenAI({baseURL: `${chain}/v1`, apiKey: "none"});
const dice = createOpenAI({baseURL: `${random}/v1`, apiKey: "none"});

for (const [name, model] of [["chat", provider.chat("m")], ["responses", provider.responses("m")]]) {
  await part(name, async () => {
    const answer = await generateText({model, prompt: "hi", maxRetries: 0});
    check(`${name}: text`, answer.text === "y", answer);
    check(`${name}: reason`, answer.finishReason === "stop", answer.finishReason);
    check(`${name}: usage`, answer.usage.outputTokens === 5, answer.usage);
    const stream = streamText({model, prompt: "hi", maxRetries: 0});
    let heard = "";
    for await (const text of stream.textStream)
      heard += text;
    check(`${name}: in pieces`, heard === "y" && await stream.finishReason === "stop", heard);
    let given;
    const f = tool({inputSchema: jsonSchema({type: "object"}), execute: value => { given = value; return 3; }});
    const called = await generateText({model, prompt: "hi", tools: {f}, toolChoice: "required", maxRetries: 0, stopWhen: stepCountIs(1)});
    check(`${name}: a tool is called`, same(given, {a: [1.5]}) && called.toolCalls[0].toolName === "f", {given, calls: called.toolCalls});
    const turns = [{role: "system", content: "s"}, {role: "user", content: [{type: "text", text: "hi"}]}];
    check(`${name}: messages`, (await generateText({model, messages: turns, maxRetries: 0})).text === "y");
  });
}

await part("objects", async () => {
  const schema = z.object({kind: z.enum(["cat", "dog"]), old: z.boolean()});
  const answer = await generateText({model: dice.chat("m"), prompt: "hi", temperature: 1, maxRetries: 0, output: Output.object({schema})});
  check("an object of a schema", schema.safeParse(answer.output).success, answer.text);
});

await part("errors", async () => {
  try {
    await generateText({model: provider.chat("m"), prompt: "x".repeat(5000), maxRetries: 0});
    check("an error", false, "none");
  } catch (error) {
    check("an error", error.statusCode === 400 && error.message.includes("context"), String(error));
  }
});

finish();
