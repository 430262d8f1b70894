package dev.loupe.dataset.upload.format;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import java.util.Optional;

/**
 * {@code train/good}, {@code test/DEFECT} and masks in {@code ground_truth/DEFECT}: {@code NAME_mask.png} as in MVTec
 * AD, or {@code NAME/000.png}, several for one image, as in MVTec LOCO AD. If there are no folders of splits, the folders
 * of labels lie beside {@code ground_truth}. If folders are products, they lie within those of labels: {@code
 * train/good/PRODUCT}, {@code ground_truth/DEFECT/PRODUCT/NAME_mask.png}, {@code
 * ground_truth/DEFECT/PRODUCT/NAME/000.png}.
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
        Optional<SplitFolders> splits = SplitFolders.of(task, files.images(), files.products());
        boolean masks = files.images().folders().keySet().stream().anyMatch(MvtecFormat::isMaskFolder);
        return splits.isPresent() || masks
                ? Optional.of(new Mvtec(splits.orElse(null), files.products()))
                : Optional.empty();
    }

    static boolean isMaskFolder(String folder) {
        return folder.equalsIgnoreCase(MASKS);
    }

    /**
     * @param folders folders of splits, null if there are none
     * @param products whether folders within those of labels are products
     */
    private record Mvtec(SplitFolders folders, boolean products) implements Layout {
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
                return new Place.OfImage(annotation, null, file.depth() > 0 ? key(file) : null, product(file));
            }
            Split split = folders.split(file).orElseThrow(TrainTestFormat::unplaced);
            ArchivePath inSplit = folders.inSplit(file).orElseThrow(TrainTestFormat::unplaced);
            Annotation annotation = Annotation.ofFolder(TASK, inSplit.first());
            return new Place.OfImage(
                    annotation,
                    TrainTestFormat.allowed(split, annotation, TASK),
                    split == Split.TEST ? key(inSplit) : null,
                    product(inSplit));
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            throw TrainTestFormat.unplaced();
        }

        private Place mask(ArchivePath file) {
            if (file.depth() < 2) {
                throw TrainTestFormat.unplaced();
            }
            String label = file.segments().get(1);
            String stem = file.stem();
            boolean marked = stem.endsWith(MASK_SUFFIX);
            String name = marked ? stem.substring(0, stem.length() - MASK_SUFFIX.length()) : stem;
            if (file.depth() > 2 && !(products && marked)) {
                // One of several masks of an image, in a folder with the image's name.
                ArchivePath folder = new ArchivePath(file.segments().subList(1, file.depth()));
                return new Place.OfMask(
                        key(label, product(folder), file.segments().get(file.depth() - 1)));
            }
            return new Place.OfMask(key(label, product(file.without(1)), name));
        }

        /** The product of a file whose path begins with its label; null if folders are no products. */
        private String product(ArchivePath file) {
            return products ? ProductFolder.of(file) : null;
        }

        private String key(ArchivePath image) {
            return key(image.first(), product(image), image.stem());
        }

        private static String key(String label, String product, String name) {
            return label + "/" + (product == null ? "" : product + "/") + name;
        }
    }
}
