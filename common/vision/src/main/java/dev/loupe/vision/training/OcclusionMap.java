package dev.loupe.vision.training;

import dev.loupe.imaging.AnomalyMap;
import dev.loupe.imaging.InputGeometry;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import java.util.Arrays;

/**
 * Which places of an image a classifier's answer depends on. A square window of a quarter of the model's input is moved
 * over it in steps of an eighth; what it covers has the mean colour of the image. The value of a place is by how much the
 * probability of the predicted label falls while it is covered, on average over the windows that cover it; 0 if it rises.
 *
 * <p>It needs nothing of the network but its predictions: Zeiler and Fergus, <i>Visualizing and Understanding Convolutional
 * Networks</i>, ECCV 2014, section 4.2.
 *
 * @param values {@value #CELLS} rows of {@value #CELLS} values from 0 to 1, which cover the model's input; must not be
 *     modified
 */
public record OcclusionMap(float[] values) {
    /** Number of places in a row, and of rows. */
    public static final int CELLS = 8;

    /** Places on a side of the window. */
    private static final int WINDOW = 2;
    /** Windows in a row, and rows of windows. */
    private static final int STEPS = CELLS - WINDOW + 1;

    private static final int CHANNELS = 3;

    /**
     * Computes the map of an image, by {@value #STEPS} x {@value #STEPS} predictions and one.
     *
     * @param classifier a model for classification
     * @param input prepared image {@code [3, height, width]}, with sides of at least {@value #CELLS}
     * @throws dev.loupe.model.onnx.NonFiniteOutputException if the model outputs NaN or infinity for a covered image
     */
    public static OcclusionMap of(Predictor classifier, float[] input) {
        ClassPrediction whole =
                (ClassPrediction) classifier.predictTensor(input, 1).getFirst();
        float[] falls = new float[CELLS * CELLS];
        int[] windows = new int[CELLS * CELLS];
        for (int row = 0; row < STEPS; row++) {
            // One row of windows at a time, so that the memory is that of few images.
            float[] covered = new float[STEPS * input.length];
            for (int column = 0; column < STEPS; column++) {
                System.arraycopy(input, 0, covered, column * input.length, input.length);
                cover(covered, column * input.length, input, classifier, row, column);
            }
            int column = 0;
            for (var prediction : classifier.predictTensor(covered, STEPS)) {
                float fall = whole.score() - ((ClassPrediction) prediction).probabilities()[whole.best()];
                for (int cell = 0; cell < WINDOW * WINDOW; cell++) {
                    int place = (row + cell / WINDOW) * CELLS + column + cell % WINDOW;
                    falls[place] += fall;
                    windows[place]++;
                }
                column++;
            }
        }
        for (int place = 0; place < falls.length; place++) {
            falls[place] = Math.max(0, falls[place] / windows[place]);
        }
        return new OcclusionMap(falls);
    }

    private static void cover(float[] covered, int offset, float[] input, Predictor classifier, int row, int column) {
        int width = classifier.preprocessing().width();
        int height = classifier.preprocessing().height();
        int left = column * width / CELLS;
        int right = (column + WINDOW) * width / CELLS;
        for (int channel = 0; channel < CHANNELS; channel++) {
            float mean = mean(input, channel * width * height, width * height);
            for (int y = row * height / CELLS; y < (row + WINDOW) * height / CELLS; y++) {
                int line = offset + (channel * height + y) * width;
                Arrays.fill(covered, line + left, line + right, mean);
            }
        }
    }

    private static float mean(float[] values, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        return (float) (sum / count);
    }

    /** The highest value. */
    public float highest() {
        float highest = 0;
        for (float value : values) {
            highest = Math.max(highest, value);
        }
        return highest;
    }

    /**
     * The map of the image.
     *
     * @param geometry where the input lies in it
     */
    public AnomalyMap map(InputGeometry geometry) {
        return new AnomalyMap(values, CELLS, CELLS, geometry);
    }
}
