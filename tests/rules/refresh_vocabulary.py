"""Writes the vocabularies of model cards anew from their sources: `python -m tests.rules.refresh_vocabulary`.

It asks npm, pip and GitHub and is never run by a test; the functions that read what they answer are tested in
test_refresh_vocabulary.py. Look at the difference before you commit it: a word that a source has dropped may
still stand in thousands of cards.
"""

import json
import re
import subprocess
import tarfile
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).parents[2] / "auditor" / "rules" / "vocabulary"
METRICS = "https://api.github.com/repos/huggingface/evaluate/contents/metrics"
WIDTH = 100  # characters of a line of codes

# Words that the hub takes for a language beside ISO 639 (huggingface_hub, ModelCardData.language), and codes
# that ISO 639-1 has withdrawn but that old cards hold: Whisper's list has `jw`, OPUS-MT's has `sh`.
SPECIAL = ("code", "multilingual", "bh", "in", "iw", "ji", "jw", "mo", "sh")
# Tasks that the hub once had; cards that name them are none the worse for it.
RETIRED_TASKS = ("conversational", "text2text-generation")

_KEY = re.compile(r'^\t"?([A-Za-z0-9_.+-]+)"?: \{$', re.MULTILINE)
_SUBTASK = re.compile(r'^\t\t\t\ttype: "([a-z0-9-]+)",$', re.MULTILINE)


def main():
    """Every vocabulary of model cards is as its source has it today."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with tempfile.TemporaryDirectory() as folder:
        version, tasks = npm_package("@huggingface/tasks", Path(folder))
        pipelines = tasks("package/src/pipelines.ts")
        source = f"the npm package @huggingface/tasks {version}, fetched {today}"
        write(
            "tasks.txt",
            f"Tasks of the hub (`pipeline_tag`), from pipelines.ts of {source}.",
            task_lines(pipelines),
        )
        libraries = keys_of(tasks("package/src/model-libraries.ts"), "MODEL_LIBRARIES_UI_ELEMENTS")
        write(
            "libraries.txt",
            f"Libraries of the hub (`library_name`), from model-libraries.ts of {source}.",
            libraries,
        )
        version, tables = pip_package("pycountry", Path(folder))
        source = f"from the tables of Debian's iso-codes in pycountry {version}, fetched {today}"
        codes = [tables(f"pycountry/databases/iso639-{part}.json") for part in (3, 5)]
        write(
            "languages.txt",
            f"Codes of ISO 639-1, 639-2, 639-3 and 639-5, {source}.",
            wrapped(language_codes(*codes)),
        )
        names = language_names(codes[0])
        write("language_names.txt", f"Names of the languages that have two letters, {source}.", names)
    with urlopen(METRICS) as answer:
        source = f"the folder `metrics` of github.com/huggingface/evaluate, fetched {today}"
        write("metrics.txt", f"Metrics of {source}.", folders(answer.read()))


def npm_package(name, folder):
    """The version of an npm package, and a function that gives the text of its TypeScript files."""
    told = subprocess.run(
        ["npm", "pack", name, "--json", "--pack-destination", folder],
        capture_output=True,
        text=True,
        check=True,
    )
    (package,) = json.loads(told.stdout)
    with tarfile.open(folder / package["filename"].replace("@", "").replace("/", "-")) as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".ts")]
        texts = {member.name: archive.extractfile(member).read().decode() for member in members}
    return package["version"], texts.__getitem__


def pip_package(name, folder):
    """The same of the JSON files of a wheel."""
    subprocess.run(["python", "-m", "pip", "download", "--no-deps", "-d", folder, name], check=True)
    (wheel,) = folder.glob(f"{name}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        texts = {path: archive.read(path).decode() for path in archive.namelist() if path.endswith(".json")}
    return wheel.name.split("-")[1], texts.__getitem__


def keys_of(source, table):
    """The keys of a TypeScript table of objects, in order."""
    begin = source.index(f"export const {table} = {{")
    return _KEY.findall(source[begin : source.index("\n}", begin)])


def task_lines(source):
    """Each task; tasks that are retired and subtasks with a word that says so."""
    tasks = keys_of(source, "PIPELINE_DATA")
    retired = [task for task in RETIRED_TASKS if task not in tasks]
    subtasks = sorted(set(_SUBTASK.findall(source)) - {*tasks, *retired})
    return [*tasks, *(f"{task} retired" for task in retired), *(f"{task} subtask" for task in subtasks)]


def language_codes(part3, part5):
    """Every code of two or three letters, and the special words, sorted by length."""
    codes = {entry["alpha_3"] for entry in json.loads(part5)["639-5"]} | {*SPECIAL}
    for entry in json.loads(part3)["639-3"]:
        codes |= {entry[key] for key in ("alpha_2", "alpha_3", "bibliographic") if key in entry}
    return sorted(codes, key=lambda code: (len(code), code))


def language_names(part3):
    """`en english` for each language with a code of two letters; only names of one word, lower case."""
    lines = []
    for entry in json.loads(part3)["639-3"]:
        names = {entry["name"], entry.get("common_name", ""), entry.get("inverted_name", "").split(",")[0]}
        plain = sorted(name.lower() for name in names if name.isalpha())
        if "alpha_2" in entry and plain:
            lines.append(" ".join([entry["alpha_2"], *plain]))
    return sorted(lines)


def folders(listing):
    """The names of the folders in a listing of GitHub's contents API."""
    return sorted(entry["name"] for entry in json.loads(listing) if entry["type"] == "dir")


def wrapped(words):
    """Lines of words."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) >= WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def write(file, head, lines):
    """The vocabulary file has this head and these lines."""
    (HERE / file).write_text("\n".join([f"# {head}", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
