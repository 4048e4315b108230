from rongdang.capture.ocr.measure import error_of, normalise


def test_order_and_extra_text_do_not_count_missing_text_does():
    truth = "姓名\n王长河\n出生年月"
    assert error_of("出生年月 多余的话 王长河\n姓名", truth) == 0
    assert error_of("姓名 王长河", truth) == 4 / 9
    assert error_of("", truth) == 1.0 and error_of("anything", "") == 0.0


def test_every_edit_counts_once():
    assert error_of("xx中国人民放军yy", "中国人民解放军") == 1 / 7
    assert error_of("中国X人民解放军", "中国人民解放军") == 1 / 7
    assert error_of("中国人兵解放军", "中国人民解放军") == 1 / 7


def test_signs_of_the_same_meaning_are_one():
    assert normalise("“甲”——Ａ１ ２，□男 ☑女") == normalise('"甲"-A12,男女')
