package dev.loupe.vision.classification;

import java.util.Random;

/** Labelled inputs of a network, all of one shape. */
public interface TrainingExamples {
    int size();

    /** Returns the index of the class of an example. */
    int label(int index);

    /** Returns the shape of one input, without the batch dimension. */
    long[] shape();

    /**
     * Writes an input to an array.
     *
     * @param index of the example
     * @param augmentation source of random changes, null for none
     * @param target array to write to
     * @param offset index of the first value in the array
     */
    void write(int index, Random augmentation, float[] target, int offset);

    /**
     * Mixes the inputs of a batch, in training alone.
     *
     * @param inputs inputs of the batch, one after the other
     * @param targets share of each class in each input, row by row
     * @param size number of inputs
     * @param augmentation source of random changes
     */
    default void mix(float[] inputs, float[] targets, int size, Random augmentation) {}

    /** Whether an input takes so long to write that a thread should write the next batch during a step. */
    default boolean isCostly() {
        return false;
    }

    /** Number of values of one input. */
    default int length() {
        int length = 1;
        for (long side : shape()) {
            length = Math.multiplyExact(length, Math.toIntExact(side));
        }
        return length;
    }
}
