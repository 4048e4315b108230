"""`rongdang officers …`: an installation begins, and a lost officer is replaced by two people."""

import json

from rongdang.base.accounts.tests.test_officers_apart import number

PASSWORD = "correct horse 42"
FIRST_LOGIN = """
import json, sys
import django; django.setup()
from rongdang.base.accounts import factors
from rongdang.base.accounts.models import User
from rongdang.base.accounts.services import set_password
codes = {}
for name in ("o1", "o4"):
    user = User.objects.get(username=name)
    set_password(user=user, password="my very own word 8", acting_user=user)
    codes[name] = factors.add_app(user, factors.new_secret())
print(json.dumps(codes))
"""


def test_the_first_officers_and_a_lost_one_from_the_command_line(house, tmp_path):
    told = {
        f"o{n}": {"password": PASSWORD, "id_number": number(order=f"00{n}")} for n in range(1, 6)
    }
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(told))
    begin = ["officers", "begin", "--code", "9900", "--name", "中心", "--answers", answers]
    begin += ["--system", "o1:甲", "--security", "o2:乙", "--audit", "o3:丙", "--leader", "o4:丁"]
    code, said = house.rongdang(*begin)
    assert code == 0 and "安全保密员" in said, said
    code, said = house.rongdang(*begin)
    assert code == 1 and "已经有三员" in said
    again = ["officers", "recover", "--code", "9900", "--answers", answers, "--json"]
    again += ["--role", "audit", "--user", "o5:戊", "--instead-of", "o3"]
    two = ("--first", "o1", "--second", "o4")
    code, said = house.rongdang(*again, *two)  # whoever typed the first passwords is not two people
    assert code == 1 and json.loads(said)["error"] == "no-factor", said
    code, said = house.python(FIRST_LOGIN)
    codes = json.loads(said.splitlines()[-1])
    for name in codes:
        told[name] |= {"password": "my very own word 8", "code": codes[name][0]}
    answers.write_text(json.dumps(told | {"o4": told["o4"] | {"password": "wrong"}}))
    code, said = house.rongdang(*again, *two)
    assert code == 1 and json.loads(said)["error"] == "not-proved", said
    told["o1"]["code"] = codes["o1"][1]  # the first one counted, though nothing came of it
    answers.write_text(json.dumps(told))
    code, said = house.rongdang(*again, *two)
    assert code == 0 and json.loads(said) == {"accounts": ["o5"]}, said
