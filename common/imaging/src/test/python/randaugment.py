"""Writes randaugment.csv with Pillow: an image, then what operations of RandAugment with a strength make of it. A line is
the operation's name, its strength, and the 8-bit values of R, then G, then B. Shares no code with Loupe."""
import pathlib
import sys

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

WIDTH, HEIGHT = 40, 30
ENHANCERS = {
    "BRIGHTNESS": ImageEnhance.Brightness,
    "COLOR": ImageEnhance.Color,
    "CONTRAST": ImageEnhance.Contrast,
    "SHARPNESS": ImageEnhance.Sharpness,
}


def cases(image):
    yield "IDENTITY", 0, image
    for name, enhancer in ENHANCERS.items():
        for strength in (-1, -0.3, 0.3, 1):
            yield name, strength, enhancer(image).enhance(1 + 0.9 * strength)
    for strength in (0, 0.25, 0.5, 1):
        yield "POSTERIZE", strength, ImageOps.posterize(image, 8 - round(4 * strength))
    for strength in (0.3, 0.8):
        yield "SOLARIZE", strength, ImageOps.solarize(image, 255 * (1 - strength))
    yield "AUTOCONTRAST", 1, ImageOps.autocontrast(image)
    yield "EQUALIZE", 1, ImageOps.equalize(image)


def main():
    random = np.random.default_rng(7)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    waves = np.stack([90 + 50 * np.sin(x / 5 + c) * np.cos(y / (4 + c)) for c in range(3)], axis=-1)
    pixels = np.clip(waves + random.normal(0, 12, waves.shape), 0, 255).astype(np.uint8)
    with open(pathlib.Path(sys.argv[1]), "w", encoding="ascii", newline="\n") as file:
        for name, strength, changed in cases(Image.fromarray(pixels)):
            values = np.asarray(changed).transpose(2, 0, 1).ravel()
            file.write(",".join([name, str(strength), *map(str, values)]) + "\n")


main()
