"""Small case files for tests: pages that differ, with text, facts and evidence."""

import io
import json
import zlib

from PIL import Image, ImageDraw

from rongdang.describe.casefiles.services import (
    ItemDescription,
    PageSource,
    file_item,
    list_paper_item,
    open_case_file,
)
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.keep.objects import services as objects

ID = "99010119530712001X"


def image(mark, form="JPEG", size=(310, 438), mode="RGB"):
    picture = Image.new(mode, size, "white")
    ImageDraw.Draw(picture).text((20, 40), str(mark), fill="black")
    file = io.BytesIO()
    picture.save(file, form, dpi=(75, 75))
    return file.getvalue()


def layer(*lines):
    body = {
        "engine": "test 1",
        "size": [310, 438],
        "lines": [
            {"t": text, "b": [0.1, 0.1 + 0.1 * n, 0.8, 0.15 + 0.1 * n], "p": 0.9, "c": []}
            for n, text in enumerate(lines)
        ],
        "cells": [],
        "marks": [],
        "seals": [],
    }
    return zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def page(mark, *lines, form="JPEG"):
    original = objects.put(image(f"{mark} raw", form), f"image/{form.lower()}")
    optimised = objects.put(image(f"{mark} clean"), "image/jpeg")
    return PageSource(
        original.pk,
        optimised.pk,
        310,
        438,
        75,
        0,
        not lines,
        "test 1",
        layer(*lines) if lines else b"",
    )


def add_item(case_file, title, category, formed, *pages, user, **more):
    return file_item(
        case_file, ItemDescription(title, category, formed, **more), pages, acting_user=user
    )


def small_file(unit, user, name="石怀远", number=ID):
    """Three materials of four pages, one on paper only, five facts; one fact has its evidence."""
    person = create_person(unit=unit, name=name, acting_user=user)
    case_file = open_case_file(person, acting_user=user)
    second = add_item(
        case_file,
        "干部履历表",
        "1",
        "1985-03",
        page(f"{name}1", "干部履历表", f"姓名 {name}"),
        page(f"{name}2", "一九八五年三月"),
        user=user,
    )
    add_item(
        case_file,
        "军官登记表",
        "1",
        "1955",
        page(f"{name}3", "军官登记表", form="PNG"),
        user=user,
        is_copy=True,
        note="纸张发黄",
    )
    add_item(case_file, "体检表", "9-4", "", page(f"{name}4", "体检表"), user=user, title_made=True)
    list_paper_item(
        case_file,
        ItemDescription("任职命令", "9-1", "1961-05"),
        pages=2,
        sequence=4,
        acting_user=user,
    )
    evidence = second.pages.get(sequence=1)
    confirm_facts(
        person,
        [
            FactValue("姓名", name, name, evidence.pk, (0.1, 0.2, 0.8, 0.25), "1985-03", 0.97),
            FactValue("公民身份号码", number),
            FactValue("性别", "男"),
            FactValue("民族", "汉族"),
            FactValue("出生日期", "1953-07-12"),
        ],
        acting_user=user,
    )
    case_file.refresh_from_db()
    return case_file
