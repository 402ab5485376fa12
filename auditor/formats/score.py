"""The JSON that `fmaudit score` prints with `--format json`, version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from auditor.formats.report import Printed, Tool

Klass = Literal["III", "II", "I"]


class ScoreLack(Printed):
    """A component that keeps the release from a class."""

    component: str
    """Its name in the framework."""
    reason: Literal["missing", "unlicensed", "not open"]
    """What is wrong with it."""
    licence: str | None
    """The licence that is not open; null where there is none."""


class ScoreClass(Printed):
    """How far the release is towards a class."""

    klass: Klass = Field(alias="class")
    """The class."""
    progress: Annotated[float, Field(ge=0, le=100)]
    """Percent of what it asks for; 0 until the class below is complete."""
    asked: PositiveInt
    """Components that it asks for, those of the classes below included."""
    lacks: list[ScoreLack]
    """What keeps the release from it."""


class ScoreLicence(Printed):
    """A licence that holds for a component."""

    name: str
    """The licence as it is written."""
    source: str
    """On whose word: the component's own, or the file that speaks for the whole release."""


class ScorePlace(Printed):
    """A place in the bundle."""

    file: str
    """Path in the bundle."""
    line: PositiveInt | None
    """Line; null for a whole file."""
    note: str
    """What stands there, or empty."""


class ScoreComponent(Printed):
    """One of the 17 components of the Model Openness Framework."""

    id: PositiveInt
    """Its number in the Model Openness Tool."""
    name: str
    """Its name."""
    type: Literal["code", "data", "document"]
    """What it is, by which licences are appropriate."""
    klass: Klass = Field(alias="class")
    """The lowest class that asks for it."""
    required: bool
    """Whether that class can be had without it."""
    state: Literal["found", "elsewhere", "missing"]
    """found: in the bundle; elsewhere: named by a URL."""
    licences: list[ScoreLicence]
    """The licences of its parts."""
    open: bool
    """Whether it is there under open licences alone."""
    type_appropriate: bool
    """Whether these licences were made for its type."""
    evidence: list[ScorePlace]
    """Where it is."""


class ScoreMof(Printed):
    """The release by the Model Openness Framework."""

    profile: Literal["mot", "spec"]
    """By whose reading: that of the Model Openness Tool, or of the specification."""
    klass: Klass | None = Field(alias="class")
    """The class; null where it has none."""
    classes: list[ScoreClass]
    """III, II and I."""
    components: Annotated[list[ScoreComponent], Field(min_length=17, max_length=17)]
    """Every component, in the tool's order."""


class ScoreItem(Printed):
    """An item of a list."""

    group: str
    """Part of the list."""
    name: str
    """Name there."""
    state: Literal["found", "missing", "outside"]
    """outside: no release can answer it."""
    where: ScorePlace | None
    """What answers it; null unless found. That something is said there does not make it enough."""
    reason: str
    """Why it is outside, or empty."""


class ScoreList(Printed):
    """A published list of disclosures."""

    name: str
    """Short name."""
    title: str
    """Full name."""
    source: str
    """Where it was published."""
    date: str
    """When."""
    found: NonNegativeInt
    """Items that are found."""
    missing: NonNegativeInt
    """Items that are missing."""
    outside: NonNegativeInt
    """Items that no release can answer."""
    items: list[ScoreItem]
    """Every item, in the order of the list."""


class ScoreUnread(Printed):
    """A file that could not be read, so that what it holds did not count."""

    file: str
    """Path in the bundle."""
    reason: str
    """Why."""


class Score(Printed):
    """How open a release is, and what it discloses; the same for the same bundle and options."""

    version: Literal[1]
    """Version of this format; it changes where a field changes its meaning or goes."""
    tool: Tool
    """What printed it."""
    bundle: str
    """Name of the bundle's folder."""
    unread: list[ScoreUnread]
    """Files that could not be read; what they hold did not count."""
    mof: ScoreMof
    """The release by the Model Openness Framework."""
    lists: list[ScoreList]
    """How it answers each list."""
