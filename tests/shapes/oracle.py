"""What transformers itself makes of a config: the model on the meta device, and the names that it saves."""

import json
import warnings
from copy import deepcopy

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its import says of other packages is not ours to mend
    import torch
    import transformers
    from transformers.core_model_loading import revert_weight_conversion
    from transformers.modeling_utils import remove_tied_weights_from_state_dict

transformers.logging.set_verbosity_error()


def built(kind, name, fields):
    """The model of class `name` for a config of type `kind` with these fields, without memory."""
    fields = deepcopy(fields)  # transformers writes into what it is given
    made = getattr(transformers, name)
    config = transformers.AutoConfig.for_model(kind, **fields)
    if made.config_class is not type(config):
        config = made.config_class(**fields)
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        return made(config)


def saved(model):
    """config.json, and the shapes of the tensors of model.safetensors, as `save_pretrained` writes them."""
    tensors = model.state_dict()
    model.tie_weights()
    for name in model._keys_to_ignore_on_save or ():
        tensors.pop(name, None)
    tensors = revert_weight_conversion(model, remove_tied_weights_from_state_dict(tensors, model))
    config = json.loads(model.config.to_json_string(use_diff=True))
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return config | {"architectures": [type(model).__name__]}, shapes
