"""Something on the log: so many looks at pages, each with a purpose beside it."""

import uuid

from rongdang.base.ledger import services


def fill(count, **more):
    return services.record_many(
        [
            services.Draft(
                event="page:see",
                actor=uuid.UUID(int=7),
                subject_kind="page",
                subject_id=str(number),
                detail={"purpose": f"查阅 {number}"},
                **more,
            )
            for number in range(count)
        ]
    )
