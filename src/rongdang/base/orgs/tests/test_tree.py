import pytest

from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.orgs.models import Unit, within
from rongdang.base.orgs.services import create_unit


def test_under_means_the_unit_and_its_subtree_and_nothing_beside(city, station, elsewhere):
    assert set(Unit.objects.under(city)) == {city, station, elsewhere}
    assert set(Unit.objects.under(station)) == {station}


def test_no_path_means_no_row(city):
    assert not Unit.objects.filter(within("path", [])).exists()


def test_a_unit_whose_path_only_begins_alike_is_outside(city):
    Unit.objects.create(code="zz", name="另一市", path=city.path[:-1] + "9")
    assert list(Unit.objects.under(city)) == [city]


def test_a_unit_is_added_below_by_the_system_officer_of_the_branch(city, station, person_in):
    officer = person_in("sun", "system", city)
    made = create_unit(code="990055", name="新所", parent=station, acting_user=officer)
    assert made.path.startswith(f"{station.path}.") and made.fonds == station.fonds
    low = person_in("low", "system", station)
    with pytest.raises(NotPermittedError):
        create_unit(code="990056", name="新所", parent=city, acting_user=low)


@pytest.mark.parametrize(
    "said,code",
    [
        ({"parent": None}, "no-parent"),
        ({"code": " "}, "no-name"),
        ({"name": ""}, "no-name"),
        ({"code": "990001"}, "unit-exists"),
    ],
)
def test_what_makes_no_unit_is_said(city, station, person_in, said, code):
    officer = person_in("sun", "system", city)
    with pytest.raises(DomainError) as refused:
        create_unit(
            **{"code": "990057", "name": "新所", "parent": city, **said}, acting_user=officer
        )
    assert refused.value.code == code and refused.value.en
