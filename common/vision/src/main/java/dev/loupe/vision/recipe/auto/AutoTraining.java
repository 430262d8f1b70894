package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.Selection;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.classification.ClassifierTrainer;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Tries the candidates one after the other, chooses on DEV, and evaluates the chosen model on TEST. */
final class AutoTraining {
    private final TrainingJob job;
    private final Tryout tryout;
    private final Trials trials;

    AutoTraining(TrainingJob job, AutoParameters parameters, LongSupplier nanoTime) {
        this.job = job;
        this.tryout = new Tryout(job, parameters.minutes(), nanoTime, Trial.BY_ACCURACY);
        this.trials = tryout.trials();
    }

    TrainedModel run() {
        List<TrainingImage> learnt = job.images().stream()
                .filter(image -> image.split() != Split.TEST)
                .toList();
        Optional<String> nothingToChooseBy = ShortList.nothingToChooseBy(job);
        if (nothingToChooseBy.isPresent()) {
            List<Backbone> backbones = ShortList.backbones(job, Map.of());
            tryout.tryAll(ShortList.of(job, backbones, backbones.getFirst()).subList(0, 1), 1, learnt);
        } else {
            List<Candidate> probes = ShortList.probes(job);
            tryout.tryAll(probes, probes.size(), ShortList.few(job));
            List<Backbone> backbones = ShortList.backbones(job, probed(probes));
            List<Candidate> planned = ShortList.of(job, backbones, backbones.getFirst());
            tryout.tryAll(planned, backbones.size(), learnt);
            Backbone best = tryout.leading(planned.subList(0, backbones.size()))
                    .map(Candidate::backbone)
                    .orElse(backbones.getFirst());
            List<Candidate> candidates = ShortList.of(job, backbones, best);
            tryout.tryAll(candidates, candidates.size(), learnt);
            tryout.tryAll(withRefinement(candidates), candidates.size() + 1, learnt);
            tryout.tryAll(List.of(ShortList.control(job)), 1, learnt);
        }
        Trial best = trials.best()
                .orElseThrow(() -> new IllegalArgumentException("no candidate could be trained: "
                        + trials.finished().getLast().candidate().note()));
        return evaluated(best, nothingToChooseBy);
    }

    /** The candidates, and the refinement of the best of them, if there is one. */
    private List<Candidate> withRefinement(List<Candidate> candidates) {
        List<Candidate> all = new ArrayList<>(candidates);
        tryout.leading(candidates)
                .flatMap(best -> ShortList.refinement(best, wrong(tryout.ended(best))))
                .ifPresent(all::add);
        return all;
    }

    private long wrong(Trial trial) {
        return Math.round((1 - trial.accuracy()) * job.images(Split.DEV).size());
    }

    private Map<String, Double> probed(List<Candidate> probes) {
        Map<String, Double> probed = new HashMap<>();
        for (Candidate probe : probes) {
            probed.put(probe.backbone().name(), tryout.ended(probe).accuracy());
        }
        return probed;
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
        Optional<Trial> next =
                trials
                        .ranked(trials.finished().stream().filter(trial -> !trial.measureOnly() && trial != best))
                        .stream()
                        .findFirst();
        return "highest accuracy on the " + job.images(Split.DEV).size() + " DEV images: " + rounded(best)
                + next.map(second -> "; next is " + second.candidate().name() + ": " + rounded(second)
                                + (second.accuracy() == best.accuracy() ? ", with a higher log loss" : ""))
                        .orElse("");
    }

    private static String rounded(Trial trial) {
        return String.format(Locale.ROOT, "%.4f", trial.accuracy());
    }
}
