"""The invented city of the demonstration: its units and the people who work there."""

from __future__ import annotations

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import Unit

PASSWORD = "rongdang-demo-2026"

# (code, name, English, parent, fonds). No real unit; codes begin with digits never issued.
UNITS = (
    ("9900", "梧桐市军休服务管理中心", "Wutong City Centre", "", "X001"),
    ("9901", "清河区军休服务管理处", "Qinghe District Office", "9900", "X010"),
    ("9902", "云岭区军休服务管理处", "Yunling District Office", "9900", "X020"),
    ("9903", "临江县军休服务管理处", "Linjiang County Office", "9900", "X030"),
    ("990101", "梧桐里军休所", "Wutongli Home", "9901", "X011"),
    ("990102", "银杏路军休所", "Yinxing Road Home", "9901", "X012"),
    ("990103", "柳堤军休所", "Liudi Home", "9901", "X013"),
    ("990201", "松风军休所", "Songfeng Home", "9902", "X021"),
    ("990202", "竹溪军休所", "Zhuxi Home", "9902", "X022"),
    ("990203", "石桥军休服务站", "Shiqiao Station", "9902", "X023"),
    ("990301", "江畔军休所", "Jiangpan Home", "9903", "X031"),
    ("990302", "稻香军休服务站", "Daoxiang Station", "9903", "X032"),
)
HOMES = tuple(code for code, *_rest in UNITS if len(code) == 6)

# (account, name, role, unit)
STAFF = (
    ("zhoumin", "周敏", "clerk", "990101"),
    ("heyun", "何芸", "clerk", "9901"),
    ("qinzheng", "秦正", "reviewer", "9901"),
    ("luyuan", "陆远", "leader", "9900"),
    ("sunxi", "孙希", "system", "9900"),
    ("anbao", "安葆", "security", "9900"),
    ("shenji", "沈霁", "audit", "9900"),
    ("tangyue", "唐越", "clerk", "9902"),
    ("yanhui", "严慧", "reviewer", "9902"),
    ("pengya", "彭雅", "clerk", "9903"),
    ("dongqi", "董岐", "reviewer", "9903"),
)
# Whoever decides in the demonstration is a program and is called so, here and on the ledger.
DECIDER, CHECKER = "yanshi-1", "yanshi-2"
PROGRAMS = (
    (DECIDER, "演示程序甲", "clerk", "9900"),
    (CHECKER, "演示程序乙", "reviewer", "9900"),
)


def clerk_of(unit: Unit) -> User:
    """The clerk in whose care a unit of the demonstration is: its own, else its district's."""
    for username, _name, role, code in STAFF:
        if role == "clerk" and unit.code.startswith(code):
            return User.objects.get(username=username)
    raise LookupError(unit.code)


# True of what `piles` hands in; pages are still being read for some minutes after the first start.
FIVE_THINGS = (
    (
        "周敏登录，在“扫描收件”看机器一页页读；赵景那批读完后点“核对著录”，只用键盘核对：Enter、F2、Ctrl+Enter",
        "Log in as zhoumin, watch pages being read under 扫描收件; when 赵景's batch is read, review it by keyboard alone",
    ),
    (
        "“有毛病的文件”那批：半个文件、没对焦、有密级标志、有口令、空的、改了后缀的，各怎么说",
        "The batch 有毛病的文件: half a file, out of focus, a secrecy mark, locked, empty, renamed; read what is said",
    ),
    (
        "打开秦长发的档案（读完就由演示程序归卷入库），点一条事实，看原页上的那一行；打印目录、盒签",
        "Open 秦长发's file (filed and sealed by a program once it is read), click a fact, see the line; print the catalogue",
    ),
    (
        "在检索框里输入 qcf，再输入“世代务农”，看命中处画在原页上",
        "Search for qcf, then for 世代务农 in his autobiography; hits are drawn on the page",
    ),
    (
        "秦正（审核员）能入库、导出，陆远（领导）只看得到一部分；沈霁（审计员）看每一步都在账上，点“核验”",
        "qinzheng seals and exports, luyuan sees only a part; shenji reads every step on the ledger and verifies it",
    ),
)
