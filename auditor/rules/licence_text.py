"""Which licence a text is, told from its title and first sentences."""

from __future__ import annotations

import re
from collections.abc import Collection

# Phrases that must all stand in the beginning of the text, in lower case with single spaces; the one that
# begins first wins, and of two that begin alike the upper row, so that narrower licences stand above wider.
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("agpl-3.0", ("gnu affero general public license", "version 3")),
    ("lgpl-3.0", ("gnu lesser general public license", "version 3, 29 june 2007")),
    ("lgpl-2.1", ("gnu lesser general public license", "version 2.1")),
    ("gpl-3.0", ("gnu general public license", "version 3, 29 june 2007")),
    ("gpl-2.0", ("gnu general public license", "version 2, june 1991")),
    ("lgpl-2.0", ("gnu library general public license", "version 2, june 1991")),
    ("mpl-2.0", ("mozilla public license version 2.0",)),
    ("mpl-1.1", ("mozilla public license version 1.1",)),
    ("epl-2.0", ("eclipse public license - v 2.0",)),
    ("epl-1.0", ("eclipse public license - v 1.0",)),
    ("eupl-1.2", ("european union public licence v. 1.2",)),
    ("bsl-1.0", ("boost software license - version 1.0",)),
    ("artistic-2.0", ("the artistic license 2.0",)),
    ("afl-3.0", ('academic free license ("afl") v. 3.0',)),
    ("ofl-1.1", ("sil open font license version 1.1",)),
    ("ms-pl", ("microsoft public license (ms-pl)",)),
    ("wtfpl", ("do what the fuck you want to public license",)),
    ("zlib", ("altered source versions must be plainly marked as such", "provided 'as-is'")),
    ("apache-2.0", ("apache license", "version 2.0, january 2004")),
    ("mit", ("permission is hereby granted, free of charge, to any person obtaining a copy", "deal in the")),
    ("mit-0", ("mit no attribution", "permission is hereby granted, free of charge")),
    ("bsd-3-clause-clear", ("the clear bsd license", "redistribution and use in source and binary forms")),
    ("bsd-3-clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("bsd-2-clause", ("redistribution and use in source and binary forms", "provided that the following")),
    ("isc", ("permission to use, copy, modify, and/or distribute this software for any purpose",)),
    ("unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("cc0-1.0", ("cc0 1.0 universal",)),
    ("cc-by-nc-nd-4.0", ("attribution-noncommercial-noderivatives 4.0 international",)),
    ("cc-by-nc-sa-4.0", ("attribution-noncommercial-sharealike 4.0 international",)),
    ("cc-by-nc-4.0", ("attribution-noncommercial 4.0 international",)),
    ("cc-by-nd-4.0", ("attribution-noderivatives 4.0 international",)),
    ("cc-by-sa-4.0", ("attribution-sharealike 4.0 international",)),
    ("cc-by-4.0", ("attribution 4.0 international",)),
    ("cc-by-sa-3.0", ("attribution-sharealike 3.0 unported",)),
    ("cc-by-3.0", ("attribution 3.0 unported",)),
    ("odbl-1.0", ("open database license",)),
    ("odc-by-1.0", ("open data commons attribution license",)),
    ("pddl-1.0", ("public domain dedication and license", "open data commons")),
    ("cdla-permissive-2.0", ("community data license agreement - permissive - version 2.0",)),
    ("cdla-permissive-1.0", ("community data license agreement - permissive - version 1.0",)),
    ("cdla-sharing-1.0", ("community data license agreement - sharing - version 1.0",)),
    ("bigscience-bloom-rail-1.0", ("bigscience rail license v1.0",)),
    ("bigscience-openrail-m", ("bigscience open rail-m license",)),
    ("bigcode-openrail-m", ("bigcode open rail-m v1",)),
    ("bigcode-openrail-m", ("bigcode openrail-m v1",)),
    ("openrail++", ("creativeml open rail++-m license",)),
    ("creativeml-openrail-m", ("creativeml open rail-m",)),
    ("openmdw-1.0", ("openmdw license agreement, version 1.0",)),
    ("openmdw-1.1", ("openmdw license agreement, version 1.1",)),
    ("mrl-0.1", ("mistral ai research license",)),
    ("mnpl-0.1", ("mistral ai non-production license",)),
    ("falcon-180b", ("falcon 180b tii license",)),
    ("llama2", ("llama 2 community license agreement",)),
    ("llama3", ("meta llama 3 community license agreement",)),
    ("llama3.1", ("llama 3.1 community license agreement",)),
    ("llama3.2", ("llama 3.2 community license agreement",)),
    ("llama3.3", ("llama 3.3 community license agreement",)),
    ("llama4", ("llama 4 community license agreement",)),
    ("gemma", ("gemma terms of use",)),
)


_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u201c\u201d\u2018\u2019", "-----\"\"''")


# Licences whose texts begin alike, or of which one is shipped with the text of the other.
_KIN = (
    frozenset({"mit", "mit-0", "x11"}),
    frozenset({"isc", "0bsd"}),
    frozenset({"bsd", "bsd-3-clause", "bsd-3-clause-clear", "bsd-4-clause"}),
    frozenset({"lgpl-3.0", "gpl-3.0"}),  # the lesser one is written as additions to the other
    frozenset(
        {"openrail", "openrail++", "creativeml-openrail-m", "bigscience-openrail-m", "bigcode-openrail-m"}
        | {"bigscience-bloom-rail-1.0"}
    ),
)


def may_be(found: str, named: Collection[str]) -> bool:
    """Whether a text that was recognised as one licence may be that of one of those named."""
    return found in named or any(found in kin and not kin.isdisjoint(named) for kin in _KIN)


def recognised(text: str) -> str:
    """The identifier, in the hub's lower case, of the licence that begins this way; empty if unknown."""
    plain = re.sub(r"[\s*#_>=]+", " ", text).lower().translate(_DASHES)
    found = [
        (plain.index(phrases[0]), row, identifier)
        for row, (identifier, phrases) in enumerate(_PHRASES)
        if all(phrase in plain for phrase in phrases)
    ]
    return min(found)[2] if found else ""
