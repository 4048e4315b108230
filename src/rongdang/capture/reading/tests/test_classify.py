"""The class of titles in no list: the rules an archivist can read, and what stands over them."""

import pytest

from rongdang.base.vocab.categories import scheme
from rongdang.base.vocab.titles import all_titles, best_title
from rongdang.capture.reading.classify import judge, ruled
from rongdang.capture.reading.titles import PageTitle
from rongdang.capture.reading.words import rows


def judged(title, text=""):
    best = best_title(title, most=1)
    known, match = best[0] if best else (None, 0.0)
    return judge(PageTitle(title, known, match, 0.9, (0, 0, 1, 1)), text)


@pytest.mark.parametrize(
    "title,category",
    [
        ("退役军人信息采集表", "1"),
        ("团级以上干部历史简况表", "1"),
        ("参加革命以来的思想总结", "2"),
        ("指挥员战斗表现评语", "3"),
        ("军事学院毕业文凭", "4-1"),
        ("机要译电员技术级别审批表", "4-2"),
        ("发表文章目录", "4-3"),
        ("俄语速成班学员鉴定表", "4-4"),
        ("被俘归来人员审查结论", "5"),
        ("工龄更正通知", "5"),
        ("三龄两历认定表", "5"),
        ("火线入党申请", "6"),
        ("党员统计卡片", "6"),
        ("全国模范军转干部审批表", "7"),
        ("授予功臣称号的命令", "7"),
        ("撤销行政职务的命令", "8"),
        ("复查维持原处分的通知", "8"),
        ("行政十四级评定书", "9-1"),
        ("保姆费审批表", "9-1"),
        ("新战士登记表", "9-2"),
        ("拟提拔对象考察材料", "9-2"),
        ("复员回乡生产证明书", "9-2"),
        ("维和部队人员出国审批", "9-3"),
        ("出席军区党代会代表审查表", "9-4"),
        ("工作调动行政介绍信存根", "10"),
        ("伤残性质更改审批表", "10"),
    ],
)
def test_a_title_in_no_list_gets_the_class_its_words_speak_for(title, category):
    assert title not in {name for known in all_titles() for name in (known.name, *known.aliases)}
    found = judged(title)
    assert found.category == category and found.confidence < 0.9


def test_the_rules_contradict_few_official_names_and_know_most():
    names = [(n, t.category) for t in all_titles() for n in (t.name, *t.aliases)]
    said = [(ruled(name), category) for name, category in names]
    assert sum(one == category for one, category in said) > 0.97 * len(names)
    assert sum(one is not None and one != category for one, category in said) < 0.02 * len(names)


def test_every_rule_names_a_class_and_tells_why():
    codes = {entry.code for entry in scheme("2018").entries}
    for row in rows("title_rules"):
        assert row["category"] in codes and row["why"] and row["words"]
        assert all(word for group in [*row["words"], row["without"]] for word in group)


def test_the_list_stands_over_the_rules():
    assert ruled("干部考察表") == "3" and judged("干部考察表").category == "9-2"


@pytest.mark.parametrize(
    "before", ["某步兵师政治部", "中国人民解放军第二野战军", "林长河同志", "1985年度"]
)
def test_what_stands_before_an_official_name_changes_no_class(before):
    for title in all_titles()[::7]:
        assert judged(before + title.name).category == title.category, title.name


@pytest.mark.parametrize(
    "category,text",
    [
        ("2", "我生于一九二九年，童年给地主放牛。在党的教育下，我的思想觉悟逐步提高。"),
        ("3", "该同志工作积极，作风正派，群众关系好。缺点是性情急躁，批评方式简单。"),
        ("4-4", "林长河同志于一九五八年二月至八月在我队参谋集训班学习，期满结业。"),
        ("5", "兹证明林长河同志于一九四八年参加县大队，当时我任文书，情况属实。"),
        ("6", "敬爱的党组织：我志愿加入中国共产党，拥护党的纲领，请党组织考验我。"),
        ("7", "该同志在战斗中英勇顽强，打退三次冲锋，荣立三等功一次。"),
        ("8", "我在训练中擦枪走火，损坏公物，犯了错误，请求处分。"),
        ("9-1", "原工资级别为行政二十级，月工资七十元，请按新标准发给。"),
        ("9-2", "同意该同志退休，安置到黑岭省梧桐县，由县民政局接收。"),
        ("9-3", "经批准，林长河同志前往国外访问，拟出国二十天。"),
        ("10", "兹介绍林长河同志前往你处报到，请予接洽。"),
    ],
)
def test_a_paper_without_title_is_classed_by_its_words_and_never_called_sure(category, text):
    found = judge(None, text)
    assert found.category == category and found.confidence <= 0.7
