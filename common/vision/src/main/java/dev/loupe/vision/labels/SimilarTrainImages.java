package dev.loupe.vision.labels;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.SimilarImages;
import dev.loupe.contracts.training.SimilarImages.Similar;
import dev.loupe.vision.classification.FeatureExamples;
import dev.loupe.vision.recipe.transfer.Descriptions;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Finds the TRAIN images that other images look most like: what the model could have learned its answer from. */
public final class SimilarTrainImages {
    private SimilarTrainImages() {}

    /**
     * Compares images with all TRAIN images.
     *
     * @param images images to compare
     * @param descriptions the features of the job's images; asked for unless there is nothing to compare
     * @param names name of the uploaded file by the id of an image
     * @return the similar images; without any if there are more than {@link LabelCheck#MAX_IMAGES} TRAIN and DEV images
     * @throws dev.loupe.vision.training.CancelledException if the job's progress is cancelled
     */
    public static SimilarImages of(
            TrainingJob job,
            List<TrainingImage> images,
            Supplier<Descriptions> descriptions,
            Map<String, String> names) {
        List<TrainingImage> train = job.images(Split.TRAIN);
        Map<String, List<Similar>> similar = new LinkedHashMap<>();
        int described = train.size() + job.images(Split.DEV).size();
        if (!images.isEmpty() && !train.isEmpty() && described <= LabelCheck.MAX_IMAGES) {
            float[][] known = directions(descriptions.get().examples(Split.TRAIN));
            float[][] asked = directions(descriptions.get().examples(images));
            for (int i = 0; i < asked.length; i++) {
                job.progress().check();
                similar.put(images.get(i).id(), mostSimilar(asked[i], known, train, names));
            }
        }
        return new SimilarImages(job.backbone().name(), similar);
    }

    private static List<Similar> mostSimilar(
            float[] direction, float[][] known, List<TrainingImage> train, Map<String, String> names) {
        double[] cosines = new double[known.length];
        for (int i = 0; i < known.length; i++) {
            cosines[i] = Math.clamp(dot(direction, known[i]), -1, 1);
        }
        return IntStream.range(0, cosines.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -cosines[i]))
                .limit(SimilarImages.MAX_SIMILAR)
                .map(i -> new Similar(
                        train.get(i).id(),
                        names.get(train.get(i).id()),
                        train.get(i).label(),
                        cosines[i]))
                .toList();
    }

    /** The standardised features of each example, divided by their length. */
    private static float[][] directions(FeatureExamples examples) {
        float[][] directions = new float[examples.size()][(int) examples.shape()[0]];
        for (int i = 0; i < directions.length; i++) {
            float[] direction = directions[i];
            examples.write(i, null, direction, 0);
            double length = Math.sqrt(dot(direction, direction));
            for (int feature = 0; length > 0 && feature < direction.length; feature++) {
                direction[feature] /= (float) length;
            }
        }
        return directions;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
