"""One small chat template for each construct that osscc supports, with its variables: the cases of template.py golden."""

DATA = {"s": " Ab c\n", "n": 7, "f": 2.5, "none": None, "yes": True, "no": False, "xs": [3, 1, 2], "empty": [],
        "d": {"b": 1, "a": "x", "items": "own"}, "deep": {"x": {"y": [1, {"z": "é\"\\\n\u2028</b>"}]}},
        "rows": [{"role": "user", "n": 1, "k": {"v": "p"}}, {"role": "tool", "n": 2, "k": {"v": "q"}}, {"role": "user", "n": 3}],
        "words": "a,b,,c", "big": 36893488147419103232, "uni": "aé日🦙b", "floats": [1.0, 0.1, 1e16, 1e-5, 123456789.125, 1e15, -0.0, 1e22]}

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


# What chat templates use seldom: everything else of Jinja that transformers' environment runs.
MORE_EXPRESSIONS = r"""
1 < n < 9 ;; 1 < n > 9 ;; 1 == yes != 2 ;; 'a' <= 'b' <= 'c' in ['c'] ;; 3 > 2 > missing ;; 1 in xs in [[3, 1, 2]]
0x1F ;; 0b1_01 ;; 0o17 ;; 0XfF ;; 1_000_000 ;; 1.5e+1_0 ;; 1e400 ;; 9223372036854775808 ;; -9223372036854775808 ;; 2 ** 64 ;; 2 ** 200 // 3 ** 50 ;; -(2 ** 70) % 7 ;; 2 ** 64 - 2 ** 64 + 1 ;; 9223372036854775807 + 1 ;; 12345678901234567890123 * 98765432109876543210 ;; (2 ** 70) / 3 ;; 2 ** 70 > 1e21 ;; 2 ** 53 + 1 == 2.0 ** 53 ;; big ;; big + 1 ;; -big ;; big | tojson ;; [big] | tojson(indent=1) ;; {'maximum': big} | tojson ;; '%d' % big ;; '{:,}'.format(big) ;; '{:#x}'.format(2 ** 70) ;; '123456789012345678901' | int ;; '0x1F' | int(0, 16) ;; '0b11' | int(base=2) ;; '1_000' | int ;; ' -7 ' | int ;; '٣' | int ;; 'z' | int(base=36) ;; '077' | int(base=0) ;; 1e22 | int ;; 'inf' | int(3) ;; '1_0.5' | float ;; 'nan' | float ;; '-Infinity' | float ;; 'x' | int('y') ;; big | float ;; big == 36893488147419103232 ;; big is odd ;; big is integer ;; big is number ;; [big, 1, 2.5] | sort ;; [big, 2 ** 70] | max ;; (2 ** 64) | abs
-7 // 2.0 ;; 7 // -2.0 ;; -7 % 3.0 ;; 7 % -3.0 ;; 0.0 // -1 ;; 5 % 2.5 ;; 2 ** 0.5 ;; 10 ** -2 ;; 4 ** 2 ** 3 ;; -2 ** 2 ;; not 1 == 2 ;; 1 + 2 * 3 ~ 4 ;; 5 / 2 ;; 1.0 ;; 1e15 + 0.5 ;; 1e16 ;; 0.1 + 0.2 ;; 5e-324 ;; 1.7976931348623157e308 ;; 100 * 1.1
'%s is %d' % ('a', 3.9) ;; '%05.1f|%-5d|%+d|% d' % (2.25, 3, 4, 5) ;; '%x %X %#x %o %#o' % (255, 255, 255, 8, 8) ;; '%e %E %g %G' % (12345.678, 0.00012, 1e-7, 1e20) ;; '%c%c' % ('a', 98) ;; '%r' % 'it' ;; '%%' % () ;; '%s' % [1] ;; '%s' % missing ;; '%(a)s-%(b)d' % d ;; '%5s|%-5s|%.2s' % ('ab', 'cd', 'efgh') ;; '%*d' % (5, 42) ;; '%.3d' % 7 ;; '%s' % (1, 2) ;; '%d' % 'a' ;; 'no' % 1 ;; '%5.1f%%' % 99.55 ;; 'é%sé' % '日' ;; '%i' % yes
'{} {}'.format(1, 'a') ;; '{1}{0}{1}'.format('a', 'b') ;; '{a}-{b}'.format(a=1, b=s) ;; '{0[k][v]} {0[role]}'.format(rows[0]) ;; '{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd') ;; '{:05d}|{:+}|{: }|{:,}|{:_}'.format(42, 3, 4, 1234567, 1234567) ;; '{:.2f} {:.3e} {:g} {:%} {:.1%}'.format(2.345, 12345.6, 0.0001, 0.5, 0.256) ;; '{:b} {:o} {:x} {:X} {:#b}'.format(5, 8, 255, 255, 5) ;; '{!r} {!s}'.format('a', 'a') ;; '{:{}}|{:{w}.{p}}'.format('a', 4, 'abcdef', w=6, p=3) ;; '{{}} {}'.format(1) ;; '{:.3} {:.5} {:.4}'.format(1234.5, 1234.0, 0.00001234) ;; '{:08.3f}'.format(-3.14159) ;; '{}'.format(none) ;; '{:5}'.format(yes) ;; '{:c}'.format(65) ;; '{'.format() ;; '{}'.format() ;; '{x}'.format(1) ;; '{a} {b}'.format_map(d) ;; '{:>8}'.format('日本') ;; '{:010,}'.format(1234)
s.partition('b') ;; 'a-b-c'.rpartition('-') ;; 'abc'.partition('x') ;; 'abc'.removeprefix('a').removesuffix('c') ;; 'Straße'.casefold() ;; 'aB'.swapcase() ;; '7'.zfill(3) ;; '-7'.zfill(4) ;; 'ab'.center(5) ~ '|' ;; 'ab'.center(5, '*') ;; 'abc'.center(6, '.') ;; 'ab'.ljust(4, '.') ;; 'ab'.rjust(4) ;; 'a\tb\tcc'.expandtabs(4) ;; 'abcabc'.rfind('b') ;; 'abcabc'.find('b', 2) ;; 'abcabc'.count('b', 2) ;; 'abc'.startswith('b', 1) ;; 'abc'.endswith('b', 0, 2) ;; 'abc'.index('c') ;; 'abcb'.rindex('b') ;; 'a b  c d'.rsplit(none, 2) ;; ' a b '.rsplit(maxsplit=1) ;; 'a\nb\n'.splitlines(true) ;; 'abc'.isalpha() ;; 'ab1'.isalnum() ;; '½'.isnumeric() ;; '²'.isdigit() ;; '٣'.isdecimal() ;; ' \n'.isspace() ;; 'Ab Cd'.istitle() ;; 'abc'.islower() ;; 'ÀÉ'.isupper() ;; 'a_1'.isidentifier() ;; 'é'.isascii() ;; 'a\n'.isprintable() ;; 'xay'.strip('') ;; 'a,b'.split(sep=',') ;; 'abab'.replace('a', 'x', 1) ;; (5).bit_length() ;; (2.0).is_integer() ;; {}.fromkeys(['a', 'b'], 0) ;; ''.join([]) ;; ''.join(missing) ;; 'a'.nope()
'ÄÖÜ straße ǆ ŉ'.upper() ;; 'ÀÉÎ İI'.lower() ;; 'ΑΣ ΟΔΟΣ. Σ'.lower() ;; 'ǆ éa ﬁn o\u2019neil'.title() ;; 'ÉCOLE ǅ'.capitalize() ;; 'ß'.title() ;; 'ÄÖ éß' | upper ;; 'ÉÀ' | lower ;; 'éa-ßb (ǆc' | title ;; 'ßA' | capitalize ;; ['é', 'É', 'e', 'Z', 'Ä', 'a'] | sort ;; ['Ä', 'ä', 'b'] | unique | list ;; ['é', 'Z'] | max ;; {'É': 1, 'e': 2, 'Z': 3} | dictsort ;; 'ΑΣ' is lower ;; 'éà' is lower ;; 'ÉÀ' is upper ;; 'ﬃ'.upper() ;; 'ŉ'.capitalize() ;; 'İ'.casefold() ;; 'ᾳ'.upper() ;; 'ᾳ'.title()
xs[1:][0] ;; xs[none:2] ;; xs['a':] ;; n[1:] ;; d[1:] ;; (1, 2, 3)[1:] ;; 'abcdef'[4:1:-1] ;; 'abcdef'[-100:100] ;; [1, 2, 3][::-2] ;; xs[0:3:0] ;; {(1, 2): 'x'}[1, 2] ;; [[1, 2], [3]][0][1] ;; 'a'['upper']() ;; d['get']('a') ;; d.get('b')
range(3) ;; range(1, 7, 2) ;; range(3) | list ;; range(5)[2] ;; range(5)[-1] ;; range(0) | length ;; 2 in range(3) ;; range(3) == range(0, 3) ;; range(3) is sequence ;; dict(a=1) ;; dict({'a': 1}, b=2) ;; dict([['x', 1]]) ;; namespace(a=1).a ;; missing is sameas missing ;; missing is sameas none ;; none is sameas none ;; 1 is sameas 1 ;; yes is sameas 1 ;; xs is sameas xs ;; cycler('a', 'b').current ;; joiner('/')() ~ 'x' ;; (missing | default('a')) is sameas 'b' ;; 'upper' is filter ;; 'nope' is filter ;; 'odd' is test ;; 'nope' is test ;; ('<' | escape) is escaped ;; '<' is escaped ;; range is callable ;; n is not callable ;; 3 is in [1, 2, 3] ;; 'a' is in('abc') ;; 10 is divisibleby 5 ;; 10 is not divisibleby 3 ;; n is eq(7) and n is not eq(8)
[1, 2] < [1, 3] ;; (1, 'a') < (1, 'b') ;; [1] == (1,) ;; [1, 2] + (3,) ;; {'a': 1} == {'a': 1.0} ;; [[1]] == [[1]] ;; d.keys() == ['a'] ;; 'a' < 1 ;; none < none ;; [] or {} or 0.0 or 'end' ;; 'x' if missing ;; ('x' if missing) is undefined ;; (n if no else s) | length
"""

