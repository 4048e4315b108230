"""What is told to whoever is turned away, and to programmes and designers."""

from __future__ import annotations

from rongdang.web import styleguide

CONTEXTS: dict[str, dict[str, object]] = {
    "styleguide.html": {
        "colours": styleguide.COLOURS,
        "icons": styleguide.ICONS,
        "asks": styleguide.ASKS,
    },
    "api/page.html": {
        "info": {"title": "荣档接口", "description": "与页面同样的规则。"},
        "groups": [
            {
                "name": "检索",
                "operations": [
                    {
                        "method": "GET",
                        "path": "/api/v1/search",
                        "summary": "查人",
                        "parameters": [{"name": "q", "description": "要查的字"}],
                    }
                ],
            }
        ],
        "schemas": [("Me", [("scopes", "令牌的用途")])],
    },
    "400.html": {},
    "403.html": {},
    "404.html": {},
    "500.html": {"number": "8F2C"},
    "problem.html": {
        "what": "何芸刚改过这份目录，您的改动没有保存。",
        "hint": "先看她改了什么，再保存。",
        "code": "conflict",
    },
}
