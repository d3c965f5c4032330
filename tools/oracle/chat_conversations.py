"""Chat requests as clients send them, a kind at a time: what is null or absent, every spelling of reasoning, tools, calls
and their results, parts, letters of all scripts, and integers beyond 64 bits."""

WORDS = ["Hello", "world", " ", "  ", "\n", "\n\n", "\t", "naïve", "日本語", "🦙", "a\u0301", "\u00a0", "\u3000", "{{ x }}",
         "{% if %}", "{# c #}", "<|im_end|>", "<|im_start|>system\n", "<|eot_id|>", "</think>", "<think>\n", "'", '"', "\\",
         "\\n", "<b>&amp;</b>", "\x07", "\x7f", "12", "3.5", "[INST]", "<tool_call>", "-", "None", "%s", "end.", "\r\n",
         "STRASSE straße", "İstanbul ıI", "ΣΑΣ ς", "ǆ ǅ Ǆ", "ﬁn", "Ünïcöde ÉTÉ", "ԱՐԵՒ և", "ᏸ Ꮠ", "\u2028", "\u200b"]
HUGE = [2 ** 63, 2 ** 64, -(2 ** 63) - 1, 10 ** 30, 123456789012345678901234567890]
NUMBERS = [0, -1, 2 ** 53 + 1, 2 ** 63 - 1, 0.1, 1e-7, 1e22, 1e16, 5e-324, 1.7976931348623157e308, -0.0, 2.5, 100000.0]
SWITCHES = {"enable_thinking": [True, False], "reasoning_effort": ["low", "high", "none"], "thinking": [True, False],
            "tools_in_user_message": [False], "date_string": ["26 Jul 2024"], "keep_past_thinking": [True],
            "builtin_tools": [["web_search"]], "custom": [None, 3, "x"], "xml_tools": [["f"]], "thinking_budget": [0, 512]}


def text(rng, most=6, least=0):
    return "".join(rng.choice(WORDS) + rng.choice(["", " "]) for _ in range(rng.randint(least, most)))


def tool(rng, name="get_weather"):
    properties = {"place": {"type": "string", "description": text(rng, 3)},
                  "days": {"type": "integer", "default": 3, "minimum": 1, "maximum": rng.choice([14, *NUMBERS])},
                  "unit": {"type": "string", "enum": ["C", "F"]},
                  "list": {"type": "array", "items": {"type": ["string", "null"]}},
                  "deep": {"type": "object", "properties": {"x": {"anyOf": [{"type": "number"}, {"type": "null"}]}}}}
    return {"type": "function", "function": {
        "name": name, "description": rng.choice(["Weather of a \"place\" <now>.", text(rng)]),
        "parameters": {"type": "object", "required": ["place"], "properties": properties}}}


def plain_tool():
    return {"type": "function", "function": {"name": "now", "description": "The time",
                                             "parameters": {"type": "object", "properties": {}}}}


def call(rng, number=0, arguments=None):
    given = {"place": text(rng, 3), "days": rng.randint(1, 9), "exact": rng.choice(NUMBERS), "none": None, "yes": True}
    return {"type": "function", "id": f"call{number:05}", "function": {
        "name": "get_weather", "arguments": given if arguments is None else arguments}}


def result(rng, number=0, **more):
    return {"role": "tool", "tool_call_id": f"call{number:05}", "name": "get_weather", "content": text(rng)} | more


def user(rng):
    return {"role": "user", "content": text(rng, least=1)}


def answer(rng, **more):
    return {"role": "assistant", "content": text(rng, least=1)} | more


def plain(rng):
    messages = [{"role": "system", "content": text(rng)}] if rng.random() < 0.5 else []
    for _ in range(rng.randint(0, 3)):
        messages += [user(rng), answer(rng)]
    return {"messages": messages + [user(rng)]}


def with_call(rng, calls=1, **assistant):
    made = {"role": "assistant", "content": text(rng), "tool_calls": [call(rng, i) for i in range(calls)]} | assistant
    return {"tools": [tool(rng), plain_tool()],
            "messages": [user(rng), made, *(result(rng, i) for i in range(calls)), *([answer(rng), user(rng)]
                                                                                     if rng.random() < 0.5 else [])]}


def reasoning(rng, *names, **more):
    thought = {name: text(rng, least=1) for name in names}
    return {"messages": [user(rng), answer(rng, **thought, **more), user(rng), answer(rng, **thought, **more), user(rng)]}


