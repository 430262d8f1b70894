package dev.loupe.training.launch;

import java.nio.file.Path;

/**
 * Where a trainer works.
 *
 * @param workDirectory folder of this attempt
 * @param cacheDirectory folder that trainers share
 * @param threads how many cores it may use
 */
public record Workplace(Path workDirectory, Path cacheDirectory, int threads) {}
