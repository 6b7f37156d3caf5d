"""Weights and pixels that tests make again, number for number (Tests/EncodersTests/Recipe.swift): only features need be kept."""
import numpy as np
import torch


def uniform(name, count):
    """count numbers in [0, 1): FNV-1a of the name seeds SplitMix64, of which the upper 24 bits are kept."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).astype(np.float32)


def values(name, shape):
    """Weights spread so that signals keep their size; scales and variances around 1; shifts around 0."""
    u = uniform(name, int(np.prod(shape))).reshape(shape)
    if name.endswith(("running_var", "gamma")) or (name.endswith("weight") and len(shape) == 1):
        return u + np.float32(0.5)
    fan = np.prod(shape[1:]) if len(shape) > 1 and name.endswith("weight") else 12
    return (u - np.float32(0.5)) * np.float32(np.sqrt(12 / fan))


def load(model):
    """Draws every parameter and buffer of a model from the recipe, but those that follow from its numbers."""
    state = model.state_dict()
    for name, t in state.items():
        if not name.endswith(("num_batches_tracked", "relative_position_index", "attn_mask")):
            state[name] = torch.from_numpy(np.asarray(values(name, tuple(t.shape))))
    model.load_state_dict(state)
    return model.eval()


MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def patches(side):
    """Two normalised patches [2, 3, side, side]."""
    pixels = (uniform(f"pixels of {side}", 2 * side * side * 3) * 256).astype(np.uint8).reshape(2, side, side, 3)
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255)
    return (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
