"""fmaudit: can this model release be believed?"""

__version__ = "0.1.0"
