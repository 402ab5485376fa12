"""Templates are cut as Jinja cuts them: its own lexer is the judge."""

import jinja2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from auditor.readers.jinja import tokens


def ours(template):
    kinds = ("name", "string", "number")
    return [(token.kind, token.text) for token in tokens(template) if token.kind in kinds]


def theirs(template):
    """What Jinja's parser is given, in our words; None where it refuses the template."""
    kinds = {"name": "name", "string": "string", "integer": "number", "float": "number"}
    try:
        found = jinja2.Environment().lexer.tokenize(template)
        return [(kinds[token.type], token.value) for token in found if token.type in kinds]
    except jinja2.TemplateError:
        return None


def same(template):
    expected = theirs(template)
    if expected is None:
        return True
    met = ours(template)
    return [each for each in met if each[0] != "number"] == [each for each in expected if each[0] != "number"]


TEMPLATES = [
    "",
    "text only { } % # }} %}",
    "{{ a.b['c'] }}{%- if x -%}y{%+ endif %}",
    "{# {{ no }} #}{{ yes }}",
    "{% raw %}{{ no }}{% endraw %}{{ yes }}",
    "{%- raw -%}{{ no }}{%- endraw -%}{{ yes }}",
    "{% raw %}{{ no }}{% endra %}{{ no }}",
    "{{ '}}' }}{{ \"%}\" }}{{ '{%' }}",
    "{{ {'a': {'b': 1}} }}{{ x }}",
    "{% set x = {'a': 1} %}{{ x }}",
    "{{ 'it\\'s' ~ \"\\\"\" ~ '\\n' ~ '\\x5f' ~ '\\u005f' }}",
    "{{ a }} {{ b",
    "{{ 'open",
    "{% if a",
    "{{ a -}} {{- b }}",
    "{{ 1 + 2.5 - 1e5 }}",
    "{{ é }}{{ 'é' }}",
    "{{ a\n.b\n['c'] }}",
    "{{ [1, (2, {3: 4})] }}{{ x }}",
    "{{ a %}{{ b }}",
    "{# open {{ a }}",
    "{{{a}}}",
    "{{ a }}}}",
    r"""{{ '\137\x5f\u005f\U0000005f\N{LOW LINE}\q\9\'' ~ "a\
b" }}""",
    r"{{ '\x5' }}{{ '\N{NO SUCH}' }}{{ '\U99999999' }}{{ '\u12' }}",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_code_is_cut_as_jinja_cuts_it(template):
    assert same(template)


def test_a_token_tells_where_it_stands():
    found = [(token.text, token.offset) for token in tokens("ab{{ c.d }}\n{% e %}")]
    assert found == [("{{", 2), ("c", 5), (".", 6), ("d", 7), ("}}", 9), ("{%", 12), ("e", 15), ("%}", 17)]


def test_what_is_never_closed_is_code_to_the_end():
    assert ours("{{ a.b [ 'c'") == [("name", "a"), ("name", "b"), ("string", "c")]


PIECES = [
    *(
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "-",
        "{% raw %}",
        "{% endraw %}",
        "{",
        "}",
        "%",
        "[",
        "]",
        "(",
        ")",
    ),
    *("'", '"', "\\", "a", "__class__", ".", "|", " ", "\n", "1", "é", "if", "\0"),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("{{ '\\")
@example("{%raw%}")
def test_no_template_raises_or_is_cut_otherwise_than_by_jinja(template):
    assert same(template)
    assert all(template.find(token.text[:1]) >= 0 or token.kind == "string" for token in tokens(template))


@settings(deadline=None)
@given(st.text())
def test_no_text_raises(template):
    assert isinstance(list(tokens("{{" + template)), list)


@pytest.mark.parametrize(
    "piece",
    ["{{", "{%", "{#", "{{ '", "{{ a }}", "{{ '\\", "{{ (", "{% raw %}", "{{'" + "\\'", "{{ a|b(", "a"],
)
def test_a_megabyte_of_anything_ends(piece):
    count = sum(1 for _ in tokens(piece * (2**20 // len(piece))))
    assert count <= 2**21
