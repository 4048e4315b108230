"""What is copied for the browser, and what is said when something is missing."""

import json
import sysconfig

import pytest

from rongdang.web import vendor


@pytest.fixture
def root(tmp_path):
    package = tmp_path / "node_modules" / "thing" / "dist"
    package.mkdir(parents=True)
    (package / "thing.js").write_text("go();\n//# sourceMappingURL=thing.js.map\n")
    (package / "a.woff2").write_bytes(b"\x00a")
    (package / "b.woff2").write_bytes(b"\x00b")
    listed = {"thing/thing.js": "thing/dist/thing.js", "fonts/": "thing/dist/*.woff2"}
    (tmp_path / "vendor.json").write_text(json.dumps(listed))
    return tmp_path


def test_listed_files_are_copied_without_the_pointer_to_a_map(root, tmp_path):
    target = tmp_path / "out"
    assert vendor.copy(root, target) == 3
    assert (target / "thing" / "thing.js").read_text() == "go();\n\n"
    assert (target / "fonts" / "b.woff2").read_bytes() == b"\x00b"


def test_a_missing_file_is_named_in_one_sentence(root, tmp_path):
    (root / "node_modules" / "thing" / "dist" / "thing.js").unlink()
    with pytest.raises(vendor.VendorError, match="thing.js is missing"):
        vendor.copy(root, tmp_path / "out")


def test_a_pattern_that_matches_nothing_is_an_error(root, tmp_path):
    for font in (root / "node_modules" / "thing" / "dist").glob("*.woff2"):
        font.unlink()
    with pytest.raises(vendor.VendorError, match="matches no file"):
        vendor.copy(root, tmp_path / "out")


def test_an_old_node_is_not_taken(tmp_path, monkeypatch):
    for name, text in (("npm", "#!/bin/sh\n"), ("node", "#!/bin/sh\necho v18.1.0\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    with pytest.raises(vendor.VendorError, match="No npm"):
        vendor.find_npm()