MORE_FILTERS = r"""
rows | map(attribute='k.v', default='?') | list ;; [[1, 2], [3, 4]] | map(attribute=1) | list ;; [[1, [5]]] | map(attribute='1.0') | list ;; ['1', 'x'] | map('int', 9) | list ;; ['a'] | map('replace', old='a', new='b') | list ;; [[1, 2], [3]] | map('join', '-') | list ;; [1.55, 2.5] | map('round', 1) | list ;; [] | map('trim') | list ;; rows | map('upper', 'x') | list
[[1, 'a'], [2, 'b']] | selectattr(0, 'gt', 1) | list ;; [[1, 'a'], [2, 'b']] | rejectattr('0', 'odd') | list ;; rows[:2] | selectattr('k.v', 'eq', 'p') | map(attribute='n') | list ;; rows[:2] | selectattr('k.v') | list | length ;; rows | rejectattr('k', 'defined') | map(attribute='n') | list ;; [1, 2, 3] | select('divisibleby', 2) | list ;; [1, none, 0] | reject('none') | list ;; ['a', 'B'] | select('lower') | list
[[1, 'x'], [2, 'y']] | join(',', attribute=1) ;; rows[:2] | join(',', 'k.v') ;; xs | join(d='/') ;; ['<', ('>' | safe)] | join('&') ;; [none, 1.0, yes] | join(' ')
rows | groupby('role') ;; rows | groupby('role') | map(attribute='grouper') | list ;; rows | groupby('role') | map(attribute='list') | map('length') | list ;; rows[:2] | groupby('k.v', default='-') | map('first') | list ;; [{'a': 'x'}, {'a': 'X'}] | groupby('a') | length ;; [{'a': 'x'}, {'a': 'X'}] | groupby('a', case_sensitive=true) | length ;; [[2, 'a'], [1, 'b']] | groupby(0) ;; rows | groupby('n') | first | list ;; rows | groupby('zz', default='z') | length
{'b': 1, 'A': 3, 'c': 2} | dictsort ;; {'b': 1, 'A': 3, 'c': 2} | dictsort(true) ;; {'b': 1, 'A': 3, 'c': 2} | dictsort(by='value') ;; {'b': 1, 'A': 3, 'c': 2} | dictsort(false, 'value', true) ;; {'b': 1} | dictsort(by='x') ;; {2: 'a', 10: 'b', 1: 'c'} | dictsort ;; [1] | dictsort
rows | sum('n') ;; rows | sum(attribute='n', start=10) ;; [[1], [2]] | sum(start=[]) ;; [0.5, 1] | sum ;; empty | sum ;; ['a'] | sum ;; rows | map(attribute='n') | sum
rows | max(attribute='n') | tojson ;; rows | min(attribute='n') | tojson ;; ['a', 'B'] | max ;; ['a', 'B'] | max(case_sensitive=true) ;; [1, 'a'] | max ;; ['b', 'A', 'a'] | sort(case_sensitive=true) ;; rows | sort(attribute='role,n', reverse=true) | map(attribute='n') | list ;; [[2, 'a'], [1, 'b']] | sort(attribute=0) ;; [[1, 'b'], [1, 'a']] | sort ;; [3, 'a'] | sort ;; rows | sort(attribute='zz') | map(attribute='n') | list ;; [1, 1.0, yes, 2] | unique | list ;; rows | unique(attribute='role') | map(attribute='n') | list ;; ['a', 'A'] | unique(true) | list ;; [none, none] | unique | list ;; xs | sort | reverse | list ;; d | sort ;; 'cab' | sort
[1, 2, 3, 4, 5] | batch(2) | list ;; [1, 2, 3] | batch(2, 'x') | list ;; [1, 2, 3, 4, 5] | slice(3) | list ;; [1, 2, 3, 4] | slice(3, 0) | list ;; 'abcd' | batch(3) | list ;; empty | batch(2) | list ;; empty | slice(2) | list
2.5 | round ;; 3.5 | round ;; 2.675 | round(2) ;; 42.55 | round(1, 'floor') ;; 42.55 | round(1, 'ceil') ;; 1234.5 | round(-2) ;; n | round ;; 7 | round(2, 'floor') ;; 1e300 | round(2) ;; 0.5 | round ;; -0.5 | round ;; 1234 | round(-2) ;; 2.5 | round(method='x')
'%s-%s' | format('a', 1) ;; '%(x)s' | format(x=2) ;; '%s' | format ;; 'a%%' | format() ;; n | format ;; '%s %s' | format(1)
'foo bar baz' | truncate(9) ;; 'foo bar baz qux' | truncate(9, true) ;; 'foo bar baz' | truncate(11) ;; 'foo bar baz qux' | truncate(11, false, '..', 0) ;; 'ééééééééééééé' | truncate(5, end='…') ;; 'short' | truncate ;; 'x' | truncate(2) ;; 'foobarbaz' | truncate(5, leeway=0)
'aa bb cc dd' | wordwrap(5) ;; 'abcdefghij' | wordwrap(4) ;; 'abcdefghij kl' | wordwrap(4, false) ;; 'one two-three four' | wordwrap(9) ;; 'one two-three four' | wordwrap(9, break_on_hyphens=false) ;; 'a b\n\nc d' | wordwrap(3, wrapstring='/') ;; 'a--b c---d' | wordwrap(3) ;; 'naïve-été foo' | wordwrap(6) ;; 'a    b' | wordwrap(3) ;; 'ab-cd-ef-gh' | wordwrap(6) ;; 'x' | wordwrap(0)
'a b,c_d é1' | wordcount ;; '' | wordcount ;; 'ab' | center(6) ~ '/' ;; 'abc' | center(6) ~ '/' ;; 'abcdef' | center(3) ;; '<a> &amp; <!-- x > y --> b\n c</a>' | striptags ;; '1 < 2' | striptags ;; '&lt;b&gt; &#39;&#x41;&nbsp;' | striptags ;; '<&"\'>' | e ;; ('<' | safe) | escape ;; ('<' | safe) | forceescape ;; xs | escape ;; missing | escape
{'class': 'a"b', 'n': 1, 'none': none, 'm': missing} | xmlattr ;; {'a': '<'} | xmlattr(false) ;; {} | xmlattr ;; {'a b': 1} | xmlattr ;; 'a b/c?d=é&f' | urlencode ;; {'a b': 'c/d', 'e': 1} | urlencode ;; [['x', 'y z']] | urlencode ;; n | urlencode
100 | filesizeformat ;; 1 | filesizeformat ;; 1000 | filesizeformat ;; 123456789 | filesizeformat ;; 1024 | filesizeformat(true) ;; '1500000' | filesizeformat ;; 1e30 | filesizeformat ;; 0.5 | filesizeformat
d | attr('items') is callable ;; d | attr('a') ;; 'a' | attr('upper') is defined ;; xs | pprint ;; {'b': 1, 'a': [1, 2]} | pprint ;; range(40) | list | pprint ;; {'long': 'x' * 70, 'b': [1] * 40} | pprint
'aXa' | replace('a', 'b', 1) ;; 'aa' | replace('', '-') ;; 123 | replace(2, 'x') ;; 'xa' | trim('') ;; 'xaxx' | trim('x') ;; none | trim ;; 12.5 | string | length ;; 'abc' | list | join('-') ;; d | length ;; d | first ;; range(3) | last ;; 'abc' | last ;; 'abc' | first ;; {'a': 1}.items() | first ;; 'é日' | reverse ;; (1, 2) | reverse | list ;; none | list ;; n | list ;; s | default('x') ;; missing | default(xs) ;; none | d('x', true) ;; [missing] | list ;; none | length ;; missing | upper ;; none | lower
d | tojson(indent=0) ;; {'b': {'a': []}, 'a': {}} | tojson(indent=2, sort_keys=true) ;; {'é': '🦙'} | tojson(ensure_ascii=true) ;; ('<' | safe) | tojson ;; range(3) | tojson ;; d.items() | list | tojson ;; namespace() | tojson ;; {1.0: 1, 2: 2} | tojson ;; 1e16 | tojson ;; 1e-7 | tojson ;; [1, 2] | tojson(separators=(', ', '=')) ;; 'a' | tojson(none, none) ;; ('nan' | float) | tojson ;; '\u2028</script>' | tojson ;; xs | tojson(none, 2) ;; xs | tojson(indent=none)
"""

