package dev.loupe.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Runs a test case on generated inputs. Input n of a seed is always the same, so a failure is reproduced by its seed
 * and number. {@code -Dloupe.fuzz=whole} runs all inputs, otherwise a share of them runs. {@code -Dloupe.fuzz.seed=N}
 * sets the seed: by default the share has a fixed one, and the whole run generates one and prints it.
 *
 * @param name name of the case, for messages and files
 * @param share number of inputs in every build
 * @param whole number of inputs in the nightly build
 */
public record Fuzz(String name, int share, int whole) {
    private static final long FIXED_SEED = 20_260_101;

    /** Generates an input. */
    public interface Generator {
        byte[] next(RandomGenerator random);
    }

    /** Passes an input to the code under test; throws if the test fails. */
    public interface Case {
        void accept(byte[] input) throws Exception;
    }

    public Fuzz {
        if (share < 1 || share > whole) {
            throw new IllegalArgumentException(
                    "fuzz " + name + ": expected 1 <= share <= whole, got " + share + " and " + whole);
        }
    }

    /**
     * Runs the case on each input.
     *
     * @return the number of inputs that were run
     * @throws AssertionError for the first input that fails; the input is stored in {@code target/fuzz}
     */
    public int run(Generator generator, Case test) {
        boolean all = "whole".equals(System.getProperty("loupe.fuzz"));
        Long given = Long.getLong("loupe.fuzz.seed");
        long seed = given != null ? given : all ? System.nanoTime() : FIXED_SEED;
        int inputs = all ? whole : share;
        System.out.println("fuzz " + name + ": " + inputs + " inputs of seed " + seed);
        for (int n = 0; n < inputs; n++) {
            byte[] input = generator.next(new SplittableRandom(seed * 1_000_003 + n));
            keep(input); // stored first, so that it is available even if it crashes the JVM
            try {
                test.accept(input);
            } catch (Exception | Error e) {
                Path kept = keep(input, "-" + seed + "-" + n);
                throw new AssertionError(
                        "fuzz %s: input %d of seed %d fails, %d bytes kept in %s: %s"
                                .formatted(name, n, seed, input.length, kept, e),
                        e);
            }
        }
        return inputs;
    }

    private void keep(byte[] input) {
        keep(input, "-last");
    }

    private Path keep(byte[] input, String suffix) {
        try {
            Path folder = Files.createDirectories(Path.of("target", "fuzz"));
            return Files.write(folder.resolve(name + suffix), input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
