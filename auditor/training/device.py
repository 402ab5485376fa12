"""Which device a run uses, the settings that make it deterministic, and the record of what was used."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from auditor.errors import CannotRun
from auditor.formats.recipe import Recipe
from auditor.training.allocator import keep_memory
from auditor.training.optimizers import kernels

Choice = Literal["cpu", "cuda", "mps", "auto"]

# Environment variables that change bits (measured: the same CNN and seed under each of them).
FLAGS = (
    *("ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "CUBLAS_WORKSPACE_CONFIG"),
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE"),
)


def choose(choice: Choice, recipe: Recipe) -> torch.device:
    """The device to train on; `auto` takes the claims' own device class where present, else the fastest.

    Raises:
        CannotRun: the device asked for is not here, or has not the recipe's precision.
    """
    here = _present()
    if choice == "auto":
        wanted = recipe.environment.device
        chosen = wanted if wanted in here else here[0]
    elif choice in here:
        chosen = choice
    else:
        raise CannotRun(
            f"no {choice} device is here",
            where="--device",
            help=f"use --device {' or '.join(here)}",
        )
    if recipe.training.precision == "tf32" and chosen != "cuda":
        raise CannotRun(
            f"the recipe trains in tf32, which a {chosen} device has not",
            where="--device",
            help="use --device cuda on a machine with an NVIDIA GPU of 2020 or later",
        )
    return torch.device(chosen)


def settle(recipe: Recipe) -> None:
    """Makes torch deterministic and sets its threads as the recipe says; call before the first kernel."""
    keep_memory()
    torch.set_num_threads(recipe.environment.threads)
    strict = recipe.determinism == "strict"
    if strict:
        # Must be set before cuBLAS starts: https://pytorch.org/docs/stable/notes/randomness.html
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # The switch of `use_deterministic_algorithms`, which imports torch's compiler as well: a second or more.
    torch.set_deterministic_debug_mode("error" if strict else "default")
    # Strict mode would fill all new memory with NaN, which finds kernels that read it before writing; it
    # costs time and changes no bit of those that do not (measured: 3 % of the cnn, tests/bench/tasks.py).
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    tf32 = recipe.training.precision == "tf32"
    torch.backends.cudnn.allow_tf32 = tf32  # float32 means float32
    torch.backends.cuda.matmul.allow_tf32 = tf32


@contextmanager
def before_fork() -> Iterator[None]:
    """One thread within: a process that is forked beside the threads of GNU's OpenMP waits for them forever.

    A forked process asks for its own with `torch.set_num_threads`.
    """
    n = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n)


def environment(device: torch.device, recipe: Recipe) -> dict[str, str | int | float | bool | None]:
    """Everything besides the recipe that can change a bit of the result, by name."""
    import numpy as np

    named = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    record: dict[str, str | int | float | bool | None] = {
        "device": device.type,
        "device_name": named,
        "threads": recipe.environment.threads,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "deterministic": recipe.determinism == "strict",
        "numerics": recipe.environment.numerics,
        "optimizer": kernels(recipe.optimizer, device),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "system": platform.system(),
    }
    return record | {flag: os.environ.get(flag) for flag in FLAGS}


def _present() -> list[str]:
    found = ["cpu"]
    if torch.backends.mps.is_available():
        found.insert(0, "mps")
    if torch.cuda.is_available():
        found.insert(0, "cuda")
    return found
