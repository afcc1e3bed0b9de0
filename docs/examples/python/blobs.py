"""Finds dark blobs of about the size of a nucleus in an H&E tile, by scipy."""
import numpy as np
from scipy import ndimage

INPUTS = {"tile": "Tile", "mask": "TissueMask?"}
OUTPUT = {"candidates": "CandidateSet"}
PARAMS = {
    "blur_um": {"default": 1.5, "min": 0.25, "max": 10, "doc": "Standard deviation of the blur before minima are looked for."},
    "apart_um": {"default": 8.0, "min": 1, "max": 25, "doc": "No two candidates are closer than this, along x and y."},
    "max_intensity": {"default": 0.55, "min": 0, "max": 1, "doc": "A candidate is darker than this after the blur; white is 1."},
}


def run(tile, mask, blur_um, apart_um, max_intensity):
    gray = tile.rgb.sum(axis=2, dtype=np.float32) / 765
    dark = ndimage.gaussian_filter(gray, blur_um / tile.mpp)
    side = 2 * int(apart_um / tile.mpp) + 1
    found = (dark == ndimage.minimum_filter(dark, side)) & (dark < max_intensity)
    x, y, width, height = tile.core
    inside = found[tile.halo:tile.halo + height, tile.halo:tile.halo + width]  # the halo is for looking only
    rows, columns = np.nonzero(inside)
    grid = np.stack([columns + x, rows + y], axis=1)
    if mask is not None:
        level0 = (grid + 0.5) * tile.scale
        at = (level0 / mask.scale).astype(int).clip(0, np.subtract(mask.size, 1))
        grid = grid[mask.mask[at[:, 1], at[:, 0]] > 0]
    grid = grid[(grid < tile.size).all(axis=1)]  # a tile may reach beyond the slide
    return {"grid": grid}
