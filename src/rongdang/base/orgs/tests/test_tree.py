from rongdang.base.orgs.models import Unit, within


def test_under_means_the_unit_and_its_subtree_and_nothing_beside(city, station, elsewhere):
    assert set(Unit.objects.under(city)) == {city, station, elsewhere}
    assert set(Unit.objects.under(station)) == {station}


def test_no_path_means_no_row(city):
    assert not Unit.objects.filter(within("path", [])).exists()


def test_a_unit_whose_path_only_begins_alike_is_outside(city):
    Unit.objects.create(code="zz", name="另一市", path=city.path[:-1] + "9")
    assert list(Unit.objects.under(city)) == [city]
