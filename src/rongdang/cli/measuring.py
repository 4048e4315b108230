"""read and evaluate: measuring by anybody, without database or server."""

from __future__ import annotations

import argparse
import json
import sys


def read(options: argparse.Namespace) -> int:
    """Imaging to meaning on a folder of stacks; prints what was read. 1 when a page could not be."""
    from rongdang.capture.reading.stacks import read_folder

    result = read_folder(options.folder, jobs=options.jobs, progress=_progress)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for name, stack in result["stacks"].items():
            print(
                f"{name}: {len(stack['pages'])} 页 / pages, {len(stack['materials'])} 份 / materials"
            )
            for material in stack["materials"]:
                print(
                    f"  {material['category']}  {material['date'] or '':10}  {material['title']}  {material['person'] or ''}"
                )
    unread = [
        page for stack in result["stacks"].values() for page in stack["pages"] if "error" in page
    ]
    for page in unread:
        _progress(f"没读出来 / not read: {page['file']}: {page['error']}")
    return 1 if unread else 0


def evaluate(options: argparse.Namespace) -> int:
    """Accuracy on generated pages not used for tuning, and on real scans."""
    from rongdang.demo.evaluation import evaluate_all

    report = evaluate_all(
        scans=options.scans, stacks=options.stacks, seed=options.seed, progress=_progress
    )
    print(json.dumps(report.to_dict(), ensure_ascii=False) if options.json else report.to_text())
    return 0


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
