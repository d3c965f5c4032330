"""One small chat template for each construct that osscc supports, with its variables: the cases of template.py golden."""

DATA = {"s": " Ab c\n", "n": 7, "f": 2.5, "none": None, "yes": True, "no": False, "xs": [3, 1, 2], "empty": [],
        "d": {"b": 1, "a": "x", "items": "own"}, "deep": {"x": {"y": [1, {"z": "é\"\\\n\u2028</b>"}]}},
        "rows": [{"role": "user", "n": 1, "k": {"v": "p"}}, {"role": "tool", "n": 2, "k": {"v": "q"}}, {"role": "user", "n": 3}],
        "words": "a,b,,c", "uni": "aé日🦙b", "floats": [1.0, 0.1, 1e16, 1e-5, 123456789.125, 1e15, -0.0, 1e22]}

EXPRESSIONS = """
s | n | f | none | yes | no | xs | d | missing | missing.x | (1, 2) | (1,) | () | [1, 'a'] | {'a': 1, 2: [none]}
'a' 'b' | 'tab\\tnl\\nq\\'u\\x41\\u00e9\\U0001F999\\101\\q' | "it's" | 1_000 | 1.5e3 | 2e-7 | floats | ['it\\'s', "q\\"", 'é\\n\\x07']
1 + 2 | 'a' + s | xs + [4] | 7 - 9 | 3 * 4 | 'ab' * 3 | [0] * 2 | 'x' * -1 | 7 / 2 | 7 // 2 | -7 // 2 | -7 % 3 | 7 % -3 | 2 ** 10 | 2 ** -1
-n | +n | -f | - n + 2 | 7.5 % 2 | -7.5 // 2 | yes + 1 | 'a' ~ 1 ~ none ~ 2.0 ~ missing | 1 ~ 2 + 3 | 'a' + 1 | missing + 1 | 1 / 0 | none + 'a'
n == 7 | n == 7.0 | n != 7 | 'a' < 'b' | 2 < 1.5 | n <= 7 | n > 6 | n >= 8 | 'é' > 'z' | 1 == yes | none == missing | missing == absent | xs == [3, 1, 2] | d == {'a': 'x', 'b': 1, 'items': 'own'} | 1 < 'a' | missing < 1
'b' in s | 'c' in s | 3 in xs | 'a' in d | 'z' not in d | 9 not in xs | 1 in missing | 'a' in none | 1 in 'a' | [1] in [[1]]
yes and no | no or 'x' | not yes | not no and yes | 0 or '' or empty | yes and 'last' | 'x' if yes else 'y' | 'x' if no | 'x' if no else 'y' if no else 'z'
xs[0] | xs[-1] | xs[9] | xs[1:] | xs[:-1] | xs[::-1] | xs[::2] | xs[5:] | xs[-2:9] | uni[1] | uni[-1] | uni[1:4] | uni[::-1] | s[:3] | d['a'] | d.a | d['items'] | d['get'] is defined | d.zz is defined | xs.0 | rows[0].role | rows[0]['k'].v | deep.x.y[1].z | none.x | none['x'] is defined | n.x is defined
d.get('a') | d.get('zz') | d.get('zz', 4) | d.keys() | d.values() | d.copy() | rows[0].items() | d.update is defined
s.strip() | s.lstrip() | s.rstrip() | 'xxaxx'.strip('x') | '\\u3000a\\u00a0'.strip() | s.upper() | s.lower() | 'aBC dE-f'.title() | 'aBC'.capitalize() | s.startswith(' A') | s.startswith(('x', ' ')) | s.endswith('\\n') | words.split(',') | words.split(',', 1) | ' a  b '.split() | ' a  b  c '.split(none, 1) | words.rsplit(',', 1) | 'a\\nb\\r\\nc\\n\\n'.splitlines() | 'aXbXc'.replace('X', '--') | 'aaa'.replace('a', 'b', 2) | 'ab'.replace('', '-') | '-'.join(['a', 'b']) | uni.find('日') | 'aXaX'.count('aX') | 'abc'.find('z') | '12'.isdigit() | ''.isdigit() | xs.index(1) | xs.count(3) | missing.strip() | n.strip() | ''.split(',') | ''.split() | '</think>x</think>y'.split('</think>')[-1]
"""

