"""scripts/recipe-test in parts: bags whose truth is known, what may be said of them at best, trainings, and the goals."""
