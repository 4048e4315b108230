from rongdang.capture.review.models import Material
from rongdang.web.desk.review_page import contradictions_of


def test_a_value_later_than_the_day_the_material_was_formed_is_asked_about():
    fields = [{"name": "入党日期", "value": "1971-05"}]
    asked = contradictions_of(Material(fields=fields, formed="1962-03-05"))
    assert [(one.severity, one.fields) for one in asked] == [("ask", ("入党日期",))]
    assert "1962-03-05" in asked[0].zh
    assert contradictions_of(Material(fields=fields, formed="1972")) == []
    assert contradictions_of(Material(fields=fields, formed="")) == []
