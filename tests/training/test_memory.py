"""Memory that runs out is one clear error; any other fault stays what it is."""

import pytest
import torch

from auditor.errors import CannotRun
from auditor.training.memory import enough_memory


def test_an_allocation_that_fails_in_torch_is_told():
    with pytest.raises(CannotRun, match="not enough memory"), enough_memory():
        torch.empty(2**55)


def test_an_allocation_that_fails_in_python_is_told():
    with pytest.raises(CannotRun, match="not enough memory"), enough_memory():
        bytearray(2**62)


def test_another_error_of_torch_stays_what_it_is():
    with pytest.raises(RuntimeError, match="shape"), enough_memory():
        torch.zeros(2).reshape(3)
