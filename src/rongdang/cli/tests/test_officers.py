"""`rongdang officers …`: an installation begins, and a lost officer is replaced by two people."""

import json

from rongdang.base.accounts.tests.test_officers_apart import number

PASSWORD = "correct horse 42"


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
    code, said = house.rongdang(*again, "--first", "o1", "--second", "o4")
    assert code == 0 and json.loads(said) == {"accounts": ["o5"]}, said
    told["o1"]["password"] = "wrong"
    answers.write_text(json.dumps(told))
    assert house.rongdang(*again, "--first", "o1", "--second", "o4")[0] == 1
