package dev.loupe.dataset.upload.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImportFormatsTest {
    private static DetectedFormat of(Task task, String... files) {
        return ImportFormats.detect(task, Annotation.NONE, files(List.of(files)));
    }

    private static DetectedFormat ofProducts(String... files) {
        List<ArchivePath> paths = Arrays.stream(files).map(ArchivePath::of).toList();
        return ImportFormats.detect(Task.ANOMALY_DETECTION, Annotation.NONE, ArchiveFiles.ofImages(paths, true));
    }

    private static ArchiveFiles files(List<String> files) {
        return ArchiveFiles.ofImages(files.stream().map(ArchivePath::of).toList());
    }

    private static String place(DetectedFormat format, String file) {
        try {
            return switch (format.place(ArchivePath.of(file))) {
                case Place.OfMask mask -> "mask of " + mask.imageKey();
                case Place.OfImage image ->
                    image.annotation().label()
                            + (image.annotation().defect() == null
                                    ? ""
                                    : ":" + image.annotation().defect())
                            + " "
                            + image.split();
            };
        } catch (ServiceException e) {
            return e.code().name();
        }
    }

    private static String[] files(String... folders) {
        return Stream.of(folders)
                .flatMap(folder -> IntStream.range(0, 20).mapToObj(i -> folder + "/" + i + ".png"))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource({
        "cat, dog, CLASS_FOLDERS, '', cat null",
        "pets/cat, pets/dog, CLASS_FOLDERS, pets, cat null",
        "a/b/c/cat, a/b/c/dog, CLASS_FOLDERS, a/b/c, cat null",
        "train/cat, test/cat, TRAIN_TEST, '', cat TRAIN",
        "training_set/cat, test_set/cat, TRAIN_TEST, '', cat TRAIN",
        "training_set/training_set/cat, test_set/test_set/cat, TRAIN_TEST, '', cat TRAIN",
        "x/Training/cat, x/Testing/dog, TRAIN_TEST, x, cat TRAIN",
        "valid/cat, dev/dog, TRAIN_TEST, '', cat DEV",
        "val-set/cat, trainset/dog, TRAIN_TEST, '', cat DEV",
        "train/images/cat, train/images/dog, TRAIN_TEST, '', cat TRAIN",
        "cat/train, dog/test, CLASS_TRAIN_TEST, '', cat TRAIN",
        "train, bus, CLASS_FOLDERS, '', train null",
        "train, test, CLASS_FOLDERS, '', train null",
        "train/train, test/train, TRAIN_TEST, '', train TRAIN",
    })
    void understandsClasses(String first, String second, String name, String root, String place) {
        String[] files = files(first, second);
        DetectedFormat format = of(Task.CLASSIFICATION, files);
        assertEquals(name, format.name());
        assertEquals(root, String.join("/", format.root()));
        assertEquals(place, place(format, files[0]));
    }

    @ParameterizedTest
    @CsvSource({
        "train/good, test/scratch, MVTEC, normal TRAIN, abnormal:scratch TEST",
        "bottle/bottle/train/good, bottle/bottle/test/scratch, MVTEC, normal TRAIN, abnormal:scratch TEST",
        "train/good, validation/good, MVTEC, normal TRAIN, normal DEV",
        "good, scratch, CLASS_FOLDERS, normal null, abnormal:scratch null",
        "good/train, scratch/test, CLASS_TRAIN_TEST, normal TRAIN, abnormal:scratch TEST",
        "train, test/good, MVTEC, ARCHIVE_ENTRY_REFUSED, normal TEST",
        "train/scratch, test/good, MVTEC, abnormal:scratch null, normal TEST",
        "good, ground_truth/scratch, MVTEC, normal null, mask of scratch/0",
    })
    void understandsDefects(String first, String second, String name, String one, String another) {
        String[] files = files(first, second);
        DetectedFormat format = of(Task.ANOMALY_DETECTION, files);
        assertEquals(name, format.name());
        assertEquals(one, place(format, files[0]));
        assertEquals(another, place(format, files[20]));
    }

    @Test
    void aFewStrayImagesDoNotChangeTheLayout() {
        String[] files = Stream.of(
                        files("flowers/rose", "flowers/tulip"), new String[] {"flowers/overview.jpg", "logo.png"})
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        DetectedFormat format = of(Task.CLASSIFICATION, files);
        assertEquals("rose null", place(format, files[0]));
        assertEquals("null null", place(format, "flowers/overview.jpg"));
        assertEquals("null null", place(format, "logo.png"));
    }

    @Test
    void oneFolderBesideSplitsIsRefusedImageByImage() {
        DetectedFormat format = of(Task.CLASSIFICATION, "train/cat/1.png", "Test/cat/2.png", "other/dog/3.png");
        assertEquals("cat TEST", place(format, "Test/cat/2.png"));
        assertEquals("ARCHIVE_ENTRY_REFUSED", place(format, "other/dog/3.png"));
    }

    @Test
    void masksOfMvtecAndOfLocoBelongToTheirImages() {
        DetectedFormat format =
                of(Task.ANOMALY_DETECTION, "train/good/1.png", "test/cut/000.png", "ground_truth/cut/000/001.png");
        assertEquals("mask of cut/000", place(format, "ground_truth/cut/000/001.png"));
        assertEquals("mask of cut/000", place(format, "ground_truth/cut/000_mask.png"));
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), Split.TEST, "cut/000"),
                format.place(ArchivePath.of("test/cut/000.png")));
    }

    @Test
    void foldersWithinThoseOfLabelsAreProductsIfTheRequestSaysSo() {
        DetectedFormat format = ofProducts(
                "train/good/cup/1.png",
                "train/good/plate/1.png",
                "test/cut/cup/000.png",
                "test/cut/plate/000.png",
                "ground_truth/cut/plate/000_mask.png");
        assertEquals(
                new Place.OfImage(new Annotation("normal", null), Split.TRAIN, null, "cup"),
                format.place(ArchivePath.of("train/good/cup/1.png")));
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), Split.TEST, "cut/plate/000", "plate"),
                format.place(ArchivePath.of("test/cut/plate/000.png")));
        assertEquals("mask of cut/plate/000", place(format, "ground_truth/cut/plate/000_mask.png"));
        assertEquals("mask of cut/plate/000", place(format, "ground_truth/cut/plate/000/001.png"));
        assertEquals("mask of cut/000", place(format, "ground_truth/cut/000/001.png"));
        DetectedFormat folders = ofProducts("good/cup/1.png", "cut/cup/2.png");
        assertEquals(
                new Place.OfImage(new Annotation("normal", null), null, null, "cup"),
                folders.place(ArchivePath.of("good/cup/1.png")));
    }

    @Test
    void theOnlyKindOfDefectIsNoEnclosingFolderIfItHasProducts() {
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), null, null, "cup"),
                ofProducts("cut/cup/1.png", "cut/plate/1.png").place(ArchivePath.of("cut/cup/1.png")));
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), Split.TEST, "cut/cup/1", "cup"),
                ofProducts("test/cut/cup/1.png", "test/cut/plate/1.png").place(ArchivePath.of("test/cut/cup/1.png")));
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), null, null, "cup"),
                ofProducts("all/cut/cup/1.png", "all/cut/plate/1.png").place(ArchivePath.of("all/cut/cup/1.png")));
    }

    @Test
    void foldersWithinThoseOfLabelsHaveNoMeaningByDefault() {
        DetectedFormat format = of(
                Task.ANOMALY_DETECTION,
                "train/good/monday/1.png",
                "test/cut/a:b/000.png",
                "ground_truth/cut/000_mask.png");
        assertEquals(
                new Place.OfImage(new Annotation("normal", null), Split.TRAIN, null),
                format.place(ArchivePath.of("train/good/monday/1.png")));
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), Split.TEST, "cut/000"),
                format.place(ArchivePath.of("test/cut/a:b/000.png")));
        assertEquals("mask of cut/000", place(format, "ground_truth/cut/000_mask.png"));
        assertEquals(
                new Place.OfImage(new Annotation("normal", null), null, null),
                of(Task.ANOMALY_DETECTION, "good/monday/1.png", "cut/2.png")
                        .place(ArchivePath.of("good/monday/1.png")));
    }

    @Test
    void severalItemsAreNoProjectOfOneKind() {
        String[] files = files("bottle/train/good", "bottle/test/cut", "cable/train/good", "cable/test/cut");
        ServiceException refused = assertThrows(ServiceException.class, () -> of(Task.ANOMALY_DETECTION, files));
        assertEquals(ErrorCode.ARCHIVE_LAYOUT_UNSUPPORTED, refused.code());
    }

    @Test
    void aLabelOfTheRequestIsForImagesInOneFolderAtMost() {
        Annotation normal = new Annotation("normal", null);
        ArchiveFiles oneFolder = files(List.of(files("parts/new")));
        DetectedFormat format = ImportFormats.detect(Task.ANOMALY_DETECTION, normal, oneFolder);
        assertEquals("FILES", format.name());
        assertEquals("normal null", place(format, "parts/new/0.png"));
        ArchiveFiles two = files(List.of(files("a", "b")));
        ServiceException refused =
                assertThrows(ServiceException.class, () -> ImportFormats.detect(Task.ANOMALY_DETECTION, normal, two));
        assertEquals(ErrorCode.LABEL_INVALID, refused.code());
    }

    /** Another format needs one class and one entry of the list. */
    @Test
    void formatMayReadLabelsFromOtherFiles() {
        ImportFormat table = new ImportFormat() {
            @Override
            public String name() {
                return "TABLE";
            }

            @Override
            public Optional<Layout> detect(Task task, ArchiveFiles files) {
                return files.others().stream()
                        .filter(file -> file.file().equals("labels.csv"))
                        .findFirst()
                        .map(file -> new Table(new String(files.reader().apply(file), StandardCharsets.UTF_8)));
            }
        };
        ArchiveFiles files = new ArchiveFiles(
                ImageTree.of(List.of(ArchivePath.of("1.png"), ArchivePath.of("2.png")), false),
                List.of(ArchivePath.of("labels.csv")),
                false,
                _ -> "1.png,cat\n2.png,dog\n".getBytes(StandardCharsets.UTF_8));
        List<ImportFormat> formats = List.of(table, new FilesFormat());
        DetectedFormat format = ImportFormats.detect(formats, Task.CLASSIFICATION, Annotation.NONE, files);
        assertEquals("TABLE", format.name());
        assertEquals("dog null", place(format, "2.png"));
    }

    private record Table(Map<String, String> labels) implements Layout {
        Table(String csv) {
            this(csv.lines().map(line -> line.split(",")).collect(Collectors.toMap(row -> row[0], row -> row[1])));
        }

        @Override
        public String description() {
            return "labels in labels.csv";
        }

        @Override
        public Place place(ArchivePath file) {
            return new Place.OfImage(new Annotation(labels.get(file.toString()), null), null, null);
        }

        @Override
        public Place placeOutsideRoot(ArchivePath file) {
            return place(file);
        }
    }
}
