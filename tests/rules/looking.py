"""What the rules about formats other than safetensors say of a bundle."""

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.rules import load

CODES = tuple(code for code in load() if code.startswith(("WGT3", "SEC4")))


def looked(folder, *codes):
    result = check(Bundle.open(folder), Settings(select=codes or CODES), isolate=False)
    return result.findings, {outcome.code: outcome for outcome in result.outcomes}
