import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.addresses import parse_address

# text, province|city|county|town|street|house|rest, code, code of today, findings, certainty
PLACES = """
山东省烟台市莱阳市沐浴店镇前村12号	山东省|烟台市|莱阳市|沐浴店镇|前村|12号|	370682	370682		sure
山东莱阳	山东省|烟台市|莱阳市||||	370682	370682		sure
山东 莱阳	山东省|烟台市|莱阳市||||	370682	370682		sure
山东·莱阳	山东省|烟台市|莱阳市||||	370682	370682		sure
籍贯：山东莱阳	山东省|烟台市|莱阳市||||	370682	370682		sure
山东省莱阳县	山东省|烟台市|莱阳县||||	370627	370682	old name	sure
鲁莱阳	山东省|烟台市|莱阳市||||	370682	370682	abbreviated	approximate
莱阳	山东省|烟台市|莱阳市||||	370682	370682	abbreviated	approximate
川渠县	四川省|达州市|渠县||||	511725	511725	abbreviated	approximate
四川渠县临巴乡	四川省|达州市|渠县|临巴乡|||	511725	511725		sure
北京市海淀区复兴路甲1号院3号楼2单元501室	北京市||海淀区||复兴路|甲1号院3号楼2单元501室|	110108	110108		sure
北京海淀	北京市||海淀区||||	110108	110108		sure
北京市崇文区	北京市||崇文区||||	110103	110101	old name	sure
河北省石家庄市新华区新华路5号	河北省|石家庄市|新华区||新华路|5号|	130105	130105		sure
辽宁旅大市	辽宁省|旅大市|||||	210200	210200	old name	sure
山东省掖县城关公社西关大队	山东省|烟台市|掖县|城关公社|西关大队||	370625	370683	old name	sure
察哈尔省宣化县	察哈尔省|张家口市|宣化县||||	130721	130705	former province,old name	approximate
平原省聊城	平原省|聊城市|||||	371500	371500	former province,abbreviated	approximate
西康省雅安	西康省|雅安市|||||	511800	511800	former province,abbreviated	approximate
吉林省吉林市船营区	吉林省|吉林市|船营区||||	220204	220204		sure
吉林吉林	吉林省|吉林市|||||	220200	220200		sure
吉林	吉林省||||||	220000	220000		sure
内蒙古自治区哲里木盟	内蒙古自治区|哲里木盟|||||	152300	150500	old name	sure
新疆乌鲁木齐市天山区	新疆维吾尔自治区|乌鲁木齐市|天山区||||	650102	650102		sure
广西南宁	广西壮族自治区|南宁市|||||	450100	450100		sure
上海市闸北区	上海市||闸北区||||	310108	310106	old name	sure
四川省万县市	四川省|万县市|||||	511200	500101	old name	sure
重庆万县	重庆市||万县区||||	500101	500101	old name	sure
浙江省鄞县	浙江省|宁波市|鄞县||||	330227	330212	old name	sure
河南省登封县告成乡八方村三组	河南省|郑州市|登封县|告成乡|八方村|三组|	410125	410185	old name	sure
湖北省黄冈地区红安县七里坪	湖北省|黄冈地区|红安县||||七里坪	422123	421122	old name	sure
天津市河西区友谊路20号	天津市||河西区||友谊路|20号|	120103	120103		sure
陕西省长安县	陕西省|西安市|长安县||||	610121	610116	old name	sure
北平市	北平市||||||	110000	110000	old name	approximate
朝阳区	北京市||朝阳区||||	110105	110105	several	doubtful
朝阳	辽宁省|朝阳市|||||	211300	211300	several,abbreviated	doubtful
江苏省南京市莱阳市	江苏省|南京市|||||莱阳市	320100	320100	nesting	doubtful
火星省	||||||火星省			unknown place	doubtful
本人	||||||本人				sure
不详	||||||不详				sure
""".strip("\n").splitlines()


@pytest.mark.parametrize("row", PLACES, ids=[row.split("\t")[0] for row in PLACES])
def test_an_address_comes_apart_where_the_table_says(row):
    text, parts, code, today, findings, certainty = row.split("\t")
    found = parse_address(text)
    assert "|".join(found.parts) == parts
    assert (found.code, found.today_code) == (code, today)
    assert ",".join(found.findings) == findings and found.certainty == certainty
    assert found.original == text


def test_the_year_of_the_paper_chooses_among_names_that_moved():
    assert parse_address("山东莱阳", 1981).code == "372127"
    assert parse_address("山东莱阳", 1981).today_code == "370682"
    assert parse_address("四川渠县", 1985).code == "513030"
    assert parse_address("四川渠县", 1985).today == "四川省达州市渠县"


def test_a_street_that_begins_like_a_district_is_a_street():
    assert parse_address("河北省石家庄市新华路5号").street == "新华路"
    assert parse_address("河北省石家庄市新华路5号").county == ""


SIGNS = "山东省烟台市莱阳县北京海淀区路号院鲁川 ·，/本人不详一二12甲村镇公社街道察哈尔"


@settings(max_examples=300, deadline=None)
@example("省" * 60)
@example("北京北京北京北京")
@example("1号" * 90)
@given(st.one_of(st.text(SIGNS, max_size=24), st.text(max_size=90)))
def test_no_writing_breaks_it(text):
    found = parse_address(text)
    assert found.original == text
    if found.today_code:
        again = parse_address(found.today)
        assert again.today_code == found.today_code and again.certainty != "doubtful"
