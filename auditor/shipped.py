"""Where the files that travel with the package lie, in a checkout and in an installed wheel."""

from pathlib import Path

SCHEMA_ID = "https://fmaudit.dev/schemas/1/"  # prefix of every `$id`; nothing is ever fetched from it


def schema_path(name: str) -> Path:
    """The file of a published schema: `schema_path("recipe")` ends in `recipe.schema.json`."""
    package = Path(__file__).parent
    installed = package / "schemas"
    return (installed if installed.is_dir() else package.parent / "schemas") / f"{name}.schema.json"
