"""What a model card tells beyond the four subjects that everybody needs.

Only a card that has sections on these four (CARD102) is asked for more, and only in an audit: an honest
snapshot that is documented by a paragraph is not flooded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument
    from auditor.rules.sections import Sections

_CITED = ("@article{", "@inproceedings{", "@misc{", "@techreport{", "@software{", "@phdthesis{", "@book{")


@rule(
    "CARD108",
    level="note",
    needs=("card", "sections"),
    klass="unsupported",
    certainty="hint",
    after=("CARD102",),
    since="2026.2",
)
def no_section_on_misuse(card: MarkdownDocument, sections: Sections) -> Iterator[Fault]:
    """The card does not say what the model is not to be used for.

    Why: Intended use alone leaves open whether anything else was thought of and ruled out.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## How to use it

            from safetensors import safe_open

            weights = safe_open("model.safetensors", "np")

        ## Limitations, training procedure and results

        It knows two digits only. It was trained by plain gradient descent on rows of the manifest, and
        measured on rows that training did not see; what came out is in the manifest too.

        ## Environment and contact

        It was trained on one core, and whoever has questions may ask the maintainers.
    Good:
        # README.md
        ## Uses that were not intended

        Anything that is decided about people.
    Fix: Add a section on uses that are out of scope, harmful or forbidden by the licence.
    Source: Mitchell et al. 2019, section 4.2, arXiv:1810.03993.
    """
    if not sections.has("out of scope"):
        yield card.at().says("no heading speaks of uses that are out of scope", help="say what it is not for")


@rule(
    "CARD109",
    level="note",
    needs=("card", "sections", "bundle"),
    klass="unsupported",
    certainty="hint",
    after=("CARD102",),
    since="2026.2",
)
def no_section_on_training(card: MarkdownDocument, sections: Sections, bundle: Bundle) -> Iterator[Fault]:
    """Neither card nor bundle says how the model was trained.

    Why: Without procedure and hyperparameters nobody can judge what the numbers cost, or train it again.
    Bad:
        # recipe.yaml, absent
        # fmaudit.yaml
        components: null
        claims: null
        # data/croissant.json
        {"rai:dataPreprocessingProtocol": "Pixels were divided by 16."}
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## How to use it, and uses that are out of scope

            from safetensors import safe_open

            weights = safe_open("model.safetensors", "np")

        ## Limitations, data and results

        It knows two digits only. It saw the rows of the manifest, and was measured on rows that were held
        back; what came out is in the manifest too.

        ## Environment and contact

        It ran on one core, and whoever has questions may ask the maintainers of this page.
    Good:
        # README.md
        ## Training procedure

        Plain gradient descent, as in the recipe.
    Fix: Add a section on procedure and hyperparameters, or ship the recipe.
    Source: the template of huggingface_hub, `Training Procedure`.
    """
    told = any(bundle.has(path) for path in ("recipe.yaml", "trainer_state.json", "training_args.bin"))
    if not told and not sections.has("training procedure"):
        yield card.at().says(
            "no heading speaks of how the model was trained", help="add procedure and hyperparameters"
        )


@rule(
    "CARD110",
    level="note",
    needs=("card", "sections"),
    klass="unsupported",
    certainty="hint",
    after=("CARD102",),
    since="2026.2",
)
def no_section_on_environment(card: MarkdownDocument, sections: Sections) -> Iterator[Fault]:
    """Neither front matter nor text says what training cost in energy or emissions.

    Why: It is asked for by the template, by transparency indices, and by law for general-purpose models.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## How to use it, and uses that are out of scope

            from safetensors import safe_open

            weights = safe_open("model.safetensors", "np")

        ## Limitations, training procedure and results

        It knows two digits only. It was trained by plain gradient descent on rows of the manifest, and
        measured on rows that training did not see; what came out is in the manifest too.

        ## Contact

        Whoever has questions may ask the maintainers.
    Good:
        # README.md
        ## Energy

        One core for a minute.
    Fix: Add a section with hardware, hours and energy, or `co2_eq_emissions` to the front matter.
    Source: Regulation (EU) 2024/1689, annex XI, section 1, 2(e); the template of huggingface_hub.
    """
    if "co2_eq_emissions" not in card.mapping() and not sections.has("environment"):
        yield card.at().says(
            "nothing is said of the energy or emissions of training", help="say hardware, hours and energy"
        )


@rule(
    "CARD111",
    level="note",
    needs="card",
    klass="unsupported",
    certainty="hint",
    after=("CARD102",),
    since="2026.2",
)
def no_code_to_start_with(card: MarkdownDocument) -> Iterator[Fault]:
    """The card shows no code that loads or runs the model.

    Why: A reader has to guess the library, the classes and the preparation of the input.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## How to use it, and uses that are out of scope

        Read the weights with the library of your choice, then give it images of one digit each.

        ## Limitations, training procedure and results

        It knows two digits only. It was trained by plain gradient descent on rows of the manifest, and
        measured on rows that training did not see; what came out is in the manifest too.

        ## Environment and contact

        It was trained on one core, and whoever has questions may ask the maintainers.
    Good:
        # README.md
        ## Start

            from pathlib import Path
    Fix: Add a few lines that load the model and run it on one input.
    Source: the template of huggingface_hub, `How to Get Started with the Model`.
    """
    shows = any(fence.text.strip() for fence in card.fences)
    indented = "\n    " in card.source or "\n\t" in card.source
    if not shows and not indented and "<code" not in card.source and "<pre" not in card.source:
        yield card.at().says("the card shows no code", help="add lines that load the model and run it once")


@rule(
    "CARD112",
    level="note",
    needs=("card", "sections", "bundle"),
    klass="unsupported",
    certainty="hint",
    after=("CARD102",),
    since="2026.2",
)
def nobody_to_cite_or_ask(card: MarkdownDocument, sections: Sections, bundle: Bundle) -> Iterator[Fault]:
    """Neither card nor bundle says whom to cite or whom to ask.

    Why: Faults that users find cannot be told to anybody, and work built on the model cannot name it.
    Bad:
        # README.md, whole file
        ---
        license: apache-2.0
        ---
        # digits-cnn

        ## How to use it, and uses that are out of scope

            from safetensors import safe_open

            weights = safe_open("model.safetensors", "np")

        ## Limitations, training procedure and results

        It knows two digits only. It was trained by plain gradient descent on rows of the manifest, and
        measured on rows that training did not see; what came out is in the manifest too.

        ## Environment

        It was trained on one core, in less time than it takes to read this page to its end.
    Good:
        # README.md
        ## Authors

        The maintainers of the repository.
    Fix: Add a section with authors or a contact, or ship CITATION.cff.
    Source: the template of huggingface_hub, `Citation` and `Model Card Contact`.
    """
    cited = bundle.has("CITATION.cff") or any(mark in card.source for mark in _CITED)
    if not cited and not sections.has("citation"):
        yield card.at().says(
            "nothing says whom to cite or ask", help="add authors, a contact or CITATION.cff"
        )
