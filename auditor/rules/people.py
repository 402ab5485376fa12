"""Personal data in the tables that a release ships: one finding a file, and no value shown whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Place, Span
from auditor.readers.text import shown
from auditor.rules.registry import rule
from auditor.rules.texts import is_text

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.tables import Tables

_LEAST_ADDRESSES = 3  # different IP addresses of one file; fewer may be versions or numbers of sections
_HELP = "remove it, or replace each value by one made up, and say so in the card"


@rule("PRV003", level="warning", needs=("tables", "bundle"), certainty="likely", since="2026.2")
def email_addresses_in_data(tables: Tables, bundle: Bundle) -> Iterator[Fault]:
    r"""A large or packed table of data holds e-mail addresses.

    Why: Addresses are personal data; whoever ships them needs a reason in law, and models repeat them.
    Bad:
        # data/letters.csv.gz, as bytes
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03+I\xad(\xe1\xcaH\xcd\xc9\xc9W\xc8J\xccK\xd5K\xc9OuH"
        b"\xcfM\xcc\xcc\xd1K\xce\xcf\xe5\x02\x00;o{U\x1e\x00\x00\x00"
    Good:
        # data/letters.csv, whole file
        text
        hello [address removed]
    Fix: Remove them. In smaller tables PRV001 tells each.
    Source: Regulation (EU) 2016/679, article 4(1).
    """
    for path in tables.files:
        file = bundle.file(path)
        if file is not None and not is_text(file):
            yield from _told(tables, path, "e-mail address", "e-mail addresses")
    tables.told(tables.files)


@rule("PRV004", level="warning", needs="tables", certainty="likely", since="2026.2")
def phone_numbers_in_data(tables: Tables) -> Iterator[Fault]:
    """A table of data holds phone numbers.

    Why: They are personal data; whoever ships them needs a reason in law, and models repeat them.
    Bad:
        # data/train.csv, whole file
        text,label
        call me at +49 30 901820 91 tonight,0
        a fine film,1
    Good:
        # data/train.csv, whole file
        text,label
        call me at +1 415 555 0123 tonight,0
        a fine film,1
    Fix: Remove them. Looked for: numbers written with a country's code, or as in North America with the area
        in brackets; those with 555, which belong to nobody, are left out.
    Source: Regulation (EU) 2016/679, article 4(1); ITU-T E.123.
    """
    for path in tables.files:
        yield from _told(tables, path, "phone number", "phone numbers")
    tables.told(tables.files)


@rule("PRV005", level="warning", needs="tables", certainty="likely", since="2026.2")
def accounts_in_data(tables: Tables) -> Iterator[Fault]:
    """A table of data holds numbers of bank accounts or of payment cards, whose check digits are right.

    Why: With them and a name money can be taken; hardly any use of data needs them.
    Bad:
        # data/train.csv, whole file
        text,label
        please pay to DE89 3704 0044 0532 0130 00 by friday,0
        a fine film,1
    Good:
        # data/train.csv, whole file
        text,label
        please pay to DE00 1234 5678 9012 3456 78 by friday,0
        a fine film,1
    Fix: Remove them. Looked for: IBANs, and cards written in groups; those that payment services publish
        for tests are left out.
    Source: ISO 13616-1 (MOD 97-10), ISO/IEC 7812-1 annex B (Luhn).
    """
    for path in tables.files:
        yield from _told(tables, path, "IBAN", "IBANs")
        yield from _told(tables, path, "card number", "card numbers")
    tables.told(tables.files)


@rule("PRV006", level="note", needs="tables", certainty="hint", since="2026.2")
def ip_addresses_in_data(tables: Tables) -> Iterator[Fault]:
    """A table of data holds public IP addresses.

    Why: Who had an address at a time can often be found out, so that it may be personal data.
    Bad:
        # data/train.csv, whole file
        text,label
        login from 81.169.145.78,0
        login from 93.184.216.34,0
        login from 151.101.65.140,1
    Good:
        # data/train.csv, whole file
        text,label
        login from 203.0.113.7,0
        login from 203.0.113.8,0
        login from 203.0.113.9,1
    Fix: Remove them, or cut off their last number. Private and reserved addresses are left out, and files
        with fewer than three.
    Source: Court of Justice of the European Union, C-582/14 (Breyer).
    """
    for path in tables.files:
        yield from _told(tables, path, "IP address", "IP addresses", _LEAST_ADDRESSES)
    tables.told(tables.files)


def _told(tables: Tables, path: str, kind: str, several: str, least: int = 1) -> Iterator[Fault]:
    """The finding on one kind of one file, where it holds as many different ones."""
    trace = tables.scan(path).traces.found.get(kind)
    if trace is not None and len(trace.distinct) >= least:
        count = len(trace.distinct)
        what = (
            f"{'an' if kind[0] in 'eI' else 'a'} {kind}" if count == 1 else f"{count:,} different {several}"
        )
        yield Place(path, span=Span(path, trace.line)).says(
            f"`{shown(path)}` holds {what}, the first (`{shown(trace.masked, 40)}`) on line {trace.line:,}",
            help=_HELP,
        )
