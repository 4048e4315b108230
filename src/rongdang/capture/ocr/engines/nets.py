"""The two networks inside the rapidocr wheel, run by OpenVINO or, without it, by onnxruntime.

Only files of the wheel are opened: nothing is ever downloaded.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rongdang.base.errors import DomainError

Floats = npt.NDArray[np.float32]
Run = Callable[[Floats], Floats]

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"


class NetworkMissingError(DomainError):
    """The wheel with the networks is not whole; a page cannot be read, its image is kept."""

    status, code = 503, "no-ocr-network"


def runtime() -> str:
    """The library that runs the networks here."""
    return "openvino" if importlib.util.find_spec("openvino") else "onnxruntime"


def identity() -> str:
    """Name, version, network and runtime: what the words of a page are kept with."""
    return f"rapidocr {version('rapidocr')} PP-OCRv6-small {runtime()}"


def open_network(name: str) -> tuple[Run, str]:
    """The network and the alphabet it carries ("" for one that finds places); one thread."""
    path = _file(name)
    return _openvino(path) if runtime() == "openvino" else _onnxruntime(path)


def _file(name: str) -> Path:
    spec = importlib.util.find_spec("rapidocr")
    path = Path(spec.origin).parent / "models" / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise NetworkMissingError(
            "文字识别模型不在这台机器上，这一页没有读出文字。图像已保存。",
            "The recognition model is not on this machine; the page was not read. "
            "Its image is kept.",
            hint_zh="请重新运行安装（make run），再点“重新识别”。",
            hint_en="Install again (make run), then read the page again.",
        )
    return path


def _openvino(path: Path) -> tuple[Run, str]:
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def run(batch: Floats) -> Floats:
        request.infer([batch])
        return np.asarray(request.get_output_tensor().data, np.float32)

    notes: Any = model.get_rt_info()
    kept = notes["framework"] if "framework" in notes else {}  # noqa: SIM401 - no dict, has no get
    return run, str(kept["character"].value) if "character" in kept else ""


def _onnxruntime(path: Path) -> tuple[Run, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )
    wanted = session.get_inputs()[0].name

    def run(batch: Floats) -> Floats:
        return np.asarray(session.run(None, {wanted: batch})[0], np.float32)

    return run, session.get_modelmeta().custom_metadata_map.get("character", "")
