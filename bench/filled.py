"""A house filled by rule: units, people, files, materials, pages and the index, written in bulk."""

import random
import zlib

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆汪范金石廖贾韦夏付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚桂英华建国志海山河林春生德福贵有才长远守信立功卫东文武祥瑞宝成永清"
WORDS = ("某部三连 战士 班长 排长 连长 参加 战斗 表现 勇敢 任务 完成 工作 积极 学习 训练 立功 授奖 嘉奖 组织 同志 认真 负责 团结 "
         "群众 干部 登记 审查 批准 意见 单位 政治 思想 作风 生活 检查 总结 优点 缺点 努力 方向 年度 鉴定 入伍 入党 转业 退休 移交 安置").split()
TITLES = (("干部履历表", "1", "基本"), ("任免呈报表", "9-2", "基本"), ("自传", "2", "内部"), ("立功授奖登记表", "7", "奖惩"))
PASSWORD = "correct horse 42"


def name_of(rng):
    return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))


def page_lines(rng, name):
    lines = [f"姓名 {name}", f"{rng.randint(1940, 1999)}年{rng.randint(1, 12)}月入伍"]
    return lines + ["".join(rng.choices(WORDS, k=rng.randint(8, 14))) for _ in range(18)]


def layer_of(lines):
    from rongdang.base.textlayer import Char, Line, TextLayer

    placed = []
    for n, text in enumerate(lines):
        y, step = 0.05 + n * 0.045, 0.8 / 30
        chars = tuple(Char(c, (0.1 + k * step, y, 0.1 + (k + 1) * step, y + 0.03), 0.98) for k, c in enumerate(text))
        placed.append(Line(text, (0.1, y, 0.1 + len(text) * step, y + 0.03), 0.98, chars))
    return TextLayer("bench 1", 2480, 3508, tuple(placed), (), ())


def fill(people, *, materials=2, units=(20, 20), seed=11):
    """`people` files with `materials` pages of one page each; answers (a clerk of the whole, some names)."""
    from django.db import transaction
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit

    rng = random.Random(seed)
    top = create_unit(code="9900", name="梧桐市军休中心", parent=None, acting_user=None, fonds="X001")
    leaves = []
    for a in range(units[0]):
        middle = create_unit(code=f"99{a:02d}00", name=f"第{a + 1}区军休中心", parent=top, acting_user=None)
        for b in range(units[1]):
            code = f"99{a:02d}{b + 1:02d}"
            leaves.append(create_unit(code=code, name=f"第{a + 1}区{b + 1}所", parent=middle, acting_user=None, fonds=f"X{code}"))
    clerk = create_user(username="zhou", display_name="周", password=PASSWORD, acting_user=None)
    assign_role(user=clerk, role="clerk", unit=top, acting_user=None)
    names = []
    for first in range(0, people, 500):
        with transaction.atomic():
            names += _some(rng, leaves, clerk, range(first, min(people, first + 500)), materials)
    return clerk, names


def _some(rng, leaves, clerk, numbers, materials):
    from rongdang.base.vocab.names import pinyin_keys
    from rongdang.describe.casefiles.models import CaseFile, Item, Page
    from rongdang.describe.people.models import Person
    from rongdang.keep.objects.models import StoredObject
    from rongdang.keep.objects import services as objects

    stored = StoredObject.objects.first() or objects.put(b"one page for all", "image/jpeg")
    people, files, items, pages, texts = [], [], [], [], []
    for number in numbers:
        unit, name = leaves[number % len(leaves)], name_of(rng)
        keys = pinyin_keys(name)
        birth = f"{rng.randint(1920, 1950)}-{rng.randint(1, 12):02d}"
        person = Person(unit=unit, scope=unit.path, name=name, name_keys=f"{keys.full} {keys.initials}", sex="男", birth=birth,
                        record={"姓名": name, "性别": "男", "出生日期": birth})
        file = CaseFile(number=f"{unit.fonds}-RS·JX-{number:06d}", person=person, custodian=unit, scope=unit.path,
                        item_count=materials, page_count=materials)
        people.append(person)
        files.append(file)
        for n in range(materials):
            title, category, level = TITLES[n % len(TITLES)]
            item = Item(case_file=file, category=category, level=level, sequence=1, title=title,
                        formed=f"{rng.randint(1950, 1999)}", page_count=1, filed_by=clerk)
            layer = layer_of(page_lines(rng, name))
            items.append(item)
            pages.append(Page(item=item, sequence=1, original=stored, optimised=stored, width=2480, height=3508,
                              engine=layer.engine, layer=zlib.compress(layer.to_json().encode(), 1)))
            texts.append((item, pages[-1], layer))
    Person.objects.bulk_create(people)
    CaseFile.objects.bulk_create(files)
    Item.objects.bulk_create(items)
    Page.objects.bulk_create(pages)
    _index(people, files, texts)
    return [person.name for person in people]


def _index(people, files, texts):
    """As `provide.search.services` does it, row by row in the index but in bulk beside it."""
    from rongdang.provide.search import layout, services
    from rongdang.provide.search.models import Document, DocumentText
    from rongdang.provide.search.pinyin import spellings
    from rongdang.provide.search.ports import engine

    rows = []
    for person, file in zip(people, files, strict=True):
        rows.append((Document(kind="n", ref=person.pk, person=person, scope=person.scope, level="基本"),
                     layout.Layout(f"{person.name}\n{file.number}", b""), "\n".join(spellings(person.name))))
    for item, page, layer in texts:
        common = {"person_id": item.case_file.person_id, "item": item, "scope": item.case_file.scope, "level": item.level,
                  "category": item.category, "year": item.formed[:4]}
        rows.append((Document(kind="i", ref=item.pk, **common), layout.Layout(item.title, b""), ""))
        rows.append((Document(kind="p", ref=page.pk, **common), layout.lay_out(layer), ""))
    last = Document.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for number, (document, _laid, _anchored) in enumerate(rows, last + 1):
        document.pk = number
    Document.objects.bulk_create([document for document, _laid, _anchored in rows])
    written = [DocumentText(document=document, words=laid.text, places=laid.places, anchored=anchored) for document, laid, anchored in rows]
    DocumentText.objects.bulk_create(written)
    for (document, _laid, _anchored), text in zip(rows, written, strict=True):
        engine().add(services._index(document), document.pk, services._indexed(text), services._scope(document))


def some_ids(model, count, seed=3):
    ids = list(model.objects.values_list("pk", flat=True))
    return random.Random(seed).sample(ids, min(count, len(ids)))