def parts(rng, role="user"):
    content = [{"type": "text", "text": text(rng)} for _ in range(rng.randint(1, 3))]
    messages = [user(rng), answer(rng), user(rng)]
    found = next((m for m in messages if m["role"] == role), None)
    if found:
        found["content"] = content
    else:
        messages.insert(0, {"role": role, "content": content})
    return {"messages": messages}


def changed(request, **more):
    return request | more


#: Name and maker of each kind. A maker draws from its argument, so that each round differs.
KINDS = {
    "plain": plain,
    "a system message alone": lambda r: {"messages": [{"role": "system", "content": text(r, least=1)}]},
    "a developer message": lambda r: {"messages": [{"role": "developer", "content": text(r, least=1)}, user(r)]},
    "empty texts": lambda r: {"messages": [{"role": "system", "content": ""}, {"role": "user", "content": ""},
                                           {"role": "assistant", "content": ""}, {"role": "user", "content": ""}]},
    "letters of all scripts": lambda r: {"messages": [
        {"role": "user", "content": "".join(r.sample(WORDS[-11:], 8))}, answer(r), user(r)]},
    "parts of a user": parts,
    "parts of the system": lambda r: parts(r, "system"),
    "parts of an assistant": lambda r: parts(r, "assistant"),
    "null content": lambda r: {"messages": [user(r), {"role": "assistant", "content": None}, user(r)]},
    "null everywhere": lambda r: {"messages": [
        user(r) | {"name": None}, answer(r, tool_calls=None, reasoning_content=None, refusal=None, audio=None,
                                         function_call=None), user(r) | {"tool_calls": None}], "tools": None,
                                  "documents": None},
    "no content": lambda r: {"messages": [user(r), {"role": "assistant"}, user(r)]},
    "tools": lambda r: changed(plain(r), tools=[tool(r), plain_tool()]),
    "no tools at all": lambda r: changed(plain(r), tools=[]),
    "bare tools": lambda r: changed(plain(r), tools=[tool(r)["function"]]),
    "a call": with_call,
    "a call with null content": lambda r: with_call(r, content=None),
    "a call with empty content": lambda r: with_call(r, content=""),
    "parallel calls": lambda r: with_call(r, calls=2),
    "a call with reasoning_content": lambda r: with_call(r, content=None, reasoning_content=text(r, least=1)),
    "a call with thinking": lambda r: with_call(r, content=None, thinking=text(r, least=1)),
    "a call with reasoning": lambda r: with_call(r, content="", reasoning=text(r, least=1)),
    "a call with arguments as text": lambda r: with_call(r, tool_calls=[call(r, 0, '{"place": "Zürich", "days": 2}')]),
    "a call without arguments": lambda r: with_call(r, tool_calls=[call(r, 0, {})]),
    "a call without type and id": lambda r: with_call(r, tool_calls=[{"function": call(r)["function"]}]),
    "a call without function": lambda r: with_call(r, tool_calls=[call(r)["function"]]),
    "a result as parts": lambda r: {"tools": [tool(r)], "messages": [
        user(r), answer(r, tool_calls=[call(r)]), result(r, content=[{"type": "text", "text": text(r)}])]},
    "a result as an object": lambda r: {"tools": [tool(r)], "messages": [
        user(r), answer(r, tool_calls=[call(r)]), result(r, content={"temperature": 21.5, "none": None})]},
    "a result without a name": lambda r: {"tools": [tool(r)], "messages": [
        user(r), answer(r, content=None, tool_calls=[call(r)]), {"role": "tool", "content": text(r)}]},
    "reasoning_content": lambda r: reasoning(r, "reasoning_content"),
    "thinking": lambda r: reasoning(r, "thinking"),
    "reasoning": lambda r: reasoning(r, "reasoning"),
    "reasoning and null": lambda r: reasoning(r, "reasoning", reasoning_content=None, thinking=None),
    "two spellings": lambda r: reasoning(r, "thinking", "reasoning_content"),
    "three spellings": lambda r: reasoning(r, "reasoning", "thinking", "reasoning_content"),
    "empty reasoning": lambda r: reasoning(r, reasoning_content="", reasoning="x"),
    "reasoning in the text": lambda r: {"messages": [
        user(r), answer(r, content=f"<think>\n{text(r)}\n</think>\n\n{text(r)}"), user(r)]},
    "huge integers in a tool": lambda r: changed(plain(r), tools=[{"type": "function", "function": {
        "name": "count", "description": "Counts.", "parameters": {"type": "object", "properties": {
            "n": {"type": "integer", "minimum": r.choice(HUGE), "maximum": r.choice(HUGE), "enum": HUGE}}}}}]),
    "huge integers in a call": lambda r: with_call(r, tool_calls=[call(r, 0, {"n": r.choice(HUGE), "all": HUGE})]),
    "floats": lambda r: with_call(r, tool_calls=[call(r, 0, {"all": NUMBERS})]),
    "documents": lambda r: changed(plain(r), documents=[{"title": text(r), "text": text(r)}, {"title": "2", "text": ""}]),
    "no messages": lambda r: {"messages": []},
    "another order of roles": lambda r: {"messages": [user(r), user(r), answer(r), answer(r),
                                                      {"role": "system", "content": text(r)}, user(r)]},
    "an unknown role": lambda r: {"messages": [user(r), {"role": r.choice(["Ünknown", "critic", "USER"]), "content": text(r)}]},
    "an answer at the end": lambda r: {"messages": [user(r), answer(r)]},
    "a continued answer": lambda r: {"messages": [user(r), answer(r)], "continue_final_message": True,
                                     "add_generation_prompt": False},
    "a continued answer with a space": lambda r: {"messages": [user(r), answer(r, content="It is ")],
                                                  "continue_final_message": True},
    "continued reasoning": lambda r: {"messages": [user(r), answer(r, content="x", reasoning_content=text(r, least=1))],
                                      "continue_final_message": "reasoning_content"},
    "continued parts": lambda r: {"messages": [user(r), answer(r, content=[{"type": "text", "text": "a"},
                                                                           {"type": "text", "text": "b"}])],
                                  "continue_final_message": True},
    "template variables": lambda r: changed(plain(r), chat_template_kwargs={"enable_thinking": False, "custom": {"a": [1]}},
                                        bos_token=r.choice(["", "<x>"])),
    "extra fields": lambda r: {"messages": [user(r) | {"name": "Ann", "id": 7}, answer(r, refusal=False, custom=[1, {}]),
                                            user(r)], "model": "x", "temperature": 0.5, "tool_choice": "auto"},
}
#: What no template is asked to print, for the stored requests.
MORE = {
    "messages that are none": lambda r: {"messages": None},
    "a message that is a text": lambda r: {"messages": ["Hello"]},
    "a message that is null": lambda r: {"messages": [user(r), None]},
    "tools that are none": lambda r: changed(plain(r), tools=["get_weather"]),
    "documents that are none": lambda r: changed(plain(r), documents=["text"]),
    "a template by name": lambda r: changed(plain(r), chat_template="tool_use"),
    "both a prompt and a continued answer": lambda r: {"messages": [user(r), answer(r)], "continue_final_message": True,
                                                       "add_generation_prompt": True},
    "nothing to continue": lambda r: {"messages": [user(r), {"role": "assistant", "content": None}],
                                      "continue_final_message": True},
    "a number to continue": lambda r: {"messages": [user(r), {"role": "assistant", "content": 3}],
                                       "continue_final_message": True},
    "a field to continue that no template reads": lambda r: {"messages": [user(r), answer(r, poem="x")],
                                                             "continue_final_message": "poem"},
    "parts without text to continue": lambda r: {"messages": [user(r), answer(r, content=[{"type": "image"}])],
                                                 "continue_final_message": True},
    "continued thinking": lambda r: {"messages": [user(r), answer(r, thinking="y ", reasoning="z")],
                                     "continue_final_message": "thinking"},
    "a prompt that is no truth": lambda r: {"messages": [user(r)], "add_generation_prompt": 1},
    "words of its own": lambda r: {"messages": [user(r)], "bos_token": "<own>", "sep_token": "<sep>", "image_token": "<i>"},
    "null in the depth": lambda r: {"messages": [user(r) | {"content": [{"type": "text", "text": None}], "more": {"a": None}}]},
}


def switched(rng, request):
    """The request with a switch now and then, and mostly with a prompt for an answer."""
    for name, values in SWITCHES.items():
        if rng.random() < 0.1:
            request = {name: rng.choice(values)} | request
    if "continue_final_message" not in request and rng.random() < 0.8:
        request = {"add_generation_prompt": True} | request
    return request


def requests(rng, count):
    """`count` pairs of kind and request: each kind in turn."""
    kinds = list(KINDS.items())
    return [(kind, switched(rng, make(rng))) for kind, make in (kinds[i % len(kinds)] for i in range(count))]


def stored(rng, few):
    """Each kind once, `few`: those that tell sets of templates apart."""
    everything = KINDS | MORE
    chosen = [kind for kind in everything if not few or kind in (
        "plain", "tools", "no tools at all", "template variables") or "continue" in kind or "by name" in kind]
    return [(kind, switched(rng, everything[kind](rng))) for kind in chosen]
