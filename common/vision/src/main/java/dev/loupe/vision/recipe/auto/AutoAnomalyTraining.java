package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.evaluation.EvaluationReport.Estimate;
import dev.loupe.contracts.training.Selection;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.anomaly.AnomalyTrainer;
import dev.loupe.vision.evaluation.BinaryMetrics;
import dev.loupe.vision.evaluation.PairedDifference;
import dev.loupe.vision.recipe.FilterParameters;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Probes detectors with few images, trains the best ones with all, chooses on DEV, and trains the chosen one by its own recipe,
 * which evaluates it on TEST. Deterministic for given images, backbones and seed, unless the time is over.
 */
final class AutoAnomalyTraining {
    /** From this probability on, that the best AUROC is one by chance, the default is kept. */
    private static final double CHANCE = 0.05;

    private static final int PERCENT = 100;
    /** Most images whose size is looked at. */
    private static final int MEASURED_IMAGES = 20;

    private final TrainingJob job;
    private final AutoAnomalyParameters parameters;
    private final LongSupplier nanoTime;
    private final int probeImages;

    /** @param probeImages most images of a probe in each label and split */
    AutoAnomalyTraining(TrainingJob job, AutoAnomalyParameters parameters, LongSupplier nanoTime, int probeImages) {
        this.probeImages = probeImages;
        this.job = job;
        this.parameters = parameters;
        this.nanoTime = nanoTime;
    }

    /**
     * Trains the model.
     *
     * @throws IllegalArgumentException if there is no backbone, an abnormal TRAIN image, too few normal ones, or no candidate
     *     can be trained
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    TrainedModel run() {
        AnomalyTrainer.requireBackbone(job);
        AnomalyTrainer.normalTrainImages(job, AutoAnomalyRecipe.NAME);
        return AnomalyShortList.nothingToChooseBy(job.images(), job.labels())
                .map(this::standardAlone)
                .orElseGet(this::best);
    }

    private TrainedModel standardAlone(String why) {
        Candidate standard = AnomalyShortList.standard(job, parameters.ofAll());
        long begin = nanoTime.getAsLong();
        TrainedModel model = train(standard, job.checkpoints());
        double seconds = (nanoTime.getAsLong() - begin) / 1e9;
        Selection.Candidate only =
                new Selection.Candidate(standard.name(), standard.recipe(), model.devMetrics(), seconds, null, null);
        return model.with(
                new Selection(standard.name(), why + ", so it is the default", List.of(only)), model.warnings());
    }

    /** Trains a candidate by its recipe with all images, and evaluates it on TEST. */
    private TrainedModel train(Candidate candidate, Checkpoints checkpoints) {
        TrainingJob own = new TrainingJob(
                job.images(),
                job.labels(),
                candidate.backbone(),
                job.seed(),
                job.threads(),
                job.workFolder(),
                job.progress(),
                checkpoints);
        return Recipes.require(candidate.recipe().name(), getClass().getClassLoader())
                .train(own, candidate.recipe().parameters());
    }

    private TrainedModel best() {
        Tryout tryout = new Tryout(job, parameters.minutes(), nanoTime, Trial.BY_AUROC);
        Trials trials = tryout.trials();
        List<Candidate> candidates = tryAll(tryout);
        Trial best = trials.best()
                .orElseThrow(() -> new IllegalArgumentException("no candidate could be trained: "
                        + trials.finished().getFirst().candidate().note()));
        double chance = chance(trials, best);
        Trial standard = tryout.ended(candidates.getFirst());
        boolean shown = chance < CHANCE;
        Trial chosen = shown || !standard.succeeded() ? best : standard;
        Candidate candidate = candidates.stream()
                .filter(one -> one.name().equals(chosen.name()))
                .findFirst()
                .orElseThrow();
        TrainedModel model = train(candidate, trials.ofNext("model", job.workFolder()));
        List<String> warnings = new ArrayList<>(model.warnings());
        if (!shown) {
            warnings.add(
                    "The model is not shown to tell abnormal from normal images: " + byChance(best, chance)
                            + ". Look for wrong labels in DEV, add images, or import a backbone that was trained on such images.");
        }
        String reason = shown
                ? reason(trials, best, standard)
                : "no candidate is shown to tell abnormal from normal DEV images: " + byChance(best, chance)
                        + (standard.succeeded() ? ", so it is the default" : ", and the default can't be trained");
        return model.with(
                        new Selection(
                                chosen.name(),
                                reason,
                                trials.finished().stream().map(Trial::candidate).toList()),
                        warnings)
                .resumedFrom(trials.resumedFrom());
    }

    /** How probable it is that one of all trials reaches the AUROC of the best one by chance. */
    private double chance(Trials trials, Trial best) {
        return ChanceOfBest.of(
                trials.finished().stream()
                        .filter(Trial::succeeded)
                        .map(Trial::devScores)
                        .toList(),
                abnormal(),
                best.auroc(),
                job.seed());
    }

