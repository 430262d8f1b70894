"""What ImageMeasurement measures, by numpy, scipy and imagehash, for ImageMeasurementTest: draws images by formulas
that the test repeats. Shares no code with Loupe.

python image_properties.py > ../resources/dev/loupe/imaging/properties.csv
"""
import imagehash
import numpy as np
from PIL import Image
from scipy.fft import dctn
from scipy.ndimage import laplace

LONGEST, DARK, BRIGHT = 512, 5, 250


def hills(x, y):
    return (abs(x % 230 - 115) + abs((x // 2 + y) % 310 - 155)) * 255 // 270


def slope(x, y):
    return (x * x // 500 + y * y // 300 + x * y // 900) % 256


def boxes(x, y):
    light = np.where((x // 160 + y // 130) % 3 == 0, 240 + x // 70, 90 + x % 23 + y % 17 + x // 20)
    return np.where(x * 5 + y * 3 < 700, (x + y) // 40, np.minimum(light, 255))


def dim(x, y):
    return 3 + (x * 7 + y * 13) % 11


def disc(x, y):
    return np.where((x - 150) ** 2 + (y - 90) ** 2 < 4900, 220, 60 + (x + y) // 16)


def area(x, width, height):
    """Averages areas, also of parts of pixels, and rounds."""

    def weights(source, target):
        edges = np.arange(target + 1) * source / target
        pixels = np.arange(source)
        overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
        return np.clip(overlap, 0, None) * target / source

    return np.rint(weights(x.shape[0], height) @ x @ weights(x.shape[1], width).T)


def bits(flags):
    return "".join("1" if flag else "0" for flag in np.ravel(flags))


print("drawing,width,height,perceptual,difference,imagehashPerceptual,imagehashDifference,"
      "brightness,darkShare,brightShare,sharpness")
for drawing, width, height in [
    (hills, 512, 384), (hills, 320, 240), (hills, 1024, 768), (slope, 300, 200), (boxes, 512, 512), (boxes, 1024, 512),
    (dim, 256, 256), (disc, 400, 300), (disc, 1000, 600),
]:
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    grey = drawing(x, y).astype(float)
    scale = LONGEST / max(width, height)
    small = grey if scale >= 1 else area(grey, round(width * scale), round(height * scale))
    lowest = dctn(area(small, 32, 32), norm="ortho")[:8, :8]
    nine = area(small, 9, 8)
    image = Image.fromarray(grey.astype(np.uint8))
    print(",".join([
        drawing.__name__, str(width), str(height),
        bits(lowest > np.median(lowest)), bits(nine[:, 1:] > nine[:, :-1]),
        bits(imagehash.phash(image).hash), bits(imagehash.dhash(image).hash),
        f"{small.mean():.4f}", f"{(small <= DARK).mean():.6f}", f"{(small >= BRIGHT).mean():.6f}",
        f"{laplace(small, mode='mirror').var():.3f}",
    ]))
