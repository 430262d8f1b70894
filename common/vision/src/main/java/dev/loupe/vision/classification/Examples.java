package dev.loupe.vision.classification;

import java.util.Random;

/** Labelled inputs of a network, all of one shape. */
interface Examples {
    int size();

    /** Index of the class of an example. */
    int label(int index);

    /** Shape of one input, without the batch dimension. */
    long[] shape();

    /**
     * Writes an input.
     *
     * @param index of the example
     * @param augmentation source of random changes, null for none
     * @param target to write to
     * @param offset of the first value
     */
    void write(int index, Random augmentation, float[] target, int offset);

    /** Values of one input. */
    default int length() {
        int length = 1;
        for (long side : shape()) {
            length = Math.multiplyExact(length, Math.toIntExact(side));
        }
        return length;
    }
}
