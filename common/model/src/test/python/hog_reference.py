"""Histograms of oriented gradients by scikit-image, for HogTest: writes a row for each block of an image.

python hog_reference.py > ../resources/dev/loupe/model/backbone/hog.csv
"""
import numpy as np
from skimage.feature import hog

SIDE, CELLS = 48, 8
# Hardly any place has two colours that change equally: which of them counts would depend on rounding.
y, x = np.mgrid[0:SIDE, 0:SIDE]
image = np.stack([(x * x * 5 + y * y * 7 + x * y * 3) * (3 + c) // 64 % (251 - c) for c in range(3)], axis=-1)
cell = SIDE // CELLS
features = hog(
    (image / 255).astype(np.float32), orientations=9, pixels_per_cell=(cell, cell), cells_per_block=(2, 2),
    block_norm="L2-Hys", channel_axis=-1)
for block in features.reshape(-1, 36):
    print(",".join(f"{value:.6f}" for value in block))
