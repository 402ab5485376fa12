"""Personal data in tables: each kind is found, what only looks like it is not, and nothing is shown whole."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.rules.traces import Traces, is_iban, masked, passes_luhn

PUBLISHED = ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR14 2004 1010 0505 0001 3M02 606"]


def found(*lines):
    traces = Traces()
    traces.take([line + "\n" for line in lines])
    traces.look()
    return {kind: (trace.line, len(trace.distinct)) for kind, trace in traces.found.items()}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to jane.doe@gmail.com", "e-mail address"),
        ("call +49 30 901820 now", "phone number"),
        ("call +1 (212) 736-5000", "phone number"),
        ("call +44 20 7946 0018", "phone number"),
        ("call (212) 736-5000", "phone number"),
        *((text, "IBAN") for text in PUBLISHED),
        ("paid with 4539 1488 0343 6467", "card number"),
        ("paid with 3714-496353-98434", ""),  # the check digit is wrong
        ("paid with 4111 1111 1111 1111", ""),  # of the tests of payment services
        ("4539148803436467", ""),  # an identifier
        ("DE88 3704 0044 0532 0130 00", ""),
        ("+1 415 555 0123", ""),
        ("a+1 23 45 67 89", ""),
        ("1+49 30 901820", ""),
        ("call +33.1.42.68.53.00", ""),
        ("call +33.14.26.85.30", "phone number"),
        ("+123456.789012", ""),
        ("+1980-02-29 01", ""),
        ("1234 4539 1488 0343 6467 12", ""),  # one of many numbers
        ("+0.123 -4.5 +6.78", ""),
        ("10.0.0.1 and 192.168.1.77 and 127.0.0.1", ""),
        ("version 1.2.3.4", ""),
        ("81.169.145.78", "IP address"),
        ("999.169.145.78", ""),
        ("git@github.com noreply@x.org a@example.org", ""),
        ("2024-01-02 10:20:30, 1 234 567 890", ""),
    ],
)
def test_each_kind_is_known_and_what_resembles_it_is_not(text, kind):
    assert set(found(text)) == ({kind} if kind else set())


def test_the_line_of_the_first_and_the_number_of_different_ones_are_told():
    assert found("x", "a@b.org c@b.org", "a@b.org") == {"e-mail address": (2, 2)}


def test_blocks_do_not_shift_lines():
    traces = Traces()
    for _ in range(50):
        traces.take(["x" * 2_000 + "\n"] * 3)
    traces.take(["jane@b.org\n"])
    traces.look()
    assert traces.found["e-mail address"].line == 151


@pytest.mark.parametrize("text", PUBLISHED)
def test_nothing_is_shown_whole(text):
    shown = masked(text)
    assert shown[:3] == text[:3]
    assert not any(char.isalnum() for char in shown[3:])


@settings(max_examples=50)
@given(st.integers(0, 10**17), st.sampled_from(["DE", "GB", "FR", "NL"]))
def test_check_digits_of_an_iban_are_those_that_leave_one(number, country):
    body = f"{number:018d}"
    digits = next(d for d in range(2, 99) if is_iban(f"{country}{d:02d}{body}"))
    assert not is_iban(f"{country}{digits:02d}{(number + 1) % 10**18:018d}")


@pytest.mark.parametrize("number", ["79927398713", "4539148803436467", "378282246310005"])
def test_one_wrong_digit_fails_luhn(number):
    assert passes_luhn(number)
    for place, digit in enumerate(number):
        assert not passes_luhn(number[:place] + str((int(digit) + 1) % 10) + number[place + 1 :])


@pytest.mark.parametrize("seed", range(5))
def test_tables_of_numbers_hold_no_people(seed):
    rng = random.Random(seed)
    rows = [
        ",".join(f"{rng.gauss(0, 10 ** rng.randint(0, 6)):+.{rng.randint(0, 6)}f}" for _ in range(9))
        for _ in range(500)
    ]
    rows += [" ".join(str(rng.randrange(10**4)) for _ in range(12)) for _ in range(100)]
    rows += [f"{rng.randrange(10**16)},{rng.randrange(10**12)},{rng.random()}" for _ in range(300)]
    assert found(*rows) == {}


def test_a_file_has_one_finding_of_a_kind_and_does_not_show_it(findings, good):
    (good / "data" / "train.csv").write_text(
        "text,label\n" + "".join(f"call +49 30 9018{i:04d},0\n" for i in range(99))
    )
    (finding,) = (one for one in findings("") if one.code == "PRV004")
    assert finding.message.startswith("`data/train.csv` holds 99 different phone numbers, the first (`+49 ··")
    assert finding.spans[0].line == 2


def test_addresses_in_small_tables_are_told_once(findings, good):
    (good / "data" / "train.csv").write_text("text,label\njane.doe@gmail.com,0\n")
    assert [one.code for one in findings("") if one.code.startswith("PRV")] == ["PRV001"]
