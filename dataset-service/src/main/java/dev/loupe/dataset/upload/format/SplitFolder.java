package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Recognizes folders of splits by the names that are common for them. */
public final class SplitFolder {
    private static final Pattern SUFFIX = Pattern.compile("[ _-]?(set|data|images|imgs|split)$");
    private static final Map<String, Split> NAMES = Map.of(
            "train", Split.TRAIN,
            "training", Split.TRAIN,
            "val", Split.DEV,
            "valid", Split.DEV,
            "validation", Split.DEV,
            "dev", Split.DEV,
            "test", Split.TEST,
            "testing", Split.TEST);

    private SplitFolder() {}

    /** Returns the split that a folder with this name holds: {@code train}, {@code Test}, {@code training_set}, … */
    public static Optional<Split> of(String folder) {
        String name = folder.strip().toLowerCase(Locale.ROOT);
        return Optional.ofNullable(NAMES.get(SUFFIX.matcher(name).replaceFirst("")));
    }
}
