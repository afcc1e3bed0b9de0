"""Takes what is coloured for tissue, by scikit-image."""
import numpy as np
from skimage import color, filters, morphology

INPUTS = {"slide": "Slide"}
OUTPUT = {"mask": "TissueMask"}
PARAMS = {"min_region_um": {"default": 100.0, "min": 0, "max": 5000, "doc": "Smaller specks, by side of a square, are dust."}}


def run(slide, min_region_um):
    saturation = color.rgb2hsv(slide.overview)[:, :, 1]
    tissue = saturation > filters.threshold_otsu(saturation)
    um = slide.overview_scale[0] * slide.level0_mpp[0]  # of a pixel of the overview
    return {"mask": morphology.remove_small_objects(tissue, max(1, int((min_region_um / um) ** 2)))}
