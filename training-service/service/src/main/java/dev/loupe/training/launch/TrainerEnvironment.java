package dev.loupe.training.launch;

import java.nio.file.Path;

/**
 * Folders and cores of a trainer.
 *
 * @param workDirectory folder of this attempt
 * @param cacheDirectory folder that trainers share
 * @param threads number of cores that it may use
 */
public record TrainerEnvironment(Path workDirectory, Path cacheDirectory, int threads) {}
