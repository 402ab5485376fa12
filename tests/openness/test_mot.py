"""The tool's YAML, read and written, and its own expected results met again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.openness.classes import classify
from auditor.openness.components import COMPONENTS, by_id
from auditor.openness.mot import FIELDS, PLACES, SCOPES, Model, Part, read, resolved, write
from auditor.readers.yaml import read_yaml

# What the tool's own non-regression test expects (Test_Data/expected_results.json of
# https://github.com/lfai/model_openness_tool at 5cc8333d): for each of its 27 files the licences of the release
# by type, the licence of each component by number (`-` inherits), the class, and the progress to I, II, III.
EXPECTED = """
distribution=CC-BY-SA-4.0 data=CC0-1.0 | 15=- 14=- 21=- | 0 0 0 33.33
distribution=AFL-3.0 code=Apache-1.0 document=CC-BY-SA-4.0 | 9=- 16=- 7=- 8=- 18=- 22=- 10=- 24=- 15=- 19=- 17=- 20=- 13=- 14=- 11=- | 0 0 0 83.33
document=CC0-1.0 | 9=MIT 7=AFL-3.0 8=NCSA 18=ECL-1.0 22=Apache-2.0 10=CC-BY-3.0-NL 19=CC-BY-3.0-US 13=CC-BY-SA-3.0 14=CC-BY-4.0 21=CC-BY-SA-3.0 12=CC-BY-4.0 | 2 76.92 100 100
distribution=CDLA-Permissive-2.0 code=ECL-2.0 data=CC-BY-2.5-AU document=CC-BY-4.0 | 9=zlib-acknowledgement 16=AFL-3.0 7=ECL-2.0 18=UPL-1.0 22=AFL-1.1 10=ODbL-1.0 24=Xfig 15=CC-BY-2.0 19=CC-BY-SA-4.0 17=BSD-2-Clause 20=CC-BY-4.0 13=CC-BY-SA-3.0 14=SMLNJ 11=CC0-1.0 12=CC-BY-SA-4.0 | 0 0 0 83.33
data=CDLA-Permissive-2.0 | 9=Apache-2.0 7=ECL-1.0 8=AFL-1.1 18=MIT-0 22=UPL-1.0 10=CC-BY-3.0-DE 19=ODC-By-1.0 13=CC0-1.0 14=CC-BY-SA-4.0 11=CC0-1.0 12=CC-BY-SA-4.0 | 2 71.43 100 100
| 16=HPND-sell-MIT-disclaimer-xserver 7=YPL-1.0 8=AGPL-1.0-or-later 22=0BSD 19=OGL-UK-1.0 20=TTYP0 14=CC-BY-SA-4.0 21=CC-BY-4.0 12=CC-BY-SA-4.0 | 0 0 0 50
distribution=CC-BY-SA-3.0 code=AFL-1.1 | 18=Motosoto 17=xinetd 21=IPL-1.0 | 0 0 0 16.67
distribution=MIT document=CC-BY-4.0 | 16=OGDL-Taiwan-1.0 7=Sun-PPP-2000 22=GFDL-1.3-invariants-or-later 19=CC-BY-SA-3.0 17=HPND-UC 21=TORQUE-1.1 | 0 0 0 0
data=CC-BY-SA-2.0-UK | 9=MIT-0 10=CC-BY-2.0 13=CC-BY-4.0 14=CC-BY-SA-4.0 11=CC-BY-4.0 12=CC0-1.0 | 3 0 60 100
| 9=- 16=- 7=- 8=- 18=- 22=- 10=- 24=- 15=- 19=- 17=- 20=- 14=- 11=- 21=- 12=- | 0 0 0 0
code=0BSD document=CC0-1.0 | 9=CC-BY-NC-2.5 16=MIT 18=NCSA 10=CC-BY-SA-3.0-AT 24=CC-BY-SA-3.0 19=CC-PDDC 17=GFDL-1.3 20=ADSL 14=BSD-4.3TAHOE 11=Net-SNMP 12=Soundex | 0 0 0 16.67
code=NCSA data=CC-BY-SA-4.0 | 9=- 16=- 7=- 8=- 18=- 10=- 24=- 20=- 14=- 12=- | 0 0 0 33.33
| 9=- 7=- 8=- 18=- 22=- 10=- 19=- 20=- 13=- 14=- 11=- 21=- | 0 0 0 0
| 15=- | 0 0 0 0
document=CC-BY-SA-4.0 | 9=Apache-1.0 10=ODbL-1.0 13=CC-BY-4.0 14=CC0-1.0 21=CC-BY-4.0 12=CC0-1.0 | 3 0 60 100
| 16=- 13=- 11=- | 0 0 0 0
distribution=Apache-1.0 code=UPL-1.0 | 9=AFL-1.2 16=AFL-2.1 7=ISC 8=AFL-1.1 18=AFL-3.0 22=AFL-2.1 10=CC-BY-SA-4.0 24=CC-BY-3.0-US 15=CC-BY-3.0-NL 19=CC-BY-3.0-NL 20=CC0-1.0 13=CC-BY-SA-3.0 14=CC0-1.0 21=CC-BY-4.0 12=CC-BY-4.0 | 1 100 100 100
| 16=FSFAP 10=OLDAP-1.1 17=CC-BY-4.0 13=SGP4 14=HPND-doc-sell 21=NLOD-1.0 12=ssh-keyscan | 0 0 0 0
| 18=- 19=- 17=- 13=- 21=- 12=- | 0 0 0 0
distribution=AFL-1.2 code=AFL-2.1 data=CC-BY-2.5 document=CC0-1.0 | 9=AFL-3.0 16=ECL-1.0 7=AFL-3.0 8=AFL-2.0 18=MIT 22=AFL-1.2 10=CDLA-Sharing-1.0 24=CC0-1.0 15=ODC-By-1.0 19=CC-BY-SA-1.0 17=ODbL-1.0 20=CC-BY-SA-3.0 13=CC0-1.0 14=CC-BY-4.0 11=CC-BY-SA-3.0 21=CC-BY-4.0 12=CC0-1.0 | 1 100 100 100
| 9=ulem 16=LZMA-SDK-9.11-to-9.20 8=Sendmail-8.23 18=Apache-2.0 10=StandardML-NJ 24=CDLA-Sharing-1.0 15=CC-BY-2.5 19=CC-BY-3.0-DE 17=xlock 20=MITNFA 13=CC0-1.0 14=CC-BY-4.0 11=Sun-PPP 21=Community-Spec-1.0 12=Glulxe | 0 0 0 50
| 9=MIT 16=OPUBL-1.0 24=AFL-2.0 15=CC-BY-SA-1.0 19=HPND-sell-variant-MIT-disclaimer-rev 17=softSurfer 20=Borceux 13=SISSL-1.2 14=CC-BY-ND-3.0 11=CC-BY-3.0-AU 12=libpng-2.0 | 0 0 0 33.33
| 16=- 8=- 10=- 24=- 15=- 17=- 20=- 14=- 21=- | 0 0 0 0
document=CC-BY-SA-4.0 | 8=- 18=- 22=- 10=- 19=- 17=- 20=- 21=- | 0 0 0 16.67
| 9=MulanPSL-2.0 7=AML-glslang 8=cve-tou 22=CNRI-Python-GPL-Compatible 24=CC-BY-NC-SA-1.0 13=CC-BY-SA-3.0 21=CNRI-Jython 12=CC-BY-NC-ND-3.0 | 0 0 0 33.33
distribution=CC-BY-SA-4.0 document=CC0-1.0 | 9=BSD-3-Clause-Clear 7=MPL-1.1 18=softSurfer 10=CC-BY-SA-2.0-UK 19=CC-BY-2.0 11=BSD-3-Clause-Attribution 21=CDLA-Permissive-1.0 | 0 0 0 50
distribution=MulanPSL-2.0 code=ECL-1.0 data=ODC-By-1.0 document=CC-BY-SA-3.0 | 16=- 8=- 15=- 19=- 13=- | 0 0 0 16.67
"""


def of(line):
    scopes, parts, expected = (piece.split() for piece in line.split("|"))
    licences = {scope: (name, "") for scope, name in (word.split("=") for word in scopes)}
    pairs = [word.split("=") for word in parts]
    listed = tuple(Part(by_id()[int(number)].name, None if name == "-" else name) for number, name in pairs)
    return Model({"name": "m"}, licences, listed), int(expected[0]), [float(share) for share in expected[1:]]


@pytest.mark.parametrize("line", EXPECTED.strip().splitlines())
def test_class_and_progress_are_those_that_the_tool_expects_of_its_own_files(line):
    model, klass, progress = of(line)
    standing = classify(resolved(read_yaml_of(write(model))))
    assert standing.klass == klass
    assert [standing.progress[level] for level in (1, 2, 3)] == pytest.approx(progress, abs=0.005)


def read_yaml_of(text):
    return read(read_yaml("mof.yml", text))


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
parts = st.builds(
    Part,
    st.sampled_from([component.name for component in COMPONENTS]),
    st.none() | st.sampled_from(["", "MIT", "Apache-2.0", "House 1: #x"]),
    st.just("") | words,
    st.just("") | words,
)
models = st.builds(
    Model,
    st.dictionaries(st.sampled_from([*FIELDS, *PLACES]), words),
    st.dictionaries(st.sampled_from(SCOPES), st.tuples(words, st.just("") | words)),
    st.lists(parts, max_size=4).map(tuple),
)


@settings(max_examples=50, deadline=None)
@given(models)
def test_what_is_written_reads_back_to_the_same(model):
    again = read_yaml_of(write(model))
    assert again.fields == model.fields
    assert again.licences == model.licences
    assert [(p.name, p.licence, p.licence_path, p.location) for p in again.parts] == [
        (p.name, p.licence, p.licence_path, p.location) for p in model.parts
    ]


OLD = """
framework: {name: 'Model Openness Framework', version: '1.0', date: '2024-12-15'}
release:
  name: Amber
  version: 7B
  components:
    - {name: Model architecture, location: '', license_name: Apache-2.0, license_path: ''}
    - {name: Datasets, location: data, license_name: License not specified, license_path: ''}
    - {name: Model metadata, location: '', license_name: Component not included, license_path: ''}
"""


def test_the_older_form_is_read_with_its_words_for_licences():
    model = read_yaml_of(OLD)
    assert model.fields["version"] == "7B"
    assert resolved(model) == {9: ("Apache-2.0",), 15: ("",)}
    assert model.parts[1].location == "data"


@pytest.mark.parametrize(
    "text", ["", "[]", "release: 1", "release: {components: {a: 1}}", "release: {license: [1]}"]
)
def test_a_file_of_another_shape_is_an_empty_model(text):
    assert read_yaml_of(text) == Model({}, {}, ())
