"""The door for gunicorn and its like, and for `rongdang serve`: a process that imports it answers pages."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongdang.config.settings")
application = get_wsgi_application()
# A page leaves nearly nothing behind that only a collection frees. At Python's own threshold of
# 700 objects each page paid for five to eight of them (6 % of its CPU), and now and then for one of
# all that is loaded, which keeps a visitor of every thread waiting for 20 ms.
gc.freeze()
gc.set_threshold(20_000, 20, 20)
