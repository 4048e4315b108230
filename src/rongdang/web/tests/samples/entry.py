"""The pages by which one comes in: name and password, second factor, own tokens."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.web.tests.samples.staff import NOW, pk

APP = {"secret": "ABCD EFGH", "picture": "data:image/svg+xml,%3Csvg/%3E"}

CONTEXTS: dict[str, dict[str, object]] = {
    "registration/login.html": {
        "failed": True,
        "username": "zhoumin",
        "next": "/people/",
        "elsewhere": "省统一认证",
    },
    "registration/locked.html": {"minutes": 15},
    "registration/code.html": {"problem": "验证码不对。", "passkey": {"publicKey": {}}},
    "registration/factor.html": {**APP, "problem": "", "may_put_off": True},
    "registration/codes.html": {"codes": ["12345678", "87654321"], "onward": "/"},
    "registration/due.html": {"problem": "两次写的新口令不一样。"},
    "registration/confirm.html": {"with_code": False, "problem": "没有对上。", "next": "/"},
    "registration/factors.html": {
        **APP,
        "problem": "",
        "held": [Thing(type="totp", created_at=NOW), Thing(type="recovery_codes", created_at=NOW)],
        "to_add": {"publicKey": {}},
    },
    "registration/tokens.html": {
        "shown": f"rdt_{pk(9).hex}_{'x' * 43}",
        "held": [
            {"pk": pk(9), "name": "日报", "until": NOW, "used_at": NOW, "used_from": "192.0.2.7"}
        ],
        "scopes": {"people": "看人员名册，不含档案内容", "search": "检索"},
        "days": (7, 30),
    },
    "registration/password.html": {"problem": "现在的口令不对，没有改。"},
}
