package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.Optional;

/**
 * {@code train/good}, {@code test/DEFECT} and masks in {@code ground_truth/DEFECT}: {@code NAME_mask.png} as in MVTec
 * AD, or {@code NAME/000.png}, several for one image, as in MVTec LOCO AD. If there are no folders of splits, the
 * folders of labels lie beside {@code ground_truth}.
 */
final class MvtecFormat implements ImportFormat {
    private static final Task TASK = Task.ANOMALY_DETECTION;
    private static final String MASKS = "ground_truth";
    private static final String MASK_SUFFIX = "_mask";

    @Override
    public String name() {
        return "MVTEC";
    }

    @Override
    public Optional<Layout> detect(Task task, ArchiveFiles files) {
        if (task != TASK) {
            return Optional.empty();
        }
        Optional<SplitFolders> splits = SplitFolders.of(task, files.images());
        boolean masks = files.images().folders().keySet().stream().anyMatch(MvtecFormat::isMaskFolder);
        return splits.isPresent() || masks ? Optional.of(new Mvtec(splits.orElse(null))) : Optional.empty();
    }

    static boolean isMaskFolder(String folder) {
        return folder.equalsIgnoreCase(MASKS);
    }

    /** @param folders folders of splits, null if there are none */
    private record Mvtec(SplitFolders folders) implements Layout {
        @Override
        public String description() {
            return folders == null
                    ? "normal images in 'good', 'ok' or 'normal', every other folder a kind of defect, masks in 'ground_truth'"
                    : "one folder per split, in it 'good' or a kind of defect; masks, if any, in 'ground_truth'";
        }

        @Override
        public Place place(ArchivePath file) {
            if (isMaskFolder(file.first())) {
                return mask(file);
            }
            if (folders == null) {
                Annotation annotation = file.depth() > 0 ? Annotation.ofFolder(TASK, file.first()) : Annotation.NONE;
                return new Place.OfImage(annotation, null, file.depth() > 0 ? key(file) : null);
            }
            Split split = folders.split(file).orElseThrow(TrainTestFormat::unplaced);
            ArchivePath inSplit = folders.inSplit(file).orElseThrow(TrainTestFormat::unplaced);
            Annotation annotation = Annotation.ofFolder(TASK, inSplit.first());
            return new Place.OfImage(
                    annotation,
                    TrainTestFormat.allowed(split, annotation, TASK),
                    split == Split.TEST ? key(inSplit) : null);
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            throw TrainTestFormat.unplaced();
        }
    }

    private static Place mask(ArchivePath file) {
        if (file.depth() < 2) {
            throw TrainTestFormat.unplaced();
        }
        String label = file.segments().get(1);
        if (file.depth() > 2) {
            return new Place.OfMask(label + "/" + file.segments().get(file.depth() - 1));
        }
        String stem = file.stem();
        return new Place.OfMask(label
                + "/"
                + (stem.endsWith(MASK_SUFFIX) ? stem.substring(0, stem.length() - MASK_SUFFIX.length()) : stem));
    }

    private static String key(ArchivePath image) {
        return image.first() + "/" + image.stem();
    }
}
