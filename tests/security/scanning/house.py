"""A small house for a scan: two stations, two people with pages, one clerk; nothing of it is kept."""

import os
import threading
from types import SimpleNamespace


class Counted:
    """A WSGI application, with the number of requests it answered and of answers that were a 5xx."""

    def __init__(self, application):
        self.application, self.requests, self.failed = application, 0, 0

    def __call__(self, environ, start_response):
        self.requests += 1

        def started(status, headers, *rest):
            self.failed += status.startswith("5")
            return start_response(status, headers, *rest)

        return self.application(environ, started)


def serve(application):
    """(address, the counting application), on a free port of the loopback, until the process ends."""
    from waitress import create_server

    counted = Counted(application)
    server = create_server(counted, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}", counted


def build(folder):
    """The house in `folder`, with a session cookie and a token of its clerk."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "rongdang.config.settings",
        "RONGDANG_VAR": str(folder),
        "RONGDANG_OCR": "null",
        "RONGDANG_IDLE_MINUTES": "600",
        "RONGDANG_HOSTS": "127.0.0.1,testserver",
    }
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    made = _people()
    return SimpleNamespace(application=get_wsgi_application(), **made)


def _people():
    from django.test import Client

    from rongdang.base.accounts import services, tokens
    from rongdang.base.orgs.services import create_unit
    from rongdang.describe.access.opening import open_file
    from rongdang.web.desk.tests.world import proved

    unit = create_unit(
        code="990101", name="梧桐里军休所", parent=None, acting_user=None, fonds="X1"
    )
    clerk = services.create_user(
        username="zhou", display_name="周敏", password="correct horse 42", acting_user=None
    )
    services.assign_role(user=clerk, role="clerk", unit=unit, acting_user=None)
    case_file = [_file(unit, clerk, name) for name in ("林长河", "高崎远")][0]
    open_file(case_file, code="keep", note="", acting_user=clerk)
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    proved(client)
    client.get("/batches/new/")  # a form: the scanner's posts bear the token it is given
    token = tokens.make(clerk, name="scan", scopes=tokens.SCOPES, days=1, acting_user=clerk)
    return {
        "token": token[1],
        "session": client.cookies["sessionid"].value,
        "csrf": client.cookies["csrftoken"].value,
        "person": str(case_file.person_id),
    }


def _file(unit, clerk, name):
    from rongdang.describe.casefiles.services import open_case_file
    from rongdang.describe.casefiles.tests.factories import filed
    from rongdang.describe.people.services import create_person

    person = create_person(unit=unit, name=name, acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    filed(case_file, clerk, title="干部履历表", texts=("三连战士",))
    return case_file
