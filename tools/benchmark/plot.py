"""Bars of both sides and the machine's limit, as an SVG without dependencies."""
WIDTH, ROW, LEFT = 720, 46, 250
COLOURS = {"osscc": "#2a6fb0", "peer": "#b0b0b0", "limit": "#d0483e"}


def bar(x, y, width, height, colour):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height}" fill="{colour}"/>'


def text(x, y, words, anchor="start", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{words}</text>'


def svg(title, rows):
    """rows: (label, osscc tokens/s, peer tokens/s or None, limit tokens/s or None)."""
    height = 50 + ROW * len(rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif">',
           text(10, 22, title, size=15), text(WIDTH - 10, 22, "tokens/s; red line: the limit that was measured", "end", 11)]
    for i, (label, ours, peer, limit) in enumerate(rows):
        y, most = 40 + ROW * i, max(v for v in (ours, peer, limit) if v)
        scale = (WIDTH - LEFT - 110) / most
        out.append(text(LEFT - 10, y + 22, label, "end"))
        for value, name, offset in ((ours, "osscc", 0), (peer, "peer", 17)):
            if value:
                out += [bar(LEFT, y + offset, value * scale, 15, COLOURS[name]),
                        text(LEFT + value * scale + 5, y + offset + 12, f"{'osscc' if name == 'osscc' else 'llama.cpp'} {value:.0f}", size=11)]
        if limit:
            out.append(bar(LEFT + limit * scale, y - 2, 2, 36, COLOURS["limit"]))
    return "\n".join(out + ["</svg>"]) + "\n"
