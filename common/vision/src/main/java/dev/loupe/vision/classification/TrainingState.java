package dev.loupe.vision.classification;

import dev.loupe.vision.classification.LearningRateSchedule.Plateau;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The complete state of a training, from which it resumes as if it had not been stopped: random numbers are derived
 * from the job's seed and the number of the epoch.
 *
 * @param stage number of the stage, from 1: a recipe may train several networks in turn
 * @param epoch number of the last finished epoch of the stage, 0 before the first
 * @param weights weights of the network after the epoch
 * @param firstMoments first moments of Adam, or the momentum of SGD, one array per weight; empty before the first step
 * @param secondMoments second moments of Adam, one array per weight; empty before the first step and with SGD
 * @param average moving average of the weights; empty before the first step and without an average
 * @param plateau state of the schedule
 * @param foundRate learning rate that a {@link LearningRateFinder} found for the stage; NaN: the plan's holds
 * @param best best weights on DEV so far, null before the first epoch
 */
public record TrainingState(
        int stage,
        int epoch,
        List<float[]> weights,
        List<float[]> firstMoments,
        List<float[]> secondMoments,
        List<float[]> average,
        Plateau plateau,
        double foundRate,
        Best best) {
    private static final int FORMAT = 4;
    /** The first format with a learning rate that was found. */
    private static final int FOUND_RATE = 4;

    private static final int OLDEST_FORMAT = 3;

    /**
     * The best weights on DEV (those of the last epoch, if there is no DEV).
     *
     * @param epoch number of the epoch, 0 if it is of an earlier stage
     * @param loss loss on DEV
     * @param accuracy accuracy on DEV
     */
    public record Best(int epoch, double loss, double accuracy, List<float[]> weights) {
        /** Whether this has the higher accuracy, or the same accuracy and a lower loss. */
        boolean isBetterThan(Best other) {
            return accuracy > other.accuracy || (accuracy == other.accuracy && loss < other.loss);
        }
    }

    static TrainingState initial(List<float[]> weights) {
        return new TrainingState(1, 0, weights, List.of(), List.of(), List.of(), Plateau.START, Double.NaN, null);
    }

    /**
     * The start of the next stage. The best result so far stays the best until an epoch of that stage is better.
     *
     * @param initial initial weights of its network: the best ones of this stage, and those of further layers
     */
    public TrainingState next(List<float[]> initial) {
        Best carried = best == null ? null : new Best(0, best.loss, best.accuracy, initial);
        return new TrainingState(
                stage + 1, 0, initial, List.of(), List.of(), List.of(), Plateau.START, Double.NaN, carried);
    }

    TrainingState withFoundRate(double rate) {
        return new TrainingState(stage, epoch, weights, firstMoments, secondMoments, average, plateau, rate, best);
    }

    void write(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeInt(FORMAT);
            out.writeInt(stage);
            out.writeInt(epoch);
            write(out, weights);
            write(out, firstMoments);
            write(out, secondMoments);
            write(out, average);
            out.writeDouble(plateau.factor());
            out.writeDouble(plateau.best());
            out.writeInt(plateau.waited());
            out.writeDouble(foundRate);
            out.writeBoolean(best != null);
            if (best != null) {
                out.writeInt(best.epoch);
                out.writeDouble(best.loss);
                out.writeDouble(best.accuracy);
                write(out, best.weights);
            }
        }
    }

    static TrainingState read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            int format = in.readInt();
            if (format < OLDEST_FORMAT || format > FORMAT) {
                throw new IOException("checkpoint " + file.getFileName() + ": format " + format + ", expected "
                        + OLDEST_FORMAT + " to " + FORMAT);
            }
            int stage = in.readInt();
            int epoch = in.readInt();
            List<float[]> weights = arrays(in);
            List<float[]> firstMoments = arrays(in);
            List<float[]> secondMoments = arrays(in);
            List<float[]> average = arrays(in);
            Plateau plateau = new Plateau(in.readDouble(), in.readDouble(), in.readInt());
            double foundRate = format < FOUND_RATE ? Double.NaN : in.readDouble();
            Best best = in.readBoolean() ? new Best(in.readInt(), in.readDouble(), in.readDouble(), arrays(in)) : null;
            return new TrainingState(
                    stage, epoch, weights, firstMoments, secondMoments, average, plateau, foundRate, best);
        }
    }

    /** Whether the weights of this state have the same sizes as these. */
    boolean fits(List<float[]> others) {
        boolean fits = weights.size() == others.size();
        for (int i = 0; fits && i < others.size(); i++) {
            fits = weights.get(i).length == others.get(i).length;
        }
        return fits;
    }

    static void write(DataOutputStream out, List<float[]> arrays) throws IOException {
        out.writeInt(arrays.size());
        for (float[] array : arrays) {
            out.writeInt(array.length);
            ByteBuffer bytes = ByteBuffer.allocate(4 * array.length);
            bytes.asFloatBuffer().put(array);
            out.write(bytes.array());
        }
    }

    static List<float[]> arrays(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<float[]> arrays = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            float[] array = new float[in.readInt()];
            ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes(4 * array.length));
            bytes.asFloatBuffer().get(array);
            arrays.add(array);
        }
        return arrays;
    }
}