FILTERS = """
s | trim ;; 'xax' | trim('x') ;; missing | trim ;; 12 | trim ;; uni | length ;; xs | length ;; d | count ;; missing | length ;; n | length
s | upper ;; s | lower ;; 'a bC-d' | title ;; 'aBC' | capitalize ;; words | replace(',', ';') ;; 'aaa' | replace('a', 'b', count=1)
missing | default('x') ;; none | default('x') ;; '' | default('x', true) ;; '' | d('x', boolean=True) ;; missing | default ;; missing.x | default('y')
xs | join ;; xs | join(', ') ;; rows | join('-', attribute='role') ;; 'abc' | join('.') ;; missing | join ;; d | join(',')
d | items | list ;; missing | items | list ;; d | dictsort ;; d | list ;; 'ab' | list ;; xs | first ;; xs | last ;; empty | first ;; xs | reverse | list ;; 'abc' | reverse
xs | sort ;; xs | sort(reverse=true) ;; ['b', 'A', 'a'] | sort ;; rows | sort(attribute='n', reverse=true) | map(attribute='n') | list ;; [1, 1, 2, 'A', 'a'] | unique | list ;; xs | sum ;; xs | max ;; xs | min ;; ['b', 'A'] | min ;; empty | max
'12' | int ;; 'x' | int ;; 'x' | int(5) ;; '1.9' | int ;; 3.9 | int ;; -3.9 | int ;; '1.5' | float ;; 'x' | float ;; n | float ;; -4 | abs ;; 2.5 | abs ;; n | string ;; xs | string ;; none | string ;; f | int
'a\\nb\\n\\nc' | indent ;; 'a\\nb' | indent(2, true) ;; 'a\\n\\nb' | indent(2, blank=true) ;; 'a\\nb' | indent('> ') ;; 'a\\n' | indent(1) ;; '' | indent
d | tojson ;; deep | tojson ;; deep | tojson(indent=2) ;; xs | tojson(indent=4) ;; empty | tojson(indent=2) ;; floats | tojson ;; deep | tojson(ensure_ascii=true) ;; uni | tojson(ensure_ascii=true) ;; d | tojson(sort_keys=true) ;; d | tojson(separators=(',', ':')) ;; missing | tojson ;; none | tojson ;; yes | tojson ;; {1: 2, none: yes, 1.5: no} | tojson ;; '\\x00\\x1f\\x7f\\b\\f' | tojson ;; rows | tojson(indent='\\t') ;; (1, 2) | tojson ;; {} | tojson ;; d | tojson | safe
rows | map(attribute='role') | list ;; rows | map(attribute='k.v') | list ;; rows | map(attribute='zz', default='-') | join(',') ;; ['a', 'B'] | map('upper') | list ;; [' a '] | map('trim') | join ;; ['ab'] | map('replace', 'a', 'c') | list
rows | selectattr('role', 'equalto', 'user') | map(attribute='n') | list ;; rows | rejectattr('role', '==', 'user') | map(attribute='n') | list ;; rows | selectattr('k') | list | length ;; rows | selectattr('k', 'defined') | list | length ;; [1, 'a', none] | select('string') | list ;; [0, 1, 2] | select | list ;; [0, 1, 2] | reject | list ;; [1, 2, 3] | select('odd') | list ;; [1, 2, 3] | reject('gt', 1) | list ;; [1, 2, 3] | select('in', [1, 3]) | list
none | selectattr('a') | list ;; none | map('upper') | list ;; '\\x7f' | tojson(ensure_ascii=true) ;; none | list ;; d.items() | list ;; (rows | map(attribute='n')) is iterable ;; rows | map(attribute='n') is sequence ;; 'some' if rows | selectattr('zz') ;; rows | map(attribute='n') | tojson ;; rows | map(attribute='n') | length ;; d.keys() | list | length ;; d.items() | length ;; 'a<' + ('b<' | safe) + s ;; ('<b' | safe)[0] + '<' ;; ('<' | safe) ~ '<' ;; '<' + ('<a ' | safe | trim) ;; s | trim | upper ;; (s | trim) + 'x' ;; -n | abs ;; 'a' + s | trim ;; xs | join(',') | length ;; 1 + 2 | string ;; xs[1:] | first ;; ['x', 'y'] | last | upper
"""

TESTS = ["defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number", "integer", "float", "boolean",
         "true", "false", "callable", "not defined", "not none", "not string"]
TEST_VALUES = ["s", "n", "f", "none", "yes", "no", "xs", "d", "missing", "range", "d.get", "''", "empty"]
MORE_TESTS = """
n is odd ;; n is even ;; n is divisibleby 7 ;; n is divisibleby(2) ;; n is eq 7 ;; n is equalto(8) ;; n is ne 7 ;; n is lt 8 ;; n is gt 8 ;; n is le 7 ;; n is ge 8 ;; n is in xs ;; 1 is in(xs) ;; 'a' is lower ;; 'A1' is upper ;; '1' is lower ;; none is sameas none ;; yes is sameas true ;; 1 is sameas true ;; n is defined and n is number ;; not n is defined ;; n is not odd or yes ;; missing is not defined and yes ;; rows[0].k is mapping and rows[0].k is not string
"""

