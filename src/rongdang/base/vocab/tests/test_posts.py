import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.posts import parse_posts

# text, then "kind name code grade marks certainty" of each, and what is left
CELLS = """
正团职	grade 正团 MP-07 MP-07 - sure
正团级	grade 正团 MP-07 MP-07 - sure
正团	grade 正团 MP-07 MP-07 - sure
副师	grade 副师 MP-06 MP-06 - sure
副师职干部	grade 副师 MP-06 MP-06 - sure
副师职待遇	grade 副师 MP-06 MP-06 treatment sure
享受副师职待遇	grade 副师 MP-06 MP-06 treatment sure
团职	grade 正团 MP-07 MP-07 - approximate
正 团 职	grade 正团 MP-07 MP-07 - sure
正旅职	grade 副师 MP-06 MP-06 - sure
副大军区职	grade 副大军区 MP-02 MP-02 - sure
排职	grade 排 MP-13 MP-13 - sure
准师级	grade 准师  - - doubtful
技术九级	technical 专业技术九级 MT-09 - - sure
技术9级	technical 专业技术九级 MT-09 - - sure
专业技术十一级	technical 专业技术十一级 MT-11 - - sure
专技5级	technical 专业技术五级 MT-05 - - sure
文职六级	civilian 文职六级 MC-06 - - sure
文职干部6级	civilian 文职六级 MC-06 - - sure
文职特级	civilian 文职特级 MC-00 - - sure
行政13级	administrative 行政十三级 MA-13 - - sure
行政十七级	administrative 行政十七级 MA-17 - - sure
十七级	administrative 行政十七级 MA-17 - - doubtful
上校	rank 上校 MR-05 - - sure
退役大校	rank 大校 MR-04 - retired sure
海军专业技术中校	rank 中校 MR-06 - - sure
大尉	rank 大尉 MR-08 - - sure
四级军士长	rank 四级军士长 MR-16 - - sure
三级士官	rank 三级士官 MR-33 - - sure
团长	post 团长  MP-07 - approximate
原副团长	post 副团长  MP-08 former approximate
代理营长	post 营长  MP-09 acting approximate
代连长	post 连长  MP-11 acting approximate
前政委	post 政委  - former sure
正团职参谋	grade 正团 MP-07 MP-07 - sure; post 参谋  - - sure
原正团职参谋、上校	grade 正团 MP-07 MP-07 former sure; post 参谋  - - sure; rank 上校 MR-05 - - sure
正团职退休	grade 正团 MP-07 MP-07 retired sure
技术七级，大校	technical 专业技术七级 MT-07 - - sure; rank 大校 MR-04 - - sure
高级工程师（技术六级）	post 高级工程师  - - sure; technical 专业技术六级 MT-06 - - sure
副教授	title 副教授 012 - - sure
连长兼指导员	post 连长  MP-11 - approximate; post 指导员  MP-11 - approximate
""".strip("\n").splitlines()


def shown(text):
    return "; ".join(
        f"{p.kind} {p.name} {p.code} {p.grade or '-'} {','.join(p.marks) or '-'} {p.certainty}"
        for p in parse_posts(text).posts
    )


@pytest.mark.parametrize("row", CELLS, ids=[row.split("\t")[0] for row in CELLS])
def test_a_cell_says_what_somebody_was(row):
    text, told = row.split("\t")
    assert shown(text) == told
    assert parse_posts(text).original == text


@pytest.mark.parametrize(
    "text,rest",
    [("", ""), ("无", "无"), ("某部正团职", "某部"), ("师", "师"), ("技术十五级", "技术")],
)
def test_what_is_not_understood_is_kept(text, rest):
    assert parse_posts(text).rest.startswith(rest) or parse_posts(text).rest == rest


def test_the_own_names_of_the_tables_come_back():
    for text in ("正团", "排", "专业技术九级", "文职六级", "行政十三级", "上校"):
        (post,) = parse_posts(text).posts
        (again,) = parse_posts(post.name).posts
        assert (again.name, again.code) == (post.name, post.code)


SIGNS = "正副准团师军营连排职级技术专业文职行政一二三十1234上中少大将校尉士官长参谋原前代退役享受待遇、 ()"


@settings(max_examples=300, deadline=None)
@example("原" * 119)
@example("正" * 500)
@given(st.one_of(st.text(SIGNS, max_size=24), st.text(max_size=90)))
def test_no_writing_breaks_it(text):
    found = parse_posts(text)
    assert found.original == text
    for post in found.posts:
        assert post.name and post.original
        if post.code and post.certainty == "sure" and post.kind not in ("title", "post"):
            again = parse_posts(post.name).posts
            assert [(one.name, one.code) for one in again] == [(post.name, post.code)]
