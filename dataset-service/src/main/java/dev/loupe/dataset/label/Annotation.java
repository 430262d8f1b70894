package dev.loupe.dataset.label;

import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The label of an image, as assigned by people.
 *
 * @param label a class, or {@code normal} or {@code abnormal} in an anomaly detection project; null without one
 * @param defect kind of defect of an abnormal image, for people; null if none
 */
public record Annotation(String label, String defect) {
    /** An image without a label. */
    public static final Annotation NONE = new Annotation(null, null);

    /** Allows no control, formatting or bidirectional characters, and none that is special in a path or in HTML. */
    private static final Pattern NAME =
            Pattern.compile("[\\p{L}\\p{N}\\p{S}_(#&&[^<>|`=+]][\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} &&[^<>|`/\\\\]]{0,99}");

    private static final Pattern UNSEEN = Pattern.compile("\\p{C}");
    private static final Pattern SPACES = Pattern.compile("\\p{Zs}");
    private static final Set<String> NORMAL_FOLDERS = Set.of("good", "ok", "normal");
    private static final String ONE_KIND =
            "an anomaly detection project is about one kind of item and has no classes: its labels are '"
                    + DatasetManifest.NORMAL + "' and '" + DatasetManifest.ABNORMAL + "'";

    /** Parses the {@code label} of a request; throws {@code LABEL_INVALID} if the task has no such label. */
    public static Annotation ofLabel(Task task, String text) {
        if (text == null || text.isBlank()) {
            return NONE;
        }
        return switch (task) {
            case CLASSIFICATION -> new Annotation(name(text), null);
            case ANOMALY_DETECTION -> {
                if (!text.equals(DatasetManifest.NORMAL) && !text.equals(DatasetManifest.ABNORMAL)) {
                    throw new ServiceException(ErrorCode.LABEL_INVALID, "label '" + shown(text) + "': " + ONE_KIND);
                }
                yield new Annotation(text, null);
            }
        };
    }

    /**
     * Derives the annotation from a folder of an archive: its class. In anomaly detection, {@code good}, {@code ok} and
     * {@code normal} are normal, and every other folder is a kind of defect.
     */
    public static Annotation ofFolder(Task task, String folder) {
        String name = name(folder);
        if (task == Task.CLASSIFICATION) {
            return new Annotation(name, null);
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (NORMAL_FOLDERS.contains(lower)) {
            return new Annotation(DatasetManifest.NORMAL, null);
        }
        return new Annotation(DatasetManifest.ABNORMAL, lower.equals(DatasetManifest.ABNORMAL) ? null : name);
    }

    /**
     * Parses a kind of defect in a request; throws {@code LABEL_INVALID} if the task has no defects or the name is
     * invalid.
     */
    public static String defect(Task task, String text) {
        if (task != Task.ANOMALY_DETECTION) {
            throw new ServiceException(
                    ErrorCode.LABEL_INVALID, "defect: expected none, because a classification project has no defects");
        }
        return name(text);
    }

    /**
     * Parses the product that an image shows; throws {@code LABEL_INVALID} if the task has no products or the name is
     * invalid.
     */
    public static String product(Task task, String text) {
        if (task != Task.ANOMALY_DETECTION) {
            throw new ServiceException(
                    ErrorCode.LABEL_INVALID,
                    "product: expected none, because a classification project has no products");
        }
        return name(text);
    }

    /** Whether folders with this name contain normal images. */
    public static boolean isNormalFolder(String folder) {
        return NORMAL_FOLDERS.contains(folder.toLowerCase(Locale.ROOT));
    }

    /** Whether the annotation marks the image as abnormal. */
    public boolean isAbnormalIn(Task task) {
        return task == Task.ANOMALY_DETECTION && DatasetManifest.ABNORMAL.equals(label);
    }

    private static String shown(String name) {
        String visible = UNSEEN.matcher(name).replaceAll("?");
        return visible.length() > 120 ? visible.substring(0, 120) + "…" : visible;
    }

    private static String name(String text) {
        String name = SPACES.matcher(Normalizer.normalize(text, Normalizer.Form.NFC))
                .replaceAll(" ")
                .strip();
        if (!NAME.matcher(name).matches()) {
            throw new ServiceException(
                    ErrorCode.LABEL_INVALID,
                    "label '" + shown(name)
                            + "': expected 1 to 100 letters, digits, spaces, punctuation marks or symbols, none of <>|`/\\,"
                            + " beginning with a letter, a digit, a symbol or one of _(#");
        }
        return name;
    }
}