STATEMENTS = [
    "{% if n > 6 %}a{% elif yes %}b{% else %}c{% endif %}|{% if no %}a{% elif yes %}b{% endif %}|{% if no %}x{% else %}y{% endif %}",
    "{% for x in xs %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for x in empty %}a{% else %}none{% endfor %}{% for x in missing %}a{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for c in uni %}{{ c }}.{% endfor %}",
    "{% for r in rows if r.role == 'user' %}{{ loop.index }}{{ r.n }}{{ loop.last }}{% endfor %}",
    "{% for x in xs %}{% for y in xs %}{{ x * y }}{{ loop.index }},{% endfor %}{{ loop.index }};{% endfor %}",
    "{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% if loop.index == 3 %}{% break %}{% endif %}-{% endfor %}",
    "{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 1, -2) %}{{ i }}{% endfor %}{{ range(2, 4) | list }}",
    "{% set x = 1 %}{% for y in xs %}{% set x = x + y %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(found=false, n=0) %}{% for x in xs %}{% set ns.n = ns.n + x %}{% if x == 1 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.found }}{{ ns.n }}{{ ns.zz }}",
    "{% set a, b = 1, [2] %}{{ a }}{{ b }}{% set c = a, b %}{{ c }}{% set t %} in {{ n }} {% endset %}[{{ t | trim }}]",
    "{% if yes %}{% set z = 5 %}{% endif %}{{ z }}{% if no %}{% set w = 5 %}{% endif %}{{ w is defined }}",
    "{% macro m(a, b=2, c='x' ~ b) %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m(b=0, a=9) }}{{ m() }}{{ m(s) | trim | length }}",
    "{% macro fact(n) %}{{ 1 if n < 2 else n * (fact(n - 1) | int) }}{% endmacro %}{{ fact(5) }}",
    "{% set g = 4 %}{% macro m() %}{{ g }}{{ n }}{% set g = 5 %}{{ g }}{% endmacro %}{{ m() }}{{ g }}",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% generation %}x{{ n }}{% endgeneration %}|{% raw %}{{ n }} {% if %}{% endraw %}|{# gone {{ n }} #}|",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc\n{{ n }}\nd\n",
    "a \n {%- if yes -%} \n b \n {%- endif -%} \n c {{- n -}} d",
    "a\n  {%+ if yes +%}\n b\n{% endif %}\n\n  {# c #}\n  e {#- f -#} g\n",
    "  {% if yes %} x {% endif %}  {% if yes %}y{% endif %}\n  {{ n }}\n\n",
    "{{ 'a\nb' }}\r\n{% if yes %}\r\nx\r{% endif %}\r\n\r\n",
    "{% set g = rows | map(attribute='n') %}{% for x in g %}{{ x }}{% endfor %}{% for x in g %}{{ x }}{% endfor %}",
    "{{ raise_exception('bad ' ~ n) }}", "{% if no %}{{ raise_exception('never') }}{% endif %}ok",
    "{{ strftime_now('%d %b %Y') }}{{ strftime_now is defined }}", "{{ dict(a=1, b='x') | tojson }}",
    "{{ {'a': {'b': {}}} | tojson }}{{ {} }}", "{{ s if s is string else (s | tojson) }}{{ '%}' }}{{ '}}' }}",
    "{% for x in none %}{% endfor %}", "{% for x in n %}{% endfor %}", "{{ range(200000) | length }}", "{{ tools is none }}{{ documents }}",
    "{{ xs[0] + rows[0].n }}{{ (rows | length) - 1 }}{{ rows[1:][0]['role'] }}{{ rows[-1].n }}", "{{ loop is defined }}",
    "{%- for r in rows %}\n    {%- if r.role == 'user' %}\n        {{- 'U' + r.role }}\n    {%- else %}\n        {{- 'T' }}\n    {%- endif %}\n{%- endfor %}\n",
]


def _split(text, mark):
    return [part.strip() for line in text.strip().splitlines() for part in line.split(mark) if part.strip()]


def _output(expression):
    return "{{ " + expression + " }}"


def _used(template):
    """The variables that the template may name: keeps the stored cases small."""
    return {name: value for name, value in DATA.items() if name in template and name != "none"}


_TEMPLATES = [_output(e) for e in _split(EXPRESSIONS, " | ")] + [_output(e) for e in _split(FILTERS, " ;; ")] \
    + ["{{ " + " }}{{ ".join(f"{value} is {test}" for value in TEST_VALUES) + " }}" for test in TESTS] \
    + [_output(e) for e in _split(MORE_TESTS, " ;; ")] + STATEMENTS
CASES = [(template, _used(template)) for template in dict.fromkeys(_TEMPLATES)]
