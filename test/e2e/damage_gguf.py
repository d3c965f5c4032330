"""Ways to damage a GGUF file, and unusual ways to write a good one. Each entry: name, what to do to its parts.

A change edits a Gguf in place, or returns the bytes to write instead.
"""
import struct

U8, U32, I32, F32, BOOL, STRING, ARRAY, U64 = 0, 4, 5, 6, 7, 8, 9, 10
HUGE = (1 << 64) - 1


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def u32(value):
    return struct.pack("<II", U32, value)


def string(value):
    return struct.pack("<I", STRING) + text(value)


def strings(values):
    return struct.pack("<IIQ", ARRAY, STRING, len(values)) + b"".join(map(text, values))


def integers(values):
    return struct.pack("<IIQ", ARRAY, I32, len(values)) + struct.pack(f"<{len(values)}i", *values)


class Gguf:
    """The parts of a file: pairs {key: type and value}, tensors [name, extents, type, offset], and the data behind."""

    def __init__(self, data):
        self.data, self.at = data, 4
        self.version, tensors, pairs = self.unpack("<IQQ")
        self.pairs = {}
        for _ in range(pairs):
            key, begin = self.text(), self.at
            self.skip(self.unpack("<I")[0])
            self.pairs[key.decode()] = data[begin:self.at]
        self.tensors = []
        for _ in range(tensors):
            name = self.text().decode()
            extents = list(self.unpack(f"<{self.unpack('<I')[0]}Q"))
            self.tensors.append([name, extents, *self.unpack("<IQ")])
        self.body = data[(self.at + 31) // 32 * 32:]

    def unpack(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def text(self):
        size = self.unpack("<Q")[0]
        self.at += size
        return self.data[self.at - size:self.at]

    def skip(self, kind):
        if kind == STRING:
            self.text()
        elif kind == ARRAY:
            element, count = self.unpack("<IQ")
            for _ in range(count):
                self.skip(element)
        else:
            self.at += {0: 1, 1: 1, 2: 2, 3: 2, 7: 1, 10: 8, 11: 8, 12: 8}.get(kind, 4)

    def tensor(self, name):
        return next(entry for entry in self.tensors if entry[0] == name)

    def header(self, tensors=None, pairs=None):
        counts = (len(self.tensors) if tensors is None else tensors, len(self.pairs) if pairs is None else pairs)
        out = b"GGUF" + struct.pack("<IQQ", self.version, *counts)
        out += b"".join(text(key) + value for key, value in self.pairs.items())
        for name, extents, kind, offset in self.tensors:
            out += text(name) + struct.pack(f"<I{len(extents)}QIQ", len(extents), *extents, kind, offset)
        return out

    def build(self, alignment=32):
        head = self.header()
        return head + bytes(-len(head) % alignment) + self.body


def key(name, value):
    """A key set to the bytes of a type and a value, or with None removed."""
    def apply(gguf):
        gguf.pairs.pop(name, None)
        if value is not None:
            gguf.pairs[name] = value
    return apply


def tensor(name, field, value):
    """One field of a tensor's info replaced: 0 its name, 1 its extents, 2 its type, 3 its offset."""
    return lambda gguf: gguf.tensor(name).__setitem__(field, value)


def both(*changes):
    def apply(gguf):
        for change in changes:
            change(gguf)
    return apply


NORM, UP = "output_norm.weight", "blk.1.ffn_up.weight"

# name -> change; each must be refused.
BAD = {
    "empty file": lambda gguf: b"",
    "another magic number": lambda gguf: b"GGML" + gguf.data[4:],
    "version 1": lambda gguf: gguf.data[:4] + struct.pack("<I", 1) + gguf.data[8:],
    "version 4": lambda gguf: gguf.data[:4] + struct.pack("<I", 4) + gguf.data[8:],
    "big-endian": lambda gguf: gguf.data[:4] + struct.pack(">I", 3) + gguf.data[8:],
    "cut inside the counts": lambda gguf: gguf.data[:20],
    "cut inside the keys": lambda gguf: gguf.data[:300],
    "cut inside the tensor infos": lambda gguf: gguf.header()[:-9],
    "cut inside the padding": lambda gguf: gguf.header() + b"\0",
    "cut inside a tensor": lambda gguf: gguf.data[:-40],
    "trailing bytes": lambda gguf: gguf.data + bytes(64),
    "tensor count beyond the file": lambda gguf: gguf.header(tensors=HUGE) + gguf.body,
    "key count beyond the file": lambda gguf: gguf.header(pairs=HUGE) + gguf.body,
    "one tensor more than there is": lambda gguf: gguf.header(tensors=len(gguf.tensors) + 1) + gguf.body,
    "key longer than the file": lambda gguf: gguf.data[:24] + struct.pack("<Q", HUGE) + gguf.data[32:],
    "string longer than the file": key("general.name", struct.pack("<IQ", STRING, HUGE // 2) + b"x"),
    "array longer than the file": key("x", struct.pack("<IIQ", ARRAY, U32, 1 << 62)),
    "array of strings longer than the file": key("x", struct.pack("<IIQ", ARRAY, STRING, 1 << 61)),
    "nested arrays": key("x", struct.pack("<IIQIQ", ARRAY, ARRAY, 1, U32, 0)),
    "unknown value type": key("x", struct.pack("<IQ", 13, 0)),
    "unknown element type": key("x", struct.pack("<IIQ", ARRAY, 99, 0)),
    "truth of 2": key("x", struct.pack("<IB", BOOL, 2)),
    "empty key": key("", u32(1)),
    "alignment of 0": key("general.alignment", u32(0)),
    "alignment of 48": key("general.alignment", u32(48)),
    "alignment of another type": key("general.alignment", struct.pack("<IQ", U64, 32)),
    "no number in a part": key("split.count", struct.pack("<IH", 2, 3)),
    "alignment larger than the file": key("general.alignment", u32(1 << 31)),
    "a part whose name does not say so": both(*(key(f"split.{name}", struct.pack("<IH", 2, value))
                                                for name, value in (("count", 3), ("no", 0), ("tensors.count", 9)))),
    "tensor given twice": tensor(NORM, 0, UP),
    "tensor without dimensions": tensor(NORM, 1, []),
    "tensor of five dimensions": tensor(NORM, 1, [64, 1, 1, 1, 1]),
    "extent of 0": tensor(NORM, 1, [0]),
    "extents that overflow": tensor(UP, 1, [1 << 32, 1 << 32]),
    "extent beyond the file": tensor(UP, 1, [64, 1 << 40]),
    "unknown tensor type": tensor(UP, 2, 77),
    "tensor type that was removed": tensor(UP, 2, 4),
    "tensor type that is not supported": tensor(UP, 2, 26),
    "offset beyond the file": tensor(UP, 3, 1 << 40),
    "offset that overflows": tensor(UP, 3, HUGE),
    "overlapping tensors": tensor(UP, 3, 0),
    "empty tensor name": tensor(NORM, 0, ""),
    "tensor name of 64 bytes": tensor(NORM, 0, "x" * 64),
    "tensor that no Llama has": tensor(UP, 0, "blk.1.ffn_sideways.weight"),
    "missing tensor": tensor(UP, 0, "blk.7.ffn_up.weight"),
    "transposed tensor": lambda gguf: gguf.tensor(UP)[1].reverse(),
    "no architecture": key("general.architecture", None),
    "unknown architecture": key("general.architecture", string("mamba")),
    "an adapter": key("general.type", string("adapter")),
    "no width": key("llama.embedding_length", None),
    "width of 0": key("llama.embedding_length", u32(0)),
    "width as text": key("llama.embedding_length", string("64")),
    "absurd number of layers": key("llama.block_count", struct.pack("<IQ", U64, 1 << 62)),
    "more layers than the tensors have": key("llama.block_count", u32(3)),
    "heads that the kv heads do not divide": key("llama.attention.head_count_kv", u32(3)),
    "layers that differ": key("llama.feed_forward_length", integers([160, 96])),
    "infinite rope base": key("llama.rope.freq_base", struct.pack("<If", F32, float("inf"))),
    "rope on half a head": key("llama.rope.dimension_count", u32(8)),
    "rope scaling that is not implemented": key("llama.rope.scaling.type", string("yarn")),
    "another scale of the attention": key("llama.attention.scale", struct.pack("<If", F32, 0.5)),
    "experts": key("llama.expert_count", u32(8)),
    "vocabulary that disagrees with the tensors": key("llama.vocab_size", u32(321)),
    "no tokenizer": key("tokenizer.ggml.model", None),
    "unknown tokenizer": key("tokenizer.ggml.model", string("bert")),
    "no pre-tokenizer": key("tokenizer.ggml.pre", None),
    "unknown pre-tokenizer": key("tokenizer.ggml.pre", string("mystery")),
    "no tokens": key("tokenizer.ggml.tokens", None),
    "tokens that are numbers": key("tokenizer.ggml.tokens", integers([1, 2, 3])),
    "tokens that are not UTF-8": key("tokenizer.ggml.tokens", strings([b"\xff"] * 320)),
    "tokens that repeat": key("tokenizer.ggml.tokens", strings(["a"] * 320)),
    "types of fewer tokens": key("tokenizer.ggml.token_type", integers([1, 1])),
    "unknown token type": key("tokenizer.ggml.token_type", integers([9] * 320)),
    "a merge of unknown parts": key("tokenizer.ggml.merges", strings(["h \u4e00"])),
    "end token beyond the vocabulary": key("tokenizer.ggml.eos_token_id", u32(320)),
    "begin token beyond the vocabulary": both(key("tokenizer.ggml.add_bos_token", struct.pack("<IB", BOOL, 1)),
                                              key("tokenizer.ggml.bos_token_id", u32(320))),
    "template with an unknown construct": key("tokenizer.chat_template", string("{% include 'other' %}")),
    "template that never ends": key("tokenizer.chat_template", string("{% for message in messages %}")),
}


def aligned(alignment):
    """The tensors at multiples of another alignment."""
    def apply(gguf):
        gguf.pairs["general.alignment"] = u32(alignment)
        body, out = gguf.body, b""
        for index, entry in enumerate(gguf.tensors):
            end = gguf.tensors[index + 1][3] if index + 1 < len(gguf.tensors) else len(body)
            part = body[entry[3]:end]
            entry[3] = len(out)
            out += part + bytes(-len(part) % alignment)
        gguf.body = out
        return gguf.build(alignment)
    return apply


def reordered(gguf):
    gguf.pairs = dict(reversed(gguf.pairs.items()))


# name -> change; each must compile and compute as before.
GOOD = {
    "version 2": lambda gguf: setattr(gguf, "version", 2),
    "keys in another order": reordered,
    "alignment of 256": aligned(256),
    "alignment of 1": aligned(1),
    "alignment of 65536": aligned(65536),
    "alignment of a megabyte": aligned(1 << 20),
    "metadata of 20 MB": key("note.text", string("x" * (20 << 20))),
    "one part of one": key("split.count", struct.pack("<IH", 2, 1)),
    "numbers that are none in fields that nobody reads": both(
        key("llama.note", struct.pack("<If", F32, float("nan"))), key("note.number", struct.pack("<If", F32, float("inf")))),
    "a field of a split training": key("llama.pretraining_tp", u32(2)),
    "a window as long as the context": key("llama.attention.sliding_window", u32(1 << 20)),
    "no padding at the end": lambda gguf: gguf.data[:len(gguf.data) - (len(gguf.body) - unpadded(gguf))],
    "unknown harmless keys": both(key("note.text", string("\u00e9")), key("note.list", integers([1, 2, 3])),
                                  key("llama.note", u32(7))),
    "keys of no experts": both(key("llama.expert_count", u32(0)), key("llama.attention.sliding_window", u32(0))),
    "widths layer by layer": key("llama.feed_forward_length", integers([160, 160])),
    "vocabulary size left to the tokens": key("llama.vocab_size", None),
    "head size left to its default": key("llama.attention.key_length", None),
    "rope scaled by nothing": both(key("llama.rope.scaling.type", string("none")),
                                   key("llama.rope.scaling.factor", struct.pack("<If", F32, 8))),
}


def unpadded(gguf):
    """Bytes of the data up to the last value; every tensor of the file is F32."""
    name, extents, kind, offset = gguf.tensors[-1]
    count = 4
    for extent in extents:
        count *= extent
    return offset + count


def parts(gguf, count=3):
    """The bytes of the parts of a split file, in order: metadata in the first, a share of the tensors in each."""
    out = []
    for number in range(count):
        part = Gguf(gguf.data)
        part.pairs = dict(gguf.pairs) if number == 0 else {}
        part.pairs |= {"split.no": struct.pack("<IH", 2, number), "split.count": struct.pack("<IH", 2, count),
                       "split.tensors.count": struct.pack("<Ii", I32, len(gguf.tensors))}
        first, last = (len(gguf.tensors) * n // count for n in (number, number + 1))
        part.tensors, body = [list(entry) for entry in gguf.tensors[first:last]], b""
        for entry, offset in zip(part.tensors, (entry[3] for entry in gguf.tensors[first:last])):
            following = [other[3] for other in gguf.tensors if other[3] > offset]
            entry[3], data = len(body), gguf.body[offset:min(following, default=len(gguf.body))]
            body += data + bytes(-len(data) % 32)
        part.body = body
        out.append(part)
    return out


def swapped(parts):
    parts[1], parts[2] = parts[2], parts[1]


def doubled_tensor(parts):
    """The last part holds a tensor of the part before it, in place of one of its own."""
    parts[2].tensors[0][0] = parts[1].tensors[0][0]


def of_another(field, value):
    def apply(parts):
        parts[1].pairs[field] = value
    return apply


# name -> change of the list of parts, of which one may become None, for no file; each must be refused.
BAD_PARTS = {
    "a part is missing": lambda parts: parts.__setitem__(1, None),
    "the first part is missing": lambda parts: parts.__setitem__(0, None),
    "two parts change places": swapped,
    "a part is there twice": lambda parts: parts.__setitem__(2, parts[1]),
    "a tensor is in two parts": doubled_tensor,
    "a part of another model": of_another("split.tensors.count", struct.pack("<Ii", I32, 99)),
    "a part of more parts": of_another("split.count", struct.pack("<IH", 2, 4)),
    "a part with another architecture": of_another("general.architecture", string("qwen2")),
    "a part that is a whole model": lambda parts: [parts[1].pairs.pop(name) for name in list(parts[1].pairs)],
    "a part without its number": lambda parts: parts[1].pairs.pop("split.no"),
    "a part that lacks a tensor": lambda parts: parts[2].tensors.pop(),
    "a part that is cut": lambda parts: setattr(parts[2], "body", parts[2].body[:-64]),
}
# name -> change; each must compile and compute as the whole file.
GOOD_PARTS = {
    "three parts": lambda parts: None,
    "a part with an alignment of its own": lambda parts: of_another("general.alignment", u32(32))(parts),
    "a part that repeats a key": lambda parts: of_another("general.architecture", string("llama"))(parts),
}
