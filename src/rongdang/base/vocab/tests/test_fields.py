"""The field dictionary: whole, its names and labels each leading to one field, its tables there."""

import pytest

from rongdang.base.vocab import codes, fields, masks, purposes, required, titles
from rongdang.base.vocab.tables import table

# domain 3.5, group by group; what stands in brackets there is a field of its own here.
WHOLE = """
姓名 曾用名 性别 民族 籍贯 出生地 出生日期 公民身份号码 军人保障号 证件类型 证件编号 照片 血型 婚姻状况 政治面貌
入党日期 转正日期 文化程度 学位 毕业院校 所学专业
入伍日期 参加工作日期 提干日期 转改士官日期 军种 部职别 人员类别 军衔 授衔日期 文职级 文职级日期 职务 职务等级
任职日期 职务等级日期 专业技术职务 专业技术职务日期 技术等级 技术等级日期 艰苦服务
军休类别 离退休日期 审批单位 审批文号 离退休时职级 享受待遇 待遇批准日期 待遇批准文号 移交日期 安置方式 安置地 接收机构
户口所在地 现住址 区划代码 住房状况 联系电话 紧急联系人 紧急联系电话
健康状况 自理能力 慢性病 医疗待遇 医保 定点医院 长期住院 残疾等级 残疾性质 残疾证号 评残日期
配偶 配偶单位 配偶电话 子女 家庭成员 成员关系 成员出生日期 成员单位 遗属 监护人 受托人
奖励 奖励日期 奖励批准单位 奖励事由 勋章纪念章 处分
所在支部 组织关系转入日期 党内职务
发放项目 发放起始日期 发放终止日期 银行账号
走访慰问 体检 疗养 学习活动 特长 诉求 特殊困难 人员标签 老兵码状态 优待证状态 建档立卡状态
档案存放地 卷数 正本卷数 副本卷数 数字化状态 审核状态 缺件
去世日期 善后 抚恤 档案去向 人员状态
""".split()
TYPES = {"text", "code", "date", "place", "id"}
FORMS = {"", "phone", "card", "number", "money", "account", "area"}


def entries():
    return list(fields.dictionary().values())


def test_every_field_of_the_list_is_there():
    assert set(WHOLE) <= set(fields.dictionary())


def test_each_field_says_what_it_is_in_both_languages_and_how_long():
    for entry in entries():
        assert entry.name == "".join(entry.name.split()) and len(entry.name) <= 24
        assert entry.code.isidentifier() and entry.english and entry.meaning and entry.meaning_en
        assert entry.type in TYPES and entry.form in FORMS and 0 < entry.length <= 2000
        assert entry.level in purposes.ALL_LEVELS and entry.confidence in "HML" and entry.source
        assert (entry.type == "code") <= bool(entry.table)
        assert not entry.table or entry.table in codes.all_tables()
    assert len({entry.code for entry in entries()}) == len(entries())


def test_each_group_is_shown_and_every_field_stands_in_one():
    shown = [entry for held in fields.groups().values() for entry in held]
    assert len(fields.groups()) == 12 and all(fields.groups().values())
    assert sorted(entry.name for entry in shown) == sorted(fields.dictionary())


def test_no_label_name_or_other_name_leads_to_two_fields():
    owner = {}
    for entry in entries():
        for word in {"".join(label.split()) for label in entry.labels} | set(entry.also):
            assert owner.setdefault(word, entry.name) == entry.name, word
    for entry in entries():
        assert owner.get(entry.name, entry.name) == entry.name
        assert fields.of_column(entry.name) == entry == fields.of_column(entry.code)


@pytest.mark.parametrize(
    "column,name",
    [
        ("姓 名", "姓名"),
        ("身份证号码（18位）", "公民身份号码"),
        ("a0107", "出生日期"),
        ("A0141", "政治面貌"),
        ("military card", None),
        ("银行卡号", "银行账号"),
        ("死亡时间：", "去世日期"),
        ("A1404", None),  # award and discipline share it
    ],
)
def test_a_column_of_a_table_means_one_field_or_none(column, name):
    found = fields.of_column(column)
    assert (found and found.name) == name


def test_other_data_files_name_only_fields_of_the_dictionary():
    known = set(fields.dictionary())
    assert {field for title in titles.all_titles() for field in title.fields} <= known
    assert {row["field"] for row in table("masks").rows} == set(masks.masked_fields()) <= known
    assert all(
        required._applies(row["when"], {}) in (True, False) for row in table("required").rows
    )
    asked = {row["when"].split("=")[0] for row in table("required").rows} - {""}
    assert asked <= known | {"出生日期不一"}  # a finding, which who asks puts among the facts


def test_what_tells_of_numbers_addresses_and_accounts_is_masked():
    for entry in entries():
        if entry.form in ("phone", "card", "account") or entry.type == "id":
            assert entry.name in masks.masked_fields(), entry.name
    assert masks.masked("银行账号", "6222000012345678") == "*" * 12 + "5678"
    assert masks.masked("证件编号", "军字第2001988号") == "*" * 7 + "988号"
    assert masks.masked("军人保障号", "123") == "***"
