package dev.loupe.imaging;

import java.util.Random;

/**
 * Mixes the images of a batch with each other, and their targets in proportion.
 *
 * <p>Source: Zhang et al., "mixup", ICLR 2018; Yun et al., "CutMix", ICCV 2019. The share of an image is drawn from
 * Beta(a, a); if both are on, each is used for half of the batches.
 *
 * @param mixup a of mixup, at most 1, 0 for none
 * @param cutmix a of CutMix, at most 1, 0 for none
 */
public record BatchMixing(double mixup, double cutmix) {
    /** Mixes nothing. */
    public static final BatchMixing NONE = new BatchMixing(0, 0);

    public BatchMixing {
        check("mixup", mixup);
        check("cutmix", cutmix);
    }

    private static void check(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("augmentation: " + name + " must be from 0 to 1, got " + value);
        }
    }

    /**
     * Mixes each image with the next one, the last with the first. A single image stays as it is.
     *
     * @param images images [n, channels, side, side], changed in place
     * @param targets shares of the classes [n, classes], changed in place
     */
    public void apply(float[] images, float[] targets, int n, int side, Random random) {
        if (mixup == 0 && cutmix == 0 || n < 2) {
            return;
        }
        boolean cut = cutmix > 0 && (mixup == 0 || random.nextBoolean());
        double share = beta(cut ? cutmix : mixup, random);
        // Each image is mixed with the next one, which is random, since the batch is.
        float[] others = rolled(images, n);
        if (cut) {
            share = paste(images, others, share, side, random);
        } else {
            mix(images, others, share);
        }
        mix(targets, rolled(targets, n), share);
    }

    private static float[] rolled(float[] values, int n) {
        int length = values.length / n;
        float[] rolled = new float[values.length];
        System.arraycopy(values, length, rolled, 0, values.length - length);
        System.arraycopy(values, 0, rolled, values.length - length, length);
        return rolled;
    }

    private static void mix(float[] values, float[] others, double share) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (share * values[i] + (1 - share) * others[i]);
        }
    }

    /** Pastes a rectangle of the other images; returns the share that the images keep. */
    private static double paste(float[] images, float[] others, double share, int side, Random random) {
        int half = (int) Math.round(side * Math.sqrt(1 - share) / 2);
        int x = random.nextInt(side);
        int y = random.nextInt(side);
        int left = Math.max(0, x - half);
        int right = Math.min(side, x + half);
        int top = Math.max(0, y - half);
        int bottom = Math.min(side, y + half);
        for (int plane = 0; plane < images.length; plane += side * side) {
            for (int row = top; row < bottom; row++) {
                int from = plane + row * side + left;
                System.arraycopy(others, from, images, from, right - left);
            }
        }
        return 1 - (double) (right - left) * (bottom - top) / (side * side);
    }

    /** Beta(a, a) by Jöhnk's method (Metrika 8, 1964), good for a up to 1. */
    private static double beta(double a, Random random) {
        while (true) {
            double one = Math.pow(random.nextDouble(), 1 / a);
            double other = Math.pow(random.nextDouble(), 1 / a);
            if (one + other > 0 && one + other <= 1) {
                return one / (one + other);
            }
        }
    }
}
