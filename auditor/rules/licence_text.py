"""Which licence a text is, told from its title and first sentences."""

from __future__ import annotations

import re

# Phrases that must all stand in the beginning of the text, in lower case with single spaces; the one that
# begins first wins, and of two that begin alike the upper row, so that narrower licences stand above wider.
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("agpl-3.0", ("gnu affero general public license", "version 3")),
    ("lgpl-3.0", ("gnu lesser general public license", "version 3, 29 june 2007")),
    ("lgpl-2.1", ("gnu lesser general public license", "version 2.1")),
    ("gpl-3.0", ("gnu general public license", "version 3, 29 june 2007")),
    ("gpl-2.0", ("gnu general public license", "version 2, june 1991")),
    ("mpl-2.0", ("mozilla public license version 2.0",)),
    ("apache-2.0", ("apache license", "version 2.0, january 2004")),
    ("mit", ("permission is hereby granted, free of charge, to any person obtaining a copy", "deal in the")),
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
    ("odbl-1.0", ("open database license",)),
    ("llama2", ("llama 2 community license agreement",)),
    ("llama3", ("meta llama 3 community license agreement",)),
    ("llama3.1", ("llama 3.1 community license agreement",)),
    ("llama3.2", ("llama 3.2 community license agreement",)),
    ("llama3.3", ("llama 3.3 community license agreement",)),
    ("llama4", ("llama 4 community license agreement",)),
    ("gemma", ("gemma terms of use",)),
)


def recognised(text: str) -> str:
    """The identifier, in the hub's lower case, of the licence that begins this way; empty if unknown."""
    plain = re.sub(r"[\s*#_>]+", " ", text).lower()
    found = [
        (plain.index(phrases[0]), row, identifier)
        for row, (identifier, phrases) in enumerate(_PHRASES)
        if all(phrase in plain for phrase in phrases)
    ]
    return min(found)[2] if found else ""
