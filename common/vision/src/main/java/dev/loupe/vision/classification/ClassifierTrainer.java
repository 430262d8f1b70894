package dev.loupe.vision.classification;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.ClassPrediction;
import dev.loupe.model.Predictor;
import dev.loupe.vision.classification.TrainingCheckpoints.CheckpointInterval;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.ModelEvaluation;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Trains classifiers. */
public final class ClassifierTrainer {
    static final String OUTPUT = Predictor.PROBABILITIES;

    private ClassifierTrainer() {}

    /**
     * Trains a classifier: a linear head on the job's backbone or, without a backbone, a small residual network from
     * scratch. Resumes from the job's latest checkpoint. Writes {@code model.onnx} into the job's work folder and
     * evaluates that file on DEV and TEST.
     *
     * @throws IllegalArgumentException if a label has no TRAIN image, or there are fewer than two labels
     * @throws NonFiniteLossException if training diverges
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static TrainedModel train(TrainingJob job) {
        return train(job, CheckpointInterval.DEFAULT);
    }

    static TrainedModel train(TrainingJob job, CheckpointInterval interval) {
        check(job);
        TrainingCheckpoints checkpoints = new TrainingCheckpoints(job.checkpoints(), job.workFolder(), interval);
        Preprocessing preprocessing;
        byte[] onnx;
        try {
            if (job.backbone() != null) {
                preprocessing = job.backbone().preprocessing();
                onnx = new TransferTraining(job, checkpoints).run();
            } else {
                ScratchTraining training = new ScratchTraining(job, checkpoints);
                preprocessing = training.preprocessing();
                onnx = training.run();
            }
        } catch (CancelledException e) {
            checkpoints.saveRest(); // so that the next attempt repeats as little as possible
            throw e;
        }
        Path file = job.workFolder().resolve("model.onnx");
        try {
            Files.write(file, onnx);
        } catch (IOException e) {
            throw new UncheckedIOException("can't write " + file + ": " + e.getMessage(), e);
        }
        try (Predictor predictor = new Predictor(onnx, Task.CLASSIFICATION, preprocessing, job.labels(), null, 1)) {
            List<TrainingImage> test = job.images(Split.TEST);
            List<ClassPrediction> answers = predict(predictor, job, test, "evaluate");
            List<TrainingImage> dev = job.images(Split.DEV);
            return new TrainedModel(
                    Task.CLASSIFICATION,
                    file,
                    preprocessing,
                    job.labels(),
                    null,
                    ModelEvaluation.classification(job.labels(), test, answers),
                    ModelEvaluation.classification(job.labels(), dev, predict(predictor, job, dev, "validate")),
                    List.of(),
                    ModelEvaluation.classPredictions(job.labels(), test, answers),
                    checkpoints.resumedFrom());
        }
    }

    private static List<ClassPrediction> predict(
            Predictor predictor, TrainingJob job, List<TrainingImage> images, String phase) {
        return ModelEvaluation.predict(
                predictor, images, job.threads(), phase, job.progress(), ClassPrediction.class::cast);
    }

    private static void check(TrainingJob job) {
        if (job.labels().size() < 2) {
            throw new IllegalArgumentException("a classifier needs at least two labels, got " + job.labels());
        }
        List<TrainingImage> train = job.images(Split.TRAIN);
        for (String label : job.labels()) {
            if (train.stream().noneMatch(image -> image.label().equals(label))) {
                throw new IllegalArgumentException("label '" + label + "' has no TRAIN image");
            }
        }
    }
}
