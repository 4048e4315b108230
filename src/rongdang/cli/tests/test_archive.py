"""The commands that keep and hand over: what they print, and how they end."""

import json
import shutil

import pytest

from rongdang.cli import main
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.casefiles.sealing import seal_case_file
from rongdang.describe.casefiles.tests.filing import image, small_file
from rongdang.describe.people.models import Fact, Person
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.services import key_of

PASSWORD = "梧桐 Harbour-41"


@pytest.fixture
def case_file(station, reviewer):
    return small_file(station, reviewer)


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password.txt"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_verify_ends_with_0_when_clean_and_2_when_not(case_file, reviewer, capsys, settings):
    seal_case_file(case_file, acting_user=reviewer)
    assert run(capsys, "verify")[0] == 0
    path = settings.OBJECT_ROOT / key_of(StoredObject.objects.first().pk)
    path.write_bytes(path.read_bytes()[:-1])
    code, out, _err = run(capsys, "verify", "--json")
    told = json.loads(out)
    assert code == 2 and told["ok"] is False
    assert [one["code"] for one in told["findings"]] == ["damaged"]
    code, out, _err = run(capsys, "verify")
    assert code == 2 and path.name in out
    assert run(capsys, "verify", "--quick")[0] == 0


def test_export_then_import_by_command(
    case_file, reviewer, station, password_file, tmp_path, capsys
):
    code, out, _err = run(
        capsys,
        "export",
        case_file.number,
        "--to",
        tmp_path / "out",
        "--user",
        "qin",
        "--password-file",
        password_file,
        "--json",
    )
    assert (code, json.loads(out)) == (0, {"written": [f"{case_file.number}.zip"]})
    Fact.objects.all().delete()
    Page.objects.all().delete()
    case_file.items.all().delete()
    CaseFile.objects.all().delete()
    Person.objects.all().delete()
    archive = tmp_path / "out" / f"{case_file.number}.zip"
    code, out, _err = run(
        capsys,
        "import",
        archive,
        "--unit",
        station.code,
        "--user",
        "qin",
        "--password-file",
        password_file,
        "--json",
    )
    assert (code, json.loads(out)["items"], json.loads(out)["pages"]) == (0, 4, 6)
    code, _out, err = run(
        capsys,
        "import",
        archive,
        "--unit",
        station.code,
        "--user",
        "qin",
        "--password-file",
        password_file,
    )
    assert code == 1 and "已经导入" in err and "imported before" in err


def test_pdf_by_command(case_file, tmp_path, capsys):
    code, out, _err = run(
        capsys, "export", case_file.number, "--to", tmp_path, "--user", "qin", "--form", "pdf"
    )
    assert code == 0 and out.strip().endswith(f"{case_file.number}.pdf")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("export", "X002-RS·JX-00001", "--to", "{out}", "--user", "qin"), "weak-password"),
        (("export", "nothing", "--to", "{out}", "--user", "qin"), "no-case-file"),
        (("export", "X002-RS·JX-00001", "--to", "{out}", "--user", "nobody"), "no-user"),
        (
            (
                "export",
                "X002-RS·JX-00001",
                "--to",
                "{out}",
                "--user",
                "qin",
                "--password-file",
                "{out}/none",
            ),
            "password-file",
        ),
        (("import", "{out}", "--unit", "none", "--user", "qin"), "no-unit"),
        (("import", "{out}/none", "--unit", "990001", "--user", "qin"), "not-found"),
    ],
)
def test_what_cannot_be_done_ends_with_1_and_a_code(case_file, tmp_path, capsys, arguments, code):
    given = [argument.format(out=tmp_path / "out") for argument in arguments]
    ended, out, _err = run(capsys, *given, "--json")
    told = json.loads(out)
    assert (ended, told["error"]) == (1, code)
    assert told["zh"] and told["en"]
    assert not (tmp_path / "out").exists()


def test_a_folder_of_many_people_goes_on_where_it_stopped(station, reviewer, tmp_path, capsys):
    def deliver(name, number, title="履历表"):
        home = tmp_path / "in" / "某单位" / f"{name}{number}"
        for folder in ("原始图像数据", "优化图像数据"):
            (home / folder).mkdir(parents=True)
            (home / folder / "1-1-0001.jpg").write_bytes(image(name))
        (home / f"{name}{number}.xml").write_text(
            f"""<数字档案><人员基本信息><姓名>{name}</姓名><公民身份号码>{number}</公民身份号码></人员基本信息><目录信息><档案目录条目>
            <类号>1</类号><序号>1</序号><材料名称>{title}</材料名称><材料形成时间>1985</材料形成时间><页数>1</页数><备注/>
            <原始图像数据>1-1-0001.jpg</原始图像数据><优化图像数据>1-1-0001.jpg</优化图像数据></档案目录条目></目录信息></数字档案>""",
            encoding="utf-8",
        )
        return home

    deliver("石怀远", "99010119530712001X")
    broken = deliver("周同和", "990101195001010019", title="")
    arguments = ("import", tmp_path / "in", "--unit", station.code, "--user", "qin", "--json")
    code, out, err = run(capsys, *arguments)
    told = json.loads(out)
    assert (code, told["ok"], "2/2" in err) == (1, False, True)
    assert [row.get("error") for row in told["deliveries"]] == ["title", None]
    shutil.rmtree(broken)
    deliver("周同和", "990101195001010019")
    code, out, _err = run(capsys, *arguments)
    assert (code, [row.get("error") for row in json.loads(out)["deliveries"]]) == (
        0,
        [None, "delivery-known"],
    )
    assert CaseFile.objects.count() == 2
    assert run(capsys, *arguments)[0] == 0


def test_a_register_by_command_is_looked_at_then_taken_over_once(station, clerk, tmp_path, capsys):
    path = tmp_path / "册.csv"
    path.write_text("姓名,出生日期,材料名称,页数\n林长河,1938-04,自传,5\n", encoding="gb18030")
    command = ["register", path, "--unit", station.code, "--user", clerk.username]
    code, out, _err = run(capsys, *command, "--preview", "--json")
    assert code == 0 and not Person.objects.exists()
    assert {"people": 1, "new": 1, "items": 1, "pages": 5, "taken": 0}.items() <= json.loads(
        out
    ).items()
    assert run(capsys, *command)[0] == 0 and CaseFile.objects.count() == 1
    assert json.loads(run(capsys, *command, "--json")[1])["taken"] == 0
    path.write_text("姓名,出生日期\n高崎远,三月\n", encoding="utf-8")
    code, out, _err = run(capsys, *command, "--names")
    assert code == 1 and "第 2 行：出生日期“三月”写得不对" in out and CaseFile.objects.count() == 1
    code, _out, err = run(capsys, "register", tmp_path / "没有.csv", *command[2:])
    assert code == 1 and "读不出来" in err