MORE_STATEMENTS = [
    "{% filter upper %}a{{ s }}é{% endfilter %}|{% filter replace('a', 'b') | trim %} aXa {% endfilter %}",
    '{% filter indent(2) %}{% for x in xs %}{{ x }}\n{% endfor %}{% endfilter %}',
    '{% set x | upper %}a{{ n }}{% endset %}{{ x }}',
    "{% set x | replace('a', 'b') | trim %} aa {% endset %}[{{ x }}]",
    '{% set ns = namespace() %}{% set ns.x %}a{{ n }}{% endset %}{{ ns.x }}{% set ns.y | upper %}q{% endset %}{{ ns.y }}',
    '{% set (a, b), c = [1, 2], 3 %}{{ a }}{{ b }}{{ c }}{% for (k, v), i in [[d.items() | first, 1]] %}{{ k }}{{ v }}{{ i }}{% endfor %}',
    '{% set a, b = [1] %}{{ a }}',
    "{% for a, b in ['xy', 'zw'] %}{{ b }}{{ a }}{% endfor %}",
    '{% set a, b = missing %}',
    '{% macro m(a) %}[{{ a }}{{ caller() }}]{% endmacro %}{% call m(1) %}in {{ n }}{% endcall %}',
    "{% macro m() %}{{ caller(1, b=2) }}{{ caller('x') }}{% endmacro %}{% call(a, b='d') m() %}<{{ a }}{{ b }}>{% endcall %}",
    '{% macro o() %}({{ caller() }}){% endmacro %}{% macro i() %}{% call o() %}{{ n }}{% endcall %}{{ caller() }}{% endmacro %}{% call i() %}x{% endcall %}',
    '{% macro m() %}{{ caller is defined }}{{ caller }}{% endmacro %}{{ m() }}',
    '{% set caller = 5 %}{% macro m() %}{{ caller }}{% endmacro %}[{{ m() }}]',
    '{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}',
    '{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}',
    '{% macro m(caller=none) %}{{ caller is none }}{% endmacro %}{{ m() }}{% call m() %}a{% endcall %}',
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 'a', x=2) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{{ varargs | join(',') }}{{ kwargs.k }}{% endmacro %}{{ m(*[1, 2, 3], **{'k': 'v'}) }}{{ m(a=1, k=2) }}",
    '{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}',
    '{% macro m(a) %}{% endmacro %}{{ m(b=2) }}',
    '{% macro m(a) %}{% endmacro %}{{ m(1, a=2) }}',
    '{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(3) }}{{ m(3, 4) }}',
    '{% macro m(a, b) %}{{ a }}[{{ b }}]{{ b is defined }}{% endmacro %}{{ m(1) }}{{ m.name }}{{ m.arguments }}{{ m.catch_varargs }}{{ m.catch_kwargs }}{{ m.caller }}{{ m }}',
    "{% for x in xs %}{% macro m(y) %}{{ x }}{{ y }};{% endmacro %}{{ m('a') }}{% endfor %}{{ m is defined }}",
    '{% if yes %}{% macro m() %}in if{% endmacro %}{% endif %}{{ m() }}',
    '{% macro o() %}{% macro i(a) %}<{{ a }}{{ n }}>{% endmacro %}{{ i(1) }}{{ i(2) }}{% endmacro %}{{ o() }}',
    '{% with x = 5 %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endwith %}',
    '{% macro m() %}{{ g }}{% endmacro %}{% set g = 4 %}{{ m() }}',
    "{% set ns = namespace() %}{% macro m(a) %}m{{ a }}{% endmacro %}{% set ns.f = m %}{{ ns.f(1) }}{% set fs = {'k': m} %}{{ fs.k(2) }}{{ fs['k'](3) }}{{ [m][0](4) }}{{ (m)(5) }}",
    "{% set up = 'abc'.upper %}{{ up() }}{{ up is callable }}{{ d.get is callable }}",
    '{% macro fib(n) %}{{ n if n < 2 else (fib(n - 1) | int) + (fib(n - 2) | int) }}{% endmacro %}{{ fib(10) }}',
    "{% for r in [{'n': 1, 'c': [{'n': 2, 'c': [{'n': 3}]}, {'n': 4}]}] recursive %}<{{ r.n }}@{{ loop.depth }}{{ loop.depth0 }}{% if r.c %}{{ loop(r.c) }}{% endif %}>{% endfor %}",
    '{% for x in [1] recursive %}{{ loop() }}{% endfor %}',
    '{% for x in [1] %}{{ loop([2]) }}{% endfor %}',
    '{% for x in [[1, [2]], [3]] recursive %}{% if x is iterable %}[{{ loop(x) }}]{% else %}{{ x }}{% endif %}{% else %}none{% endfor %}',
    "{% for x in xs %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{{ loop }}{% endfor %}",
    '{% for x in [1, 1, 2] %}{% if loop.changed(x) %}{{ x }}{% endif %}{% endfor %}',
    "{% for x in xs %}{% set o = loop %}{% for y in 'ab' %}{{ o.index }}{{ loop.index }}{{ loop.previtem is defined }};{% endfor %}{% endfor %}",
    '{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }}{{ x }}{% else %}none{% endfor %}',
    '{% for x in range(4) if x is odd %}{{ x }}{{ loop.nextitem }}{% endfor %}',
    '{% for x in xs | reverse %}{{ x }}{{ loop.revindex }}{% endfor %}',
    '{% for k in d %}{{ k }}{{ d[k] }}{% endfor %}',
    '{% for x in xs %}{% for y in xs %}{% if y == 1 %}{% break %}{% endif %}{{ y }}{% endfor %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}',
    '{% for x in xs %}{% set t %}{{ x }}{% if x == 1 %}{% break %}{% endif %}{% endset %}{{ t }}{% endfor %}',
    '{% with %}{% set a = 1 %}{{ a }}{% endwith %}{{ a is defined }}',
    '{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}',
    '{% with a, b = [1, 2] %}{{ a }}{{ b }}{% endwith %}',
    '{% block a %}x{{ n }}{% endblock %}|{{ self.a() }}',
    '{% block a %}{% block b %}i{% endblock b %}{% endblock a %}{{ self.b() }}',
    '{% for x in xs %}{% block a scoped %}{{ x }}{% endblock %}{% endfor %}',
    '{% for x in xs %}{% block a %}[{{ x }}]{% endblock %}{% endfor %}',
    '{% set g = 1 %}{% block a %}{{ g }}{% set g = 2 %}{{ g }}{% endblock %}{{ g }}',
    '{% block a required %}{% endblock %}',
    '{% block a %}{{ super() }}{% endblock %}',
    '{{ self.nope() }}',
    "{% autoescape true %}{{ '<' }}{{ '<' | safe }}<b>{{ '<' ~ '>' }}{{ ('<' | safe) ~ n ~ '>' }}{% set x %}<{{ '&' }}{% endset %}{{ x }}{{ ['<', '>'] | join(' ') }}{% endautoescape %}{{ '<' }}",
    "{% autoescape false %}{{ '<' }}{% endautoescape %}",
    "{% autoescape true %}{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m('<') }}{{ m('<') ~ '<' }}{{ {'a': '<'} | xmlattr }}{{ '<%s>' | safe | format('<') }}{{ 'a<' | replace('<', '&') }}{{ xs }}{{ none }}{{ {'k': '\\''} }}{% endautoescape %}",
    "{{ ('<b>%s</b>' | safe) % '<' }}{{ ('<b>{}</b>' | safe).format('<') }}{{ ('<' | safe).join(['<', '>']) }}{{ ('a<' | safe).replace('<', '&') }}{{ ('<' | safe).upper() + '<' }}{{ ['<' | safe] }}",
    '{% generation %}a{% set x = 1 %}{{ x }}{% endgeneration %}{{ x is defined }}',
    "{% print n, s %}{% print 'a' %}",
    '{% if n: %}a{% elif yes: %}b{% else: %}c{% endif %}',
    '{% for größe in xs %}{{ größe }}{% endfor %}{% set 名 = 1 %}{{ 名 }}{{ ünknown is defined }}',
    '{% set ns = namespace(n=0) %}{% macro add(k) %}{% set ns.n = ns.n + k %}{% endmacro %}{{ add(2) }}{{ add(3) }}{{ ns.n }}',
    "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns['b'] }}",
    '{% set n.x = 1 %}',
    '{% set missing.x = 1 %}',
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}",
    "{% set j = joiner(', ') %}{% for x in xs %}{{ j() }}{{ x }}{% endfor %}{% set k = joiner() %}{{ k() }}{{ k() }}",
    "{% if 'nope' is filter %}{{ n | nope }}{% endif %}ok",
    '{% if yes %}{{ n | nope }}{% endif %}',
    "{{ n | nope if no else 'ok' }}",
    '{{ nope() }}',
    '{% if no %}{{ nope() }}{% endif %}ok',
    '{{ d.nope() }}',
    "{{ 'a'.b.c }}",
    'a{# x #}b{#- y -#} c {#+ z +#}\n d',
    '  {%- raw -%} {{ x }} {%- endraw -%}  a',
    '{% raw %}\n  {{ x }}\n  {% endraw %}\nb',
    '{%+ if yes %}a{%+ endif %}',
    '{% raw %}{% if %}{%+ endraw %}x',
    '  {%- if yes -%}\n\n  x\n\n  {%- endif -%}  y',
    '\n{{ n }}\n\n',
    '{{ n }}  \n  {% if yes %}  \n  a{% endif %}',
    "{{- '  a  ' -}}  b",
    '{% if yes -%} a {%- else -%} b {%- endif %} c',
    '\xa0{%- if yes -%}\u2003x{% endif %}',
    '{{ \'{{\' }}{{ \'%}\' }}{{ "{#" }}',
    "{{ 'a\\\nb' }}{{ '\\x41\\u00e9\\t\\q\\0' }}",
    "{{ {'a': {'b': [1, {'c': 2}]}}['a'].b[1].c }}",
    "{{ [1,2,][1] }}{{ {'a': 1,}.a }}{{ (1,)[0] }}{{ 'x'if yes else'y' }}",
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
    + [_output(e) for e in _split(MORE_TESTS, " ;; ")] + STATEMENTS \
    + [_output(e) for e in _split(MORE_EXPRESSIONS, " ;; ")] + [_output(e) for e in _split(MORE_FILTERS, " ;; ")] \
    + MORE_STATEMENTS
CASES = [(template, _used(template)) for template in dict.fromkeys(_TEMPLATES)]
