package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.training.Selection;
import dev.loupe.model.DevScores;
import dev.loupe.model.onnx.NonFiniteOutputException;
import dev.loupe.vision.classification.NonFiniteLossException;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** Trains candidates one after the other, until a time is over, and keeps what came of them. */
final class Tryout {
    private final TrainingJob job;
    private final int minutes;
    private final LongSupplier nanoTime;
    private final Trials trials;
    private final long start;
    private final double secondsBefore;

    /**
     * @param minutes time after which no further candidate is tried; the first one that can be the model has all the time
     *     that it needs
     * @param order the better trial is the greater one
     */
    Tryout(TrainingJob job, int minutes, LongSupplier nanoTime, Comparator<Trial> order) {
        this.job = job;
        this.minutes = minutes;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.trials = new Trials(job.checkpoints(), job.workFolder(), order);
        this.secondsBefore = trials.finished().stream()
                .mapToDouble(trial -> trial.candidate().seconds())
                .sum();
    }

    Trials trials() {
        return trials;
    }

    /** What came of a candidate that was tried, or left out because the time was over. */
    Trial ended(Candidate candidate) {
        return trials.finished(candidate.name()).orElseThrow();
    }

    /** Of candidates that were tried, the one that does best on DEV; empty if none could be trained. */
    Optional<Candidate> leading(List<Candidate> tried) {
        return ranked(tried).stream().findFirst();
    }

    /** Those of the candidates that could be trained, the best on DEV first. */
    List<Candidate> ranked(List<Candidate> tried) {
        return trials.ranked(tried.stream().map(this::ended)).stream()
                .map(trial -> tried.stream()
                        .filter(candidate -> candidate.name().equals(trial.name()))
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    /**
     * Tries the first candidates, but for those that were tried before.
     *
     * @param most number of candidates to try
     * @param images TRAIN and DEV images
     * @throws CancelledException if the job's progress is cancelled
     */
    void tryAll(List<Candidate> candidates, int most, List<TrainingImage> images) {
        for (int i = 0; i < Math.min(most, candidates.size()); i++) {
            Candidate candidate = candidates.get(i);
            if (trials.finished(candidate.name()).isPresent()) {
                continue;
            }
            if (timeIsOver()) {
                trials.add(ended(candidate, 0, "not tried: " + timeOver(), null, null), null);
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
            trial = ended(candidate, secondsSince(begin), note, phase, trained);
        } catch (CancelledException e) {
            job.progress().check();
            trial = ended(candidate, secondsSince(begin), "given up: " + timeOver(), phase, null);
        } catch (IllegalArgumentException
                | IllegalStateException
                | ArithmeticException
                | NonFiniteLossException
                | NonFiniteOutputException e) {
            trial = ended(candidate, secondsSince(begin), "failed: " + e.getMessage(), phase, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        trials.add(trial, model);
        delete(model);
    }

    private static void delete(Path model) {
        try {
            if (model != null) {
                Files.deleteIfExists(model);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete " + model + ": " + e.getMessage(), e);
        }
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

    /** The phases begin with the candidate, so that the metrics of several trainings are told apart. */
    private Progress progress(String candidate) {
        return new Progress() {
            @Override
            public void report(String phase, long done, long total, Map<String, Double> metrics) {
                job.progress().report(candidate + " " + phase, done, total, metrics);
            }

            @Override
            public boolean cancelled() {
                return job.progress().cancelled() || timeIsOver();
            }
        };
    }

    private boolean timeIsOver() {
        return trials.best().isPresent()
                && secondsBefore + secondsSince(start)
                        > Duration.ofMinutes(minutes).toSeconds();
    }

    private String timeOver() {
        return "its " + minutes + " minutes were over";
    }

    /**
     * @param phase null if it was not trained
     * @param model null if there is none
     */
    private static Trial ended(Candidate candidate, double seconds, String note, String phase, TrainedModel model) {
        return new Trial(
                new Selection.Candidate(
                        candidate.name(),
                        candidate.recipe(),
                        model == null ? Map.of() : model.devMetrics(),
                        seconds,
                        note,
                        phase),
                candidate.measureOnly(),
                model == null ? null : model.preprocessing(),
                model == null ? Map.of() : scores(model.devScores()));
    }

    private static Map<String, Double> scores(DevScores scores) {
        Map<String, Double> byId = new TreeMap<>();
        if (scores != null) {
            scores.images().forEach((id, score) -> byId.put(id, score.score()));
        }
        return byId;
    }

    private double secondsSince(long begin) {
        return (nanoTime.getAsLong() - begin) / 1e9;
    }
}
