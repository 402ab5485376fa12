"""A bundle made of the files that a test names."""

import pytest

from auditor.bundle import Bundle


@pytest.fixture
def bundle(tmp_path):
    """`bundle({path: text})`: a bundle with these files."""

    def make(files):
        root = tmp_path / "release"
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Bundle.open(root)

    return make
