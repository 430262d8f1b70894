package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.Selection;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.classification.NonFiniteLossException;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.recipe.auto.ShortList.Candidate;
import dev.loupe.vision.recipe.auto.Trials.Trial;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Tries the candidates one after the other, chooses on DEV, and evaluates the chosen model on TEST. */
final class AutoTraining {
    private final TrainingJob job;
    private final AutoParameters parameters;
    private final Trials trials;
    private final LongSupplier nanoTime;
    private final long start;
    private final double secondsBefore;

    AutoTraining(TrainingJob job, AutoParameters parameters, LongSupplier nanoTime) {
        this.job = job;
        this.parameters = parameters;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.trials = new Trials(job.checkpoints(), job.workFolder());
        this.secondsBefore = trials.finished().stream()
                .mapToDouble(trial -> trial.candidate().seconds())
                .sum();
    }

    TrainedModel run() {
        List<TrainingImage> learnt = job.images().stream()
                .filter(image -> image.split() != Split.TEST)
                .toList();
        Optional<String> nothingToChooseBy = ShortList.nothingToChooseBy(job);
        if (nothingToChooseBy.isPresent()) {
            List<Backbone> backbones = ShortList.backbones(job, Map.of());
            tryAll(ShortList.of(job, backbones, backbones.getFirst()).subList(0, 1), 1, learnt);
        } else {
            List<Candidate> probes = ShortList.probes(job);
            tryAll(probes, probes.size(), ShortList.few(job));
            List<Backbone> backbones = ShortList.backbones(job, probed(probes));
            List<Candidate> planned = ShortList.of(job, backbones, backbones.getFirst());
            tryAll(planned, backbones.size(), learnt);
            List<Candidate> candidates = ShortList.of(job, backbones, best(backbones, planned));
            tryAll(candidates, candidates.size(), learnt);
            tryAll(List.of(ShortList.control(job)), 1, learnt);
        }
        Trial best = trials.best()
                .orElseThrow(() -> new IllegalArgumentException("no candidate could be trained: "
                        + trials.finished().getLast().candidate().note()));
        return evaluated(best, nothingToChooseBy);
    }

    private Map<String, Double> probed(List<Candidate> probes) {
        Map<String, Double> probed = new HashMap<>();
        for (Candidate probe : probes) {
            probed.put(probe.backbone().name(), ended(probe).accuracy());
        }
        return probed;
    }

    private Trial ended(Candidate candidate) {
        return trials.finished(candidate.name()).orElseThrow();
    }

    /**
     * The backbone whose candidate does best on DEV; the first one if none could be trained.
     *
     * @param planned candidates that begin with one for each backbone
     */
    private Backbone best(List<Backbone> backbones, List<Candidate> planned) {
        List<Trial> tried =
                planned.stream().limit(backbones.size()).map(this::ended).toList();
        int best = 0;
        for (int i = 1; i < tried.size(); i++) {
            if (tried.get(i).succeeded()
                    && (!tried.get(best).succeeded() || tried.get(i).isBetterThan(tried.get(best)))) {
                best = i;
            }
        }
        return backbones.get(best);
    }

    /**
     * Tries the first candidates, but for those that were tried before.
     *
     * @param first number of candidates to try
     */
    private void tryAll(List<Candidate> candidates, int first, List<TrainingImage> images) {
        for (int i = 0; i < first; i++) {
            Candidate candidate = candidates.get(i);
            if (trials.finished(candidate.name()).isPresent()) {
                continue;
            }
            if (timeIsOver()) {
                trials.add(ended(candidate, Map.of(), 0, "not tried: " + timeOver(), null), null);
                continue;
            }
            String phase = candidate.name().equals(ShortList.CONTROL)
                    ? ShortList.CONTROL
                    : (candidate.measureOnly() ? "probe " : "candidate ") + (i + 1) + " of " + candidates.size();
            tried(candidate, phase, images);
        }
    }

