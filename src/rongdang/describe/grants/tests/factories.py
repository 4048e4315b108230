"""A grant as tests of other rooms need one: asked, and given by somebody else."""

import datetime as dt

from django.utils import timezone

from rongdang.describe.grants import services


def granted(user, case_file, by, **wanted):
    wanted = {
        "levels": ["基本"],
        "purpose": "benefit",
        "reason": "核定护理费，市局〔2026〕12号",
        "until": timezone.now() + dt.timedelta(days=1),
        **wanted,
    }
    grant = services.ask(numbers=[case_file.number], acting_user=user, **wanted)
    return services.give(grant, acting_user=by)
