"""Encodings told apart: whole texts in each, and single cells of two characters and more."""

import pytest

from rongdang.capture.sources.encodings import CANDIDATES, detect

ENCODINGS = ("utf-8", "gbk", "gb18030", "big5", "utf-16", "utf-16-le", "utf-8-sig")
TEXTS = (
    "姓名,性别,出生日期,民族\n张建国,男,1953-07-01,汉族\n",
    "李淑珍同志，一九七一年入伍，历任战士、班长、排长。",
    "id,name,unit,rank,remarks,updated_at\n1,王五,A-01,7,none,2020-01-01T00:00:00Z\n",
    "第一干休所离休退休干部花名册",
    "姓名\t出生\n歐陽援朝\t民國三十七年\n",
)
CELLS = """
张建国 李淑珍 欧阳援朝 赵小兰 林长河 马占山 司徒美堂 慕容雪 牛爱花 阿依古丽 巴特尔 扎西顿珠 刘二妮 陈老五
王麻子 邢燕子 郝建秀 向秀丽 雷振东 佟麟阁 谷文昌 焦裕民 孔繁林 任长霞 牟其中 蔺相如 尉迟恭 上官云珠 单雄信
男性 女性 汉族 满族 维吾尔族 土家族 中共党员 共青团员 无党派 未婚 已婚 丧偶 离异 健在 病故 牺牲 失踪
排长 连长 营教导员 团政委 师参谋长 军需助理员 卫生队军医 宣传干事 正团职 副师职 技术六级 行政十八级
少尉 中尉 上尉 大尉 少校 中校 上校 大校 列兵 上等兵 退役 转业 复员 离休 退休 移交安置
小学 初中 高中 中专 大学专科 大学本科 研究生 红军大学 步兵学校 军医大学
河北省保定市 山西长治 辽宁省铁岭县 江苏南通 安徽金寨 湖北红安 四川仪陇 新疆喀什 西藏拉萨 黑龙江漠河 海南琼海
嘉奖一次 三等功 二等功臣 解放奖章 独立自由勋章 先进工作者 残疾军人 因公六级 警告处分
出生年月 入伍时间 参加工作 家庭住址 联系电话 身份证号 医保卡号 银行账号 备注说明 经办人 填表日期 单位盖章
一九五三年七月 民国三十七年 约1950年 53年春 腊月廿三 不详 无 未填写 同上
武汉 天津 重庆 太原 西安 合肥 郑州 贵阳 昆明 南宁 开封 洛阳 徐州 济宁 临沂 大同 丹东 佳木斯 齐齐哈尔
爱国 建军 卫红 跃进 文革 秀兰 桂芝 德胜 福来 长庚 永和 玉梅 国庆 解放 抗美
甲 乙 丙 王 李 男 女 是 否
张三（代） 李四等3人 2栋301室 第3干休所 100.5元 A区
""".split()
TRADITIONAL = """
張國華 歐陽遠 劉伯承 陳賡 蕭勁光 譚政 羅瑞卿 許光達 葉劍英 聶榮臻 離休幹部 退伍軍人 參謀長 團長 營長 連長 師長
軍醫 備註 聯絡電話 家庭住址 身份證號 出生日期 入黨時間 職務級別 學歷 籍貫 民族 性別 編號 單位 獎勵 處分 傷殘等級
臺北 臺灣省臺南市 廣東省梅縣 湖南長沙 民國三十七年 黃埔軍校 陸軍官校 遺屬 眷屬 喪偶
""".split()


def samples(texts, encodings):
    for text in texts:
        for encoding in encodings:
            try:
                yield text, text.encode(encoding)
            except UnicodeEncodeError:
                continue


def read(raw):
    found = detect(raw).encoding
    return (
        raw.removeprefix(b"\xff\xfe").decode(found) if found == "utf-16-le" else raw.decode(found)
    )


def wrong(made):
    return [(text, detect(raw)) for text, raw in made if not _reads(raw, text)]


def _reads(raw, text):
    try:
        return read(raw) == text
    except UnicodeDecodeError:
        return False


def test_texts_are_read_in_each_encoding():
    made = list(samples(TEXTS, ENCODINGS))
    assert len(made) >= 30 and wrong(made) == []


def test_single_cells_are_read_in_each_encoding_and_a_doubtful_one_is_told():
    made = list(samples(CELLS, [one for one in ENCODINGS if one != "big5"]))
    made += samples(TRADITIONAL, ["big5"])
    missed = wrong(made)
    assert len({text for text, _raw in made}) >= 200
    assert len(missed) <= len(made) / 200 and not any(guess.sure for _text, guess in missed), missed


def test_of_a_cell_in_a_code_that_cannot_be_told_it_is_not_sure():
    assert not detect("联通".encode("gbk")).sure or read("联通".encode("gbk")) == "联通"
    assert detect(b"abc,123\n").encoding == "utf-8"


@pytest.mark.parametrize("encoding", CANDIDATES)
def test_bytes_of_any_kind_are_answered(encoding):
    for raw in (b"", b"\0", b"\xff", bytes(range(256)), "王".encode(encoding)):
        assert detect(raw).encoding
