"""The whole corpus by kind: what each technique is called, where it is known from, its file name and bytes."""

from tests.pickles.containers import containers
from tests.pickles.gadgets import gadgets
from tests.pickles.streams import streams

# Containers that harm whoever unpacks them; scanners of pickles do not claim to find these.
UNPACKING = {"escaping_name", "absolute_name", "escaping_link", "escaping_link_in_zip", "bomb_of_overlaps"}


def malicious():
    """(kind, technique, source, file name, bytes) of each; nothing of it may ever be loaded."""
    for kind, family in (("gadget", gadgets), ("stream", streams), ("container", containers)):
        for technique, source, name, raw in family():
            yield "unpacking" if technique in UNPACKING else kind, technique, source, name, raw
