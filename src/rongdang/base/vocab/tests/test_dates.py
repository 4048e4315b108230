import pytest

from rongdang.base.vocab.dates import find_dates, iso_partial, number, parse_date

FORMS = """
1953年7月12日 1953-07-12
一九五三年七月十二日 1953-07-12
一九五三年七月 1953-07
一九五三年 1953
1953年 1953
1953.7 1953-07
1953.07.12 1953-07-12
1953-07-12 1953-07-12
1953/7/1 1953-07-01
1953·7 1953-07
53.7 1953-07
53年7月 1953-07
五三年七月 1953-07
五三年七月十二日 1953-07-12
19530712 1953-07-12
195307 1953-07
二○○三年十月 2003-10
二〇〇三年十月三十一日 2003-10-31
二00三年十月 2003-10
一九六二年三月廿三日 1962-03-23
一九六二年三月卅一日 1962-03-31
一九六二年三月三十日 1962-03-30
一九六二年十二月二十日 1962-12-20
民国三十七年十月 1948-10
民国37年10月1日 1948-10-01
中华民国三十一年 1942
１９５３年７月 1953-07
1953 年 7 月 12 日 1953-07-12
一九五三年七月十二号 1953-07-12
公元1949年10月1日 1949-10-01
一九五O年一月 1950-01
一九五〇年元月 1950-01
85.12.3 1985-12-03
1985、12、3 1985-12-03
一九四九年九月 1949-09
壹玖伍叁年柒月 1953-07
1999年12月 1999-12
一九四五年八月十五日 1945-08-15
""".strip().splitlines()


@pytest.mark.parametrize("row", FORMS)
def test_a_date_is_read_as_its_writer_meant_it(row):
    text, value = row.rsplit(" ", 1)
    found = parse_date(text)
    assert found is not None and found.value == value
    assert found.certainty == "sure" and found.original.strip() == text.strip()
    assert found.earliest <= found.latest


@pytest.mark.parametrize(
    "text,value,certainty",
    [
        ("约1953年7月", "1953-07", "approximate"),
        ("1953年夏", "1953", "approximate"),
        ("一九四七年冬", "1947", "approximate"),
        ("1953年7月？", "1953-07", "doubtful"),
        ("1953年2月31日", "1953-02", "doubtful"),
        ("12年5月", "1912-05", "doubtful"),
        ("1953年农历七月", "1953", "approximate"),
        ("一九三八年腊月", "1938", "approximate"),
        ("1953年上半年", "1953", "approximate"),
    ],
)
def test_what_is_not_certain_says_so(text, value, certainty):
    found = parse_date(text)
    assert found is not None and (found.value, found.certainty) == (value, certainty)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "不详",
        "123",
        "三连",
        "1953年13月",
        "9999年1月",
        "民国五十年一月",
        "第53号",
        "12.5",
        "1953年7月至1955年3月",
    ],
)
def test_what_is_no_single_date_gives_none(text):
    assert parse_date(text) is None


def test_dates_in_running_text_are_found_with_their_places():
    text = "我于一九三八年四月生，1956年2月入伍，59.7入党。"
    found = find_dates(text)
    assert [d.value for _s, _e, d in found] == ["1938-04", "1956-02", "1959-07"]
    assert [text[s:e] for s, e, _d in found] == ["一九三八年四月", "1956年2月", "59.7"]


@pytest.mark.parametrize(
    "text,value",
    [
        ("廿三", 23),
        ("卅", 30),
        ("三十二", 32),
        ("十", 10),
        ("二十", 20),
        ("五三", 53),
        ("一九五三", 1953),
        ("x", None),
    ],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text,good",
    [("1953", True), ("1953-07", True), ("1953-02-30", False), ("53-7", False), ("1953-13", False)],
)
def test_iso_partial(text, good):
    assert (iso_partial(text) == text) is good
