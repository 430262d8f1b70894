package dev.loupe.contracts.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.List;
import java.util.Map;

/**
 * The TRAIN images that TEST images look most like, on the features of a backbone. The trainer of a classifier writes it as
 * {@code attempts/N/similar-images.json}, before the result of the attempt.
 *
 * @param backbone name of the backbone whose features were used
 * @param images for TEST images by digest, the surest wrong predictions and the least sure right ones, the most similar
 *     TRAIN images, the most similar one first
 */
public record SimilarImages(String backbone, Map<String, List<Similar>> images) {
    /** Most TEST images. */
    public static final int MAX_IMAGES = 200;
    /** Most TRAIN images of a TEST image. */
    public static final int MAX_SIMILAR = 3;
    /** Most bytes of the document: more than {@value #MAX_IMAGES} x {@value #MAX_SIMILAR} long names take. */
    public static final long MAX_BYTES = 4L << 20;

    public SimilarImages {
        images = images == null ? Map.of() : Map.copyOf(images);
    }

    /** Key of the document of an attempt, in the run's folder. */
    public static String key(int attempt) {
        return "attempts/" + attempt + "/similar-images.json";
    }

    /**
     * A TRAIN image.
     *
     * @param sha256 digest of the image
     * @param name name of the uploaded file, null if it is not known
     * @param label its label
     * @param similarity cosine of the angle between the features of both images, -1..1, after those of TRAIN were centred;
     *     1 for the same image
     */
    @JsonInclude(Include.NON_NULL)
    public record Similar(String sha256, String name, String label, double similarity) {}
}
