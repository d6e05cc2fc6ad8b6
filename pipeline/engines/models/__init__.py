"""The models that engines load: which there are, where they lie here, and how they get there."""
