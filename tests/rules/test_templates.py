"""Chat templates of the usual kinds are silent; every way that leads out of one is found."""

import json
import time

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.rules.templates import MAX_TEMPLATE, reaches
from tests import made

USUAL = {
    "plain": "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] }}{% endfor %}",
    "alternating": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}{{ '[INST] ' + message['content'].strip() + ' [/INST]' }}{% endfor %}",
    "with a namespace": "{%- set ns = namespace(found=false, last=messages|length - 1) -%}{%- for m in messages[::-1] -%}"
    "{%- set i = (messages|length - 1) - loop.index0 -%}{%- if ns.found and m.role == 'user' -%}{%- set ns.last = i -%}"
    "{%- endif -%}{%- endfor -%}",
    "with tools": "{%- if tools %}{{- '# Tools\\n<tools>' }}{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson(indent=4) }}"
    '{%- endfor %}{{- \'</tools>{"name": <function-name>, "arguments": <args-json-object>}\' }}{%- endif %}',
    "with a macro": "{%- macro render(message) -%}{%- if message.content is string -%}{{ message.content|trim }}{%- else -%}"
    "{%- for item in message['content'] -%}{%- if item['type'] == 'text' -%}{{ item['text'] }}{%- endif -%}{%- endfor -%}"
    "{%- endif -%}{%- endmacro -%}{{ render(messages[0]) }}",
    "with a date": "{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = strftime_now('%d %b %Y') %}"
    "{%- else %}{%- set date_string = '26 Jul 2024' %}{%- endif %}{%- endif %}{{ 'Today: ' + date_string }}",
    "with thinking": "{%- if '</think>' in content %}{%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}"
    "{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}",
    "with mappings": "{%- set names = {'a': 'x', 'b': {'c': 1}} -%}{{ names['b']['c'] }}{%- for key, value in names.items() -%}{{ key }}{%- endfor -%}",
    "with filters": "{{ messages | selectattr('role', 'equalto', 'system') | map(attribute='content') | join('\\n') | replace('a', 'b') | upper }}",
    "with code as text": "{{ 'def __init__(self):\\n    self.__class__.__name__\\nimport os' }}import __builtins__ {% raw %}{{ x.__class__ }}{% endraw %}",
    "with code in a remark": "{# x.__class__ and {% include 'y' %} #}{{ messages[0].content }}",
    "with names that begin low": "{{ message._role }}{% set _x = 1 %}{{ _x }}{% for _ in range(3) %}{% endfor %}",
    "with marks of its own": "{{ '__start__' if false else '__END__' }}{{ '<__user__>' }}{{ \"\\n__\" }}",
    "with a generation block": "{% generation %}{{ message.content }}{% endgeneration %}{% break %}",
    "with texts put together": "{{ '<|' + '__' ~ role + '__' + '|>' }}{{ '{a}' ~ '.x' }}{{ '%s: %s' | format('__a', 'b__') }}",
    "with lists": "{{ ['a', 'b'] | join('__') }}{% if x in ['__a'] %}{% endif %}{{ {'a': 1}[x] }}",
}


@pytest.mark.parametrize("template", USUAL.values(), ids=USUAL)
def test_a_usual_template_is_silent(template):
    assert list(reaches(template)) == []


ESCAPES = {  # from published advisories and collections of such payloads, none of them ever rendered
    "the classic": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "by a helper": "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "by another helper": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "by the template": "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('id') }}",
    "by namespace": "{{ namespace.__init__.__globals__.os.popen('id').read() }}",
    "by a function of transformers": "{{ raise_exception.__globals__ }}",
    "by strftime_now": "{% set x = strftime_now.__globals__['__builtins__'] %}",
    "as a key": "{{ messages['__class__'] }}",
    "as a key with escapes": "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "as a key with unicode": "{{ ''['\\u005f\\u005fclass\\u005f\\u005f'] }}",
    "as a key in octal": "{{ ''['\\137\\137class\\137\\137'] }}",
    "as a key by name": "{{ ''['\\N{LOW LINE}\\N{LOW LINE}class\\N{LOW LINE}\\N{LOW LINE}'] }}",
    "as a key in pieces": "{{ ''['__cla' ~ 'ss__'] }}",
    "as a key joined": "{{ ''[['__cla', 'ss__'] | join] }}",
    "by attr": "{{ '' | attr('__class__') }}",
    "by attr in pieces": "{{ ''|attr('__cl' + 'ass__') }}",
    "by map": "{{ [''] | map(attribute='__class__') | list }}",
    "through a variable": "{% set a = '__class__' %}{{ ''|attr(a) }}",
    "by its name alone": "{{ __builtins__ }}",
    "by import": "{{ __import__('os').system('id') }}",
    "by a frame": "{{ x.gi_frame.f_back.f_globals }}",
    "by an error's frame": "{{ x['tb_frame'] }}",
    "in a condition": "{% if ''.__class__ %}{% endif %}",
    "in a loop": "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "over lines": "{{ ''\n.\n__class__ }}",
    "with white space control": "{%- set x = ''.__class__ -%}",
    "after a raw block": "{% raw %}{{ no }}{% endraw %}{{ ''.__class__ }}",
    "after a remark": "{# }} {{ #}{{ ''.__class__ }}",
    "never closed": "{{ ''.__class__ ",
    "in a macro": "{% macro m(x=''.__class__) %}{% endmacro %}",
    "as a key in small pieces": "{{ ''['_' ~ '_cla' + ('ss_') ~ '_'] }}",
    "as a key of texts in a row": "{{ ''['_' '_class' '__'] }}",
    "through a variable in pieces": "{% set a = '_' ~ '_class_' ~ '_' %}{{ ''[a] }}",
    "by map in pieces": "{{ [''] | map(attribute='_' ~ '_class__') | list }}",
    "by sort in pieces": "{{ [''] | sort(attribute='_' ~ '_class__') }}",
    "in a format": "{{ '{0.__class__}'.format('') }}",
    "in a format in pieces": "{{ ('{0[x]._' ~ '_class__.__mro__}').format('') }}",
    "in a filter's argument": "{{ x | default(''.__class__) }}",
}


