"""Reads every file of a folder with Pillow or tifffile and writes FILE.rgb: width and height (two little-endian 32-bit
integers), then R, G, B. A file that they can't read, or whose colours they do not make RGB of, gets none: its name and
the reason are printed. Shares no code with Loupe."""
import pathlib
import struct
import sys

import numpy as np
from PIL import Image, ImageOps

try:
    import tifffile
except ImportError:
    tifffile = None


def on_white(colours, alpha, associated=False):
    return (colours if associated else colours * alpha) + (1 - alpha)


def upright(x, orientation):
    if orientation >= 5:
        x = x.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        x = x[:, ::-1]
    if orientation in (3, 4, 7, 8):
        x = x[::-1]
    return x


def tiff(file):
    if tifffile is None:
        raise ValueError("tifffile is not installed")
    page = tifffile.TiffFile(file).pages[0]
    x = page.asarray()
    if page.planarconfig == 2 and x.ndim == 3:
        x = x.transpose(1, 2, 0)
    photometric = int(page.photometric)
    if photometric == 3:
        x = page.colormap.transpose(1, 0)[x] / 65535
    elif photometric == 6:
        return np.asarray(Image.open(file).convert("RGB")) / 255
    else:
        x = x.astype(float) / (2 ** page.bitspersample - 1)
    x = x.reshape(x.shape[0], x.shape[1], -1)
    samples = {0: 1, 1: 1, 2: 3, 3: 3, 5: 4}[photometric]
    colours, further = x[:, :, :samples], x[:, :, samples:]
    if photometric == 0:
        colours = 1 - colours
    if photometric == 5:
        colours = (1 - colours[:, :, :3]) * (1 - colours[:, :, 3:])
    extra = int(page.extrasamples[0]) if page.extrasamples else 0
    if further.size and extra:
        if photometric == 0:
            raise ValueError("alpha on white-is-zero")
        colours = on_white(colours, further[:, :, :1], extra == 1)
    orientation = page.tags[274].value if 274 in page.tags else 1
    return upright(np.broadcast_to(colours, (*colours.shape[:2], 3)), int(orientation))


def other(file):
    image = ImageOps.exif_transpose(Image.open(file))
    transparent = image.info.get("transparency")
    if file.suffix == ".png" and transparent is not None:
        depth = file.read_bytes()[24]
        if depth in (2, 4) and image.mode == "L" or depth == 16 and image.mode == "RGB":
            raise ValueError(f"Pillow compares a transparent colour of {depth} bits with samples of 8")
    if image.mode in ("I;16", "I"):
        x = np.asarray(image).astype(float)
        grey = x / 65535
        if transparent is not None:
            grey = np.where(x == transparent, 1, grey)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.mode == "CMYK":
        return np.asarray(image.convert("RGB")) / 255
    x = np.asarray(image.convert("RGBA")) / 255
    return on_white(x[:, :, :3], x[:, :, 3:])


folder = pathlib.Path(sys.argv[1])
for file in sorted(folder.glob("*.*")):
    try:
        x = tiff(file) if file.suffix == ".tiff" else other(file)
    except Exception as e:
        print(f"{file.name}: {type(e).__name__}: {e}")
        continue
    rgb = np.clip(np.rint(x * 255), 0, 255).astype(np.uint8)
    pathlib.Path(f"{file}.rgb").write_bytes(struct.pack("<II", rgb.shape[1], rgb.shape[0]) + rgb.tobytes())