    /** Tries all candidates, and returns those that can become the model, the default first. */
    private List<Candidate> tryAll(Tryout tryout) {
        Map<String, Object> ofAll = parameters.ofAll();
        List<TrainingImage> learnt = job.images().stream()
                .filter(image -> image.split() != Split.TEST)
                .toList();
        List<TrainingImage> few = AnomalyShortList.few(job, probeImages);
        // Of few images, a probe would be the whole candidate.
        UnaryOperator<Candidate> probe =
                few.size() == learnt.size() ? AnomalyShortList::whole : UnaryOperator.identity();
        Candidate standard = AnomalyShortList.standard(job, ofAll);
        tryout.tryAll(List.of(standard), 1, learnt);
        List<Candidate> probes = new ArrayList<>(
                AnomalyShortList.probes(job, ofAll).stream().map(probe).toList());
        tryout.tryAll(probes, probes.size(), few);
        tryout.leading(probes).ifPresent(best -> AnomalyShortList.variations(best, ofAll, this::reduction).stream()
                .map(probe)
                .forEach(probes::add));
        tryout.tryAll(probes, probes.size(), few);
        List<Candidate> ranked = tryout.ranked(probes);
        Map<String, Candidate> whole = new LinkedHashMap<>(Map.of(standard.name(), standard));
        Stream.concat(
                        probes.stream().filter(candidate -> !candidate.measureOnly()),
                        ranked.stream().limit(AnomalyShortList.MAX_WHOLE).map(AnomalyShortList::whole))
                .forEach(candidate -> whole.putIfAbsent(candidate.name(), candidate));
        String backbone =
                (ranked.isEmpty() ? standard : ranked.getFirst()).backbone().name();
        job.backbones().stream()
                .filter(one -> one.name().equals(backbone))
                .flatMap(one -> AnomalyShortList.others(one, ofAll).stream())
                .forEach(candidate -> whole.put(candidate.name(), candidate));
        List<Candidate> candidates = List.copyOf(whole.values());
        tryout.tryAll(candidates, candidates.size(), learnt);
        return candidates;
    }

    /** How many times some TRAIN images are reduced for a backbone, in the direction of less, as the median. */
    private double reduction(Backbone backbone) {
        Preprocessing preprocessing =
                backbone.preprocessing().with(parameters.region().preparation(FilterParameters.NONE));
        double[] reductions = job.images(Split.TRAIN).stream()
                .limit(MEASURED_IMAGES)
                .map(TrainingImage::header)
                .map(size -> preprocessing.geometry(size.width(), size.height()))
                .mapToDouble(geometry ->
                        Math.min(geometry.across().reduction(), geometry.down().reduction()))
                .sorted()
                .toArray();
        return reductions[reductions.length / 2];
    }

    private Map<String, Boolean> abnormal() {
        String normal = job.labels().getFirst();
        return job.images(Split.DEV).stream().collect(Collectors.toMap(TrainingImage::id, image -> !image.label()
                .equals(normal)));
    }

    private static String byChance(Trial best, double chance) {
        return String.format(
                Locale.ROOT,
                "if the labels are drawn at random, a candidate reaches the best AUROC, %.4f, in %.0f %% of the draws",
                best.auroc(),
                PERCENT * chance);
    }

    private String reason(Trials trials, Trial best, Trial standard) {
        StringBuilder reason = new StringBuilder(
                "highest AUROC on the " + job.images(Split.DEV).size() + " DEV images: " + rounded(best.auroc()));
        Optional<Trial> next =
                trials
                        .ranked(trials.finished().stream().filter(trial -> !trial.measureOnly() && trial != best))
                        .stream()
                        .findFirst();
        next.ifPresent(second -> reason.append("; next is ")
                .append(second.name())
                .append(": ")
                .append(rounded(second.auroc()))
                .append(second.auroc() == best.auroc() ? ", with no higher average precision" : ""));
        if (standard.succeeded() && standard != best) {
            reason.append(difference(best, standard));
        }
        return reason.toString();
    }

    /** How much better the best one is than the default on the same images, and whether that may be chance. */
    private String difference(Trial best, Trial standard) {
        Estimate difference = PairedDifference.ofAuroc(metrics(best), metrics(standard), job.seed());
        return String.format(
                Locale.ROOT,
                "; the default, %s, has %.4f, which is %.4f less (95 %% interval %.4f to %.4f)%s",
                standard.name(),
                standard.auroc(),
                difference.value(),
                difference.low(),
                difference.high(),
                difference.low() > 0 ? "" : ": this difference may be chance");
    }

    private BinaryMetrics metrics(Trial trial) {
        List<TrainingImage> dev = job.images(Split.DEV);
        Map<String, Boolean> abnormal = abnormal();
        boolean[] truth = new boolean[dev.size()];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = abnormal.get(dev.get(i).id());
        }
        return new BinaryMetrics(
                dev.stream()
                        .mapToDouble(image -> trial.devScores().get(image.id()))
                        .toArray(),
                truth);
    }

    private static String rounded(double auroc) {
        return String.format(Locale.ROOT, "%.4f", auroc);
    }
}
