"""How open a release is: its class by the Model Openness Framework, and which disclosures it makes."""

# Where a release keeps its file of the Model Openness Tool; here, so that asking for it loads nothing else.
MOT_FILES = ("mof.yml", "mof.yaml", "MOF.yml", "MOF.yaml")
