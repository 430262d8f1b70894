"""Wavelet scattering by numpy alone, written from the paper and from what Scattering's Javadoc says, not from its code.

Writes values for ScatteringTest: python3 scattering_reference.py > ../resources/dev/loupe/vision/net/scattering.csv
Columns: channel, row, column, value of maps; row -1: value of pooled.
"""
import numpy as np

SIDE, J, L = 64, 4, 8


def image():
    c, y, x = np.meshgrid(np.arange(3), np.arange(SIDE), np.arange(SIDE), indexing="ij")
    return 0.5 + 0.3 * np.sin(0.9 * x + 0.35 * y + c) + 0.2 * np.cos(0.02 * x * y - 0.5 * c)


def morlet(sigma, xi, theta, positions):
    y, x = np.meshgrid(positions, positions, indexing="ij")
    rotation = np.array([[np.cos(theta), np.sin(theta)], [-np.sin(theta), np.cos(theta)]])
    u, v = np.einsum("ij,jyx->iyx", rotation, np.stack([x, y]))
    gauss = np.exp(-(u**2 + (v * 4 / L) ** 2) / (2 * sigma**2))
    wave = gauss * np.exp(1j * xi * u)
    wave = wave - gauss * wave.sum() / gauss.sum()
    return wave * (4 / L) / (2 * np.pi * sigma**2)


FINE = [morlet(0.8, 3 * np.pi / 4, np.pi * k / L, np.arange(-2.0, 3)) for k in range(L)]
COARSE = [morlet(1.6, 3 * np.pi / 8, np.pi * k / L, np.arange(-4.5, 5)) for k in range(L)]


def modulus(plane, scale):
    """[h, w] -> [L, h', w']: full resolution at scale 0, else each second place."""
    bank, before, after, stride = (FINE, 2, 2, 1) if scale == 0 else (COARSE, 4, 4, 2)
    padded = np.pad(plane, (before, after), mode="reflect")
    taps = bank[0].shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (taps, taps))[::stride, ::stride]
    return np.stack([np.abs(np.einsum("hwyx,yx->hw", windows, wave)) for wave in bank])


def mean(planes, block):
    n, h, w = planes.shape
    return planes.reshape(n, h // block, block, w // block, block).mean((2, 4))


def scatter(image):
    grey = image.mean(0)
    level = lambda j: mean(grey[None], 2 ** max(0, j - 1))[0]
    order1 = [modulus(level(j), j) for j in range(J)]
    maps = [mean(image, 8)] + [mean(order1[j], 8 // 2**j) for j in range(J)]
    for first in range(J):
        for second in range(first + 1, J):
            planes = mean(order1[first], 2 ** (second - 1 - first))
            maps.append(np.concatenate([mean(modulus(p, second), 8 // 2**second) for p in planes]))
    return np.log(np.concatenate(maps) + 1e-3)


if __name__ == "__main__":
    maps = scatter(image())
    random = np.random.default_rng(0)
    for channel in sorted(random.choice(len(maps), 60, replace=False)):
        row, column = random.integers(0, SIDE // 8, 2)
        print(f"{channel},{row},{column},{maps[channel, row, column]:.7f}")
    for channel in range(0, len(maps), 37):
        print(f"{channel},-1,-1,{maps[channel].max():.7f}")
