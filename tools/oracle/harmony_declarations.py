"""Declarations of tools that gpt-oss's chat template and openai-harmony write differently: (what it is about, the fields of
the tool, the template's text, the library's text), each without the description and the ends that they share."""


def field(schema):
    return {"parameters": {"type": "object", "properties": {"a": schema}, "required": ["a"]}}


INDENT = " " * 16
OBJECT = {"type": "object", "properties": {"b": {"type": "string", "description": "B"}, "c": {"type": "integer"}},
          "required": ["b"]}
DECLARATIONS = [
    ("no fields", {"parameters": {"type": "object", "properties": {}}}, "type f = () => any;", "type f = (_: {\n}) => any;"),
    ("a list of anything", field({"type": "array"}), "a: any[],", "a: Array<any>,"),
    ("a list of choices", field({"type": "array", "items": {"type": "string", "enum": ["x", "y"]}}), "a: string[],",
     'a: "x" | "y"[],'),
    ("an object", field(OBJECT), f"a: {{\nb: \n{INDENT}string, c?: \n{INDENT}number}},",
     "a: {\n    // B\n    b: string,\n    c?: number,\n    },"),
    ("an object of anything", field({"type": "object"}), "a: object,", "a: {\n    },"),
    ("a union with integers", field({"type": ["integer", "null"]}), "a: integer | null,", "a: number | null,"),
    ("a number or null", field({"type": "number", "nullable": True}), "a: number,", "a: number | null,"),
    ("a choice or null", field({"type": "string", "enum": ["x"], "nullable": True}), 'a: "x",', 'a: "x" | null,'),
    ("title and examples", field({"type": "string", "title": "T", "examples": ["E"]}), "a: string,",
     '// T\n//\n// Examples:\n// - "E"\na: string,'),
    ("one of several", field({"oneOf": [{"type": "string"}, {"type": "number"}]}), "a: string | \nnumber,",
     "a:\n | string\n | number\n,"),
]
#: The description has two lines in this one.
LINES = ("a description of two lines", "// one\ntwo\ntype f", "// one\n// two\ntype f")


def request(declaration, description="D"):
    function = {"name": "f", "description": description} | declaration
    return {"messages": [{"role": "user", "content": "x"}], "tools": [{"type": "function", "function": function}],
            "add_generation_prompt": True}


def cases():
    """(name, request, a part of the template's text, of the library's)."""
    for name, declaration, ours, theirs in DECLARATIONS:
        if not ours.startswith("type"):
            ours, theirs = (f"type f = (_: {{\n{text}\n}}) => any;" for text in (ours, theirs))
        yield name, request(declaration), f"// D\n{ours}\n", f"// D\n{theirs}\n"
    name, ours, theirs = LINES
    yield name, request({}, "one\ntwo"), f"\n{ours} ", f"\n{theirs} "
