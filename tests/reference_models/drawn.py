"""Models with drawn weights, and one batch learned by heart."""

import torch

from auditor.training.initialization import initial_weights
from reference_models import catalogue


def drawn(name, parameters, scheme="torch", seed=0):
    model = catalogue.build(name, parameters)
    weights = initial_weights(catalogue.shapes(name, parameters), scheme, seed)
    model.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()}, assign=True)
    return model.eval()


def overfitted(model, loss, inputs, steps, lr=3e-3):
    """The loss after `steps` steps on one batch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss(model(*inputs))
        value.backward()
        optimizer.step()
    return value.item()