    private void tried(Candidate candidate, String phase, List<TrainingImage> images) {
        long begin = nanoTime.getAsLong();
        Trial trial;
        Path model = null;
        try {
            Path folder = Files.createDirectories(
                    job.workFolder().resolve("candidate-" + trials.finished().size()));
            TrainedModel trained = train(candidate, phase, images, folder);
            model = trained.onnx();
            String note = !candidate.measureOnly() ? null : "measured only, with " + images.size() + " images";
            trial = ended(candidate, trained.devMetrics(), secondsSince(begin), note, trained);
        } catch (CancelledException e) {
            job.progress().check();
            trial = ended(candidate, Map.of(), secondsSince(begin), "given up: " + timeOver(), null);
        } catch (IllegalArgumentException | NonFiniteLossException e) {
            trial = ended(candidate, Map.of(), secondsSince(begin), "failed: " + e.getMessage(), null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        trials.add(trial, model);
    }

    private TrainedModel train(Candidate candidate, String phase, List<TrainingImage> images, Path folder) {
        TrainingJob own = new TrainingJob(
                images,
                job.labels(),
                candidate.backbone(),
                job.seed(),
                job.threads(),
                folder,
                progress(phase),
                trials.ofNext(candidate.name(), folder));
        return Recipes.require(candidate.recipe().name(), getClass().getClassLoader())
                .train(own, candidate.recipe().parameters());
    }

    /** Without metrics: the series of several trainings can't be told apart. */
    private Progress progress(String candidate) {
        return new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                job.progress().report(candidate + " " + phase, done, total, Map.of());
            }

            @Override
            public boolean cancelled() {
                return job.progress().cancelled() || timeIsOver();
            }
        };
    }

    /** Whether no further candidate is tried. The first one has all the time that it needs. */
    private boolean timeIsOver() {
        return trials.best().isPresent()
                && secondsBefore + secondsSince(start)
                        > Duration.ofMinutes(parameters.minutes()).toSeconds();
    }

    private String timeOver() {
        return "its " + parameters.minutes() + " minutes were over";
    }

    private static Trial ended(
            Candidate candidate, Map<String, Double> devMetrics, double seconds, String note, TrainedModel model) {
        return new Trial(
                new Selection.Candidate(candidate.name(), candidate.recipe(), devMetrics, seconds, note),
                candidate.measureOnly(),
                model == null ? null : model.preprocessing());
    }

    private double secondsSince(long begin) {
        return (nanoTime.getAsLong() - begin) / 1e9;
    }

    private TrainedModel evaluated(Trial best, Optional<String> nothingToChooseBy) {
        Path file = job.workFolder().resolve("model.onnx");
        try {
            Files.copy(trials.bestModel(), file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
        return ClassifierTrainer.evaluated(job, file, best.preprocessing(), trials.resumedFrom())
                .with(
                        new Selection(
                                best.candidate().name(),
                                nothingToChooseBy
                                        .map(why -> why + ", so it is the first candidate")
                                        .orElseGet(() -> reason(best)),
                                trials.finished().stream().map(Trial::candidate).toList()),
                        warnings(best));
    }

    private List<String> warnings(Trial best) {
        return trials.finished().stream()
                .filter(trial -> trial.candidate().name().equals(ShortList.CONTROL) && trial.succeeded())
                .filter(control -> control.accuracy() >= best.accuracy())
                .map(control -> "A network with random weights does as well on DEV (accuracy " + rounded(control)
                        + ") as " + best.candidate().name() + " (" + rounded(best)
                        + "): the model has learnt little from what the images show. Look for wrong labels, add images,"
                        + " or import a backbone that was trained on such images.")
                .toList();
    }

    private String reason(Trial best) {
        Optional<Trial> next = trials.finished().stream()
                .filter(trial -> trial.succeeded() && !trial.measureOnly() && trial != best)
                .reduce((one, other) -> other.isBetterThan(one) ? other : one);
        return "highest accuracy on the " + job.images(Split.DEV).size() + " DEV images: " + rounded(best)
                + next.map(second -> "; next is " + second.candidate().name() + ": " + rounded(second)
                                + (second.accuracy() == best.accuracy() ? ", with a higher log loss" : ""))
                        .orElse("");
    }

    private static String rounded(Trial trial) {
        return String.format(Locale.ROOT, "%.4f", trial.accuracy());
    }
}