@pytest.mark.parametrize("template", ESCAPES.values(), ids=ESCAPES)
def test_what_reaches_python_is_found(template):
    assert any(reach.is_internal for reach in reaches(template))


@pytest.mark.parametrize("template", ["{{" * 60_000, "{{ " + "(" * 60_000, "{{'" * 40_000])
def test_brackets_that_are_never_closed_cost_their_number_once(template):
    started = time.process_time()
    list(reaches(template))
    assert time.process_time() - started < 5  # it was 200 s where each looked at all around it


DOUBTFUL = {
    "attr with a computed name": "{{ x | attr(y) }}",
    "attr from characters": "{{ x|attr('%c%c'|format(95, 95)) }}",
    "a key from characters": "{{ x['%c%cclass%c%c'|format(95,95,95,95)] }}",
    "a key turned round": "{{ x['ssalc'|reverse] }}",
    "a key put together": "{{ x[''.join(y)] }}",
    "include": "{% include 'other' %}",
    "import": "{%- import 'other' as o -%}",
    "from": "{% from 'other' import x %}",
    "extends": "{% extends x %}",
    "a helper that leads out": "{{ lipsum() }}",
    "another helper": "{% set c = cycler('a') %}",
}


@pytest.mark.parametrize("template", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_no_chat_needs_is_doubtful_and_no_error(template):
    found = list(reaches(template))
    assert found
    assert not any(reach.is_internal for reach in found)


EVIL = ESCAPES["the classic"]
HOLDERS = {
    "tokenizer_config.json": {"chat_template": EVIL},
    "processor_config.json": {"chat_template": EVIL},
    "chat_template.json": {"chat_template": EVIL},
    "sub/tokenizer_config.json": {
        "chat_template": [{"name": "default", "template": "x"}, {"name": "b", "template": EVIL}]
    },
    "x/tokenizer_config.json": {"chat_template": {"default": EVIL}},
    "chat_template.jinja": EVIL,
    "additional_chat_templates/tool_use.jinja": "hello\n" + EVIL,
}


def findings(folder):
    return check(Bundle.open(folder), Settings(("SEC010", "SEC011")), isolate=False).findings


@pytest.mark.parametrize(("file", "content"), HOLDERS.items(), ids=HOLDERS)
def test_templates_are_found_wherever_they_are_kept(tmp_path, file, content):
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(content if isinstance(content, str) else json.dumps(content))
    (found,) = findings(tmp_path)
    assert found.code == "SEC010"
    assert found.spans[0].file == file
    if file.endswith("tool_use.jinja"):
        assert (found.spans[0].line, found.spans[0].column) == (2, 7)


def test_templates_in_gguf_are_found(tmp_path):
    metadata = {"general.architecture": "llama", "tokenizer.chat_template.tool_use": EVIL}
    (tmp_path / "m.gguf").write_bytes(made.gguf({"metadata": metadata, "tensors": []}, 0))
    assert [found.code for found in findings(tmp_path)] == ["SEC010"]


def test_a_template_too_long_to_be_looked_into_is_told(tmp_path):
    (tmp_path / "chat_template.jinja").write_text("x" * (MAX_TEMPLATE + 1))
    (found,) = findings(tmp_path)
    assert (found.code, "not looked into" in found.message) == ("SEC010", True)


def test_the_template_of_every_checkpoint_is_looked_into_where_it_is_the_same(tmp_path):
    for step in range(300):
        (tmp_path / f"checkpoint-{step}").mkdir()
        text = json.dumps({"chat_template": "{# " + "x" * 10_000 + " #}"})
        (tmp_path / f"checkpoint-{step}" / "tokenizer_config.json").write_text(text)
    assert findings(tmp_path) == ()


@pytest.mark.parametrize("value", [None, 7, [], [None], [{"name": 7}], [{"template": 7}], {"a": 7}, ""])
def test_templates_of_other_types_are_passed_over(tmp_path, value):
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": value}))
    assert findings(tmp_path) == ()
