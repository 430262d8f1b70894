package dev.loupe.vision.classification;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Standardised feature vectors. */
public record FeatureExamples(List<float[]> rows, int[] labels, Standardisation standardisation)
        implements TrainingExamples {
    /** Some of the examples, in this order. */
    public FeatureExamples subset(int[] indices) {
        return new FeatureExamples(
                Arrays.stream(indices).mapToObj(rows::get).toList(),
                Arrays.stream(indices).map(index -> labels[index]).toArray(),
                standardisation);
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public long[] shape() {
        return new long[] {standardisation.mean().length};
    }

    @Override
    public void write(int index, Random augmentation, float[] target, int offset) {
        float[] row = rows.get(index);
        for (int i = 0; i < row.length; i++) {
            target[offset + i] =
                    (row[i] - standardisation.mean()[i]) / standardisation.deviation()[i];
        }
    }
}
