"""Every character is drawn by some file, or named as missing."""

import pytest
from PIL import ImageFont

from rongdang.base.typefaces import FACES, MissingFaceError, MissingGlyphsError, Typeface, face

RARE = "甯翀颋䶮"


@pytest.mark.parametrize("name", FACES)
def test_every_face_is_there_and_draws_common_and_rare_characters(name, tmp_path):
    runs = face(name, tmp_path).runs(f"干部履历表1953年{RARE}")
    assert "".join(text for _, text in runs) == f"干部履历表1953年{RARE}"
    for path, text in runs:
        box = ImageFont.truetype(str(path), 40).getbbox(text)
        assert box[2] > box[0] and box[3] > box[1]


def test_only_the_slices_asked_for_are_made(tmp_path):
    song = face("song", tmp_path)
    song.runs("一")
    made = list(tmp_path.rglob("*.ttf"))
    assert [song.file_for("一")] == made


def test_made_files_are_used_again(tmp_path):
    song = Typeface(face("song").source, tmp_path)
    before = song.file_for("一").stat().st_mtime_ns
    again = Typeface(face("song").source, tmp_path)
    assert again.file_for("一").stat().st_mtime_ns == before


def test_a_face_tells_its_own_characters_from_its_helper_s(tmp_path):
    hand = face("longcang", tmp_path)
    assert hand.has("王") and not hand.has("翀")
    assert hand.file_for("翀") == face("kai", tmp_path).file_for("翀")


def test_what_nobody_can_draw_is_named_and_nothing_is_dropped(tmp_path):
    odd = "\ue000\U0010fffd"
    kai = face("kai", tmp_path)
    assert kai.missing(f"王{odd}王") == odd
    with pytest.raises(MissingGlyphsError) as refused:
        kai.runs(f"王{odd}")
    assert refused.value.characters == odd
    assert "make" not in refused.value.message("zh-hans")


def test_missing_files_are_said_in_words(tmp_path):
    (tmp_path / "gone").mkdir()
    with pytest.raises(MissingFaceError) as refused:
        Typeface(tmp_path / "gone", tmp_path)
    assert "make assets" in refused.value.message("en")
