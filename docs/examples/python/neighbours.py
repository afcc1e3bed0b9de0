"""Tells of each detection how crowded its surroundings are, and how far it is from the edge of the tissue."""
import numpy as np
from scipy import ndimage, spatial

INPUTS = {"detections": "DetectionSet", "mask": "TissueMask"}
OUTPUT = {"features": "FeatureTable"}
PARAMS = {"within_um": {"default": 100.0, "min": 1, "max": 5000, "doc": "Radius in which neighbours are counted."}}


def run(detections, mask, within_um):
    um_per_px = np.divide(detections.mpp, detections.scale)  # of level 0
    at = detections.coords * um_per_px
    depth = ndimage.distance_transform_edt(np.pad(mask.mask, 1)) * mask.mpp
    pixel = (detections.coords / mask.scale).astype(int).clip(0, np.subtract(mask.size, 1)) + 1
    nearest = np.full(len(at), np.nan)
    count = np.zeros(len(at))
    if len(at) > 1:
        tree = spatial.cKDTree(at)
        nearest = tree.query(at, k=2)[0][:, 1]
        count = np.array([len(found) - 1 for found in tree.query_ball_point(at, within_um)], float)
    return {"nearest_um": nearest, "neighbours": count, "to_edge_um": depth[pixel[:, 1], pixel[:, 0]]}
