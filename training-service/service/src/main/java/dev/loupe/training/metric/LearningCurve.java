package dev.loupe.training.metric;

import dev.loupe.training.metric.LearningNote.Kind;
import dev.loupe.training.metric.MetricSeries.Point;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The losses of a training on TRAIN and DEV after each epoch, and the rules that find over- and underfitting in them. The
 * rules compare relative changes of cross-entropies, so they need no scale of their own; small absolute changes count as
 * noise. Each rule needs {@value #MIN_EPOCHS} epochs.
 */
final class LearningCurve {
    /** Metrics that the rules need. */
    static final List<String> METRICS = List.of("loss", "devLoss", "devAccuracy");

    static final int MIN_EPOCHS = 5;

    static final String PHASE = "train";
    /** Rise of the loss on DEV, relative to its lowest value, that is more than noise. */
    private static final double RISE = 0.1;
    /** The same in nats: near 0, a relative change says nothing. */
    private static final double MIN_RISE = 0.02;
    /** Fall of a loss that is more than noise. */
    private static final double FALL = 0.05;
    /** Number of last epochs over which the loss on DEV is averaged against noise. */
    private static final int LAST = 3;
    /** Share of the last epochs in which a loss must fall to be still falling. */
    private static final double LAST_SHARE = 0.2;
    /** With this accuracy on DEV, there is little more to learn. */
    private static final double LEARNED = 0.98;
    /** A training has hardly learned if its losses are above this share of that of guessing. */
    private static final double HARDLY_LEARNED = 0.8;

    private final long[] epochs;
    private final double[] train;
    private final double[] dev;
    private final double accuracy;
    private final int classes;
    private final int best;

    private LearningCurve(
            SortedMap<Long, Double> losses, SortedMap<Long, Double> devLosses, double accuracy, int classes) {
        TreeSet<Long> both = new TreeSet<>(losses.keySet());
        both.retainAll(devLosses.keySet());
        this.epochs = both.stream().mapToLong(epoch -> epoch).toArray();
        this.train = both.stream().mapToDouble(losses::get).toArray();
        this.dev = both.stream().mapToDouble(devLosses::get).toArray();
        this.accuracy = accuracy;
        this.classes = classes;
        int lowest = 0;
        for (int i = 1; i < dev.length; i++) {
            lowest = dev[i] < dev[lowest] ? i : lowest;
        }
        this.best = lowest;
    }

    /**
     * What the series of a run show; empty if they show nothing, or without losses on TRAIN and DEV. Losses of a run
     * without accuracies are no cross-entropies, and show nothing.
     *
     * @param series series of all attempts; of an epoch that several attempts trained, the last one counts
     * @param classes number of classes, 0 if unknown
     * @param phase phase of the training: {@value #PHASE}, or that of the chosen candidate
     */
    static List<LearningNote> notes(List<MetricSeries> series, int classes, String phase) {
        SortedMap<Long, Double> accuracies = values(series, "devAccuracy", phase);
        if (accuracies.isEmpty()) {
            return List.of();
        }
        LearningCurve curve = new LearningCurve(
                values(series, "loss", phase),
                values(series, "devLoss", phase),
                accuracies.lastEntry().getValue(),
                classes);
        if (curve.epochs.length < MIN_EPOCHS) {
            return List.of();
        }
        if (curve.overfits()) {
            return List.of(curve.overfitting());
        }
        if (curve.hasHardlyLearned()) {
            return List.of(curve.hardlyLearned());
        }
        return curve.stillImproves() ? List.of(curve.stillImproving()) : List.of();
    }

    private static SortedMap<Long, Double> values(List<MetricSeries> series, String name, String phase) {
        SortedMap<Long, Double> values = new TreeMap<>();
        series.stream()
                .filter(one -> one.name().equals(name))
                .flatMap(one -> one.points().stream())
                .filter(point -> point.phase().equals(phase))
                .sorted(Comparator.comparingInt(Point::attempt))
                .forEach(point -> values.put(point.step(), point.value()));
        return values;
    }

    private boolean overfits() {
        double rise = lastDev() - dev[best];
        return last() - best >= LAST
                && rise >= Math.max(MIN_RISE, RISE * dev[best])
                && train[last()] <= (1 - FALL) * train[best];
    }

    private LearningNote overfitting() {
        return new LearningNote(
                Kind.OVERFITTING,
                epochs[best],
                text(
                        "after epoch %d, the loss on DEV rose from %.4f to %.4f (%+.0f %%) until epoch %d, while the loss on"
                                + " TRAIN fell from %.4f to %.4f.",
                        epochs[best],
                        dev[best],
                        lastDev(),
                        100 * (lastDev() / dev[best] - 1),
                        epochs[last()],
                        train[best],
                        train[last()]),
                "The weights of the best epoch are kept, so further epochs did no harm; more TRAIN images, augmentation or a"
                        + " smaller network would let the model learn more.");
    }

    private boolean hasHardlyLearned() {
        return classes > 1
                && train[last()] > HARDLY_LEARNED * lossOfGuessing()
                && dev[best] > HARDLY_LEARNED * lossOfGuessing();
    }

    /** Cross-entropy of equal probabilities for all classes. */
    private double lossOfGuessing() {
        return Math.log(classes);
    }

    private LearningNote hardlyLearned() {
        return new LearningNote(
                Kind.UNDERFITTING,
                epochs[best],
                text(
                        "in %d epochs, the loss on TRAIN went from %.4f to %.4f; guessing among %d classes has %.4f. The accuracy on"
                                + " DEV reached %.4f.",
                        epochs[last()], train[0], train[last()], classes, lossOfGuessing(), accuracy),
                "The model has learned little even of its TRAIN images: try another learning rate, a larger network or"
                        + " another backbone, less augmentation, and look for wrong labels.");
    }

    private boolean stillImproves() {
        int from = lastPart();
        return accuracy < LEARNED
                && best >= from
                && train[last()] <= (1 - FALL) * train[from]
                && lowest(from) - dev[best] >= MIN_RISE
                && dev[best] <= (1 - FALL) * lowest(from);
    }

    private LearningNote stillImproving() {
        int from = lastPart();
        return new LearningNote(
                Kind.UNDERFITTING,
                epochs[best],
                text(
                        "from epoch %d to epoch %d, the last one, the loss on TRAIN still fell from %.4f to %.4f and the"
                                + " lowest one on DEV from %.4f to %.4f.",
                        epochs[from], epochs[last()], train[from], train[last()], lowest(from), dev[best]),
                "Training ended before the model was done: more epochs, or a higher learning rate, would let it learn more.");
    }

    private int last() {
        return epochs.length - 1;
    }

    /** Index of the epoch before the last part of the training. */
    private int lastPart() {
        return last() - Math.max(LAST - 1, (int) Math.round(LAST_SHARE * epochs.length));
    }

    /** Mean loss on DEV of the last epochs. */
    private double lastDev() {
        double sum = 0;
        for (int i = epochs.length - LAST; i < epochs.length; i++) {
            sum += dev[i];
        }
        return sum / LAST;
    }

    /** Lowest loss on DEV up to an index. */
    private double lowest(int until) {
        double lowest = dev[0];
        for (int i = 1; i <= until; i++) {
            lowest = Math.min(lowest, dev[i]);
        }
        return lowest;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
