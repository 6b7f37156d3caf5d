"""scripts/gpu-check in parts: what is measured is a module of `steps`, and everything else serves these."""
