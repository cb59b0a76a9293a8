"""What a template's text may hold, and that nothing gets out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.comms import sandbox
from psfir.errors import UsageError

FIELDS = {"name": False, "items": True, "flag": False}

ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ name|attr('__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner }}",
    "{{ namespace() }}",
    "{{ '%s' % name }}",
    "{{ '{0.__class__}'.format(name) }}",
    "{{ name ~ name }}",
    "{{ name * 1000000000 }}",
    "{{ range(1000000000) }}",
    "{% for x in range(10) %}{% endfor %}",
    "{% for x in name %}{{ x }}{% endfor %}",
    "{% for x in items recursive %}{{ loop(x) }}{% endfor %}",
    "{% for x in items %}{% for y in items %}{% endfor %}{% endfor %}",
    "{% for x in items if x %}{% endfor %}",
    "{% for name in items %}{% endfor %}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends name %}",
    "{% macro m() %}{% endmacro %}",
    "{% set x = name %}",
    "{% call name() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% block b %}{% endblock %}",
    "{% if name is defined %}{% endif %}",
    "{% if name == 'a' %}{% endif %}",
    "{{ [name] }}",
    "{{ {'a': name} }}",
    "{{ name if flag else items }}",
    "{{ config }}",
    "{{ request }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_the_known_ways_out_are_closed(text: str) -> None:
    """Each is told before anything is rendered."""
    assert sandbox.faults(text, FIELDS)


@pytest.mark.parametrize("text", ESCAPES)
def test_they_are_closed_a_second_time(text: str) -> None:
    """Rendered all the same, none of them gives anything but an error, and none takes long."""
    try:
        said = sandbox.render(text, {"name": "n", "items": ["a"], "flag": True}, longest=1000)
    except (UsageError, TypeError, MemoryError, OverflowError):
        return
    assert "class" not in said
    assert "root:" not in said
    assert len(said) <= 1000


def test_what_fills_a_field_is_text_and_nothing_else() -> None:
    """A value that looks like a template is not run."""
    said = sandbox.render("{{ name }}", {"name": "{{ items }}{% for x in items %}"})
    assert said == "{{ items }}{% for x in items %}"


def test_what_is_missing_is_an_error() -> None:
    """Never an empty place in a message."""
    with pytest.raises(UsageError, match="'name' is undefined"):
        sandbox.render("{{ name }}", {})


def test_it_has_a_bound() -> None:
    """However long the list."""
    with pytest.raises(UsageError, match="beyond 100 characters"):
        sandbox.render("{% for x in items %}{{ x }}{% endfor %}", {"items": ["0123456789"] * 11}, longest=100)


def test_text_fields_if_and_for_are_all_there_is() -> None:
    """And they do what one expects."""
    text = "Hi {{ name }}\n{% for x in items %}\n- {{ x }}\n{% endfor %}\n"
    text += "{% if not flag %}\nno\n{% else %}\nyes\n{% endif %}\n"
    assert sandbox.faults(text, FIELDS) == []
    assert sandbox.names(text) == {"name", "items", "flag"}
    assert sandbox.render(text, {"name": "you", "items": ["a", "b"], "flag": True}) == "Hi you\n- a\n- b\nyes\n"


def test_a_slip_is_told_with_its_line_and_what_was_meant() -> None:
    """All of them at once."""
    found = sandbox.faults("{{ name }}\n{{ nmae }}\n\n{{ itmes }}", FIELDS)
    assert [(fault.line, fault.says.partition(";")[2].strip()) for fault in found] == [
        (2, "did you mean name?"),
        (4, "did you mean items?"),
    ]


@given(st.text(alphabet="{}%ab name.|[]()'\"-#\n", max_size=60))
def test_any_text_is_sound_or_told(text: str) -> None:
    """What is taken renders to its end; what is not has a sentence."""
    if not sandbox.faults(text, {"name": False, "a": False, "b": False}):
        assert isinstance(sandbox.render(text, {"name": "n", "a": "a", "b": ""}), str)
