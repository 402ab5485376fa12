"""One small valid document of each format, published in its schema under `examples`."""

from __future__ import annotations

from typing import Any

_METRIC = {"type": "accuracy", "unit": "proportion"}
_CSV = {
    "kind": "csv",
    "file": "digits.csv.gz",
    "first_row": 0,
    "rows": 1437,
    "features": 64,
    "label_column": 64,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "fmaudit": {
        "format": 1,
        "release": "digits-cnn 1.0",
        "license": "Apache-2.0",
        "components": [{"component": "Model card", "path": "README.md"}],
        "claims": [
            {
                "id": "test-accuracy",
                "metric": _METRIC,
                "value": "0.9750",
                "data": {"ref": "data/croissant.json#test", "split": "test", "n": 360},
            }
        ],
    },
    "recipe": {
        "format": 1,
        "model": {"reference": "cnn", "parameters": {"classes": 10}, "initialization": "keras"},
        "data": {"manifest": "data/croissant.json", "divide_by": "16", "splits": {"train": _CSV}},
        "optimizer": {"kind": "adam", "lr": 0.001, "eps": 1e-07},
        "training": {"epochs": 10, "batch_size": 32},
        "evaluation": {"split": "test"},
        "seeds": {"derive": 5},
    },
    "card": {
        "license": "apache-2.0",
        "pipeline_tag": "image-classification",
        "model-index": [
            {
                "name": "digits-cnn",
                "results": [
                    {
                        "task": {"type": "image-classification"},
                        "dataset": {"type": "digits", "name": "Digits", "split": "test"},
                        "metrics": [{"type": "accuracy", "value": 0.975}],
                    }
                ],
            }
        ],
    },
    "config": {"model_type": "cnn", "dtype": "float32", "parameters": {"classes": 10}},
    "index": {
        "metadata": {"total_size": 139304},
        "weight_map": {"conv1.weight": "model-00001-of-00002.safetensors"},
    },
    "croissant": {
        "@context": {
            "@language": "en",
            "@vocab": "https://schema.org/",
            "sc": "https://schema.org/",
            "cr": "http://mlcommons.org/croissant/",
            "dct": "http://purl.org/dc/terms/",
            "conformsTo": "dct:conformsTo",
            "recordSet": "cr:recordSet",
        },
        "@type": "sc:Dataset",
        "name": "digits",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "digits.csv.gz",
                "contentUrl": "digits.csv.gz",
                "encodingFormat": "application/gzip",
                "sha256": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "test"}],
    },
    "settings": {
        "rules": "2026.2",
        "fail-on": "warning",
        "ignore": ["OPEN"],
        "per-file": {"checkpoints/**": ["WGT201"]},
        "ignores": [
            {
                "rule": "MET214",
                "file": "fmaudit.yaml",
                "path": "claims[0].value",
                "until": "2026-12-31",
                "reason": "the score is measured again",
            }
        ],
    },
}
