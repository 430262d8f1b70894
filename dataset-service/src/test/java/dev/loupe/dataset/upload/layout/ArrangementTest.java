package dev.loupe.dataset.upload.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrangementTest {
    private static Arrangement of(Task task, String... files) {
        return Arrangement.of(
                task, Annotation.NONE, Arrays.stream(files).map(ArchivePath::of).toList());
    }

    private static String place(Arrangement arrangement, String file) {
        try {
            return switch (arrangement.place(ArchivePath.of(file))) {
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
    void understandsClasses(String first, String second, Layout.Kind kind, String root, String place) {
        String[] files = files(first, second);
        Arrangement arrangement = of(Task.CLASSIFICATION, files);
        assertEquals(kind, arrangement.layout().kind());
        assertEquals(root, String.join("/", arrangement.root()));
        assertEquals(place, place(arrangement, files[0]));
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
    void understandsDefects(String first, String second, Layout.Kind kind, String one, String another) {
        String[] files = files(first, second);
        Arrangement arrangement = of(Task.ANOMALY_DETECTION, files);
        assertEquals(kind, arrangement.layout().kind());
        assertEquals(one, place(arrangement, files[0]));
        assertEquals(another, place(arrangement, files[20]));
    }

    @Test
    void aFewStrayImagesDoNotChangeTheLayout() {
        String[] files = Stream.of(
                        files("flowers/rose", "flowers/tulip"), new String[] {"flowers/overview.jpg", "logo.png"})
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        Arrangement arrangement = of(Task.CLASSIFICATION, files);
        assertEquals("rose null", place(arrangement, files[0]));
        assertEquals("null null", place(arrangement, "flowers/overview.jpg"));
        assertEquals("null null", place(arrangement, "logo.png"));
    }

    @Test
    void oneFolderBesideSplitsIsRefusedImageByImage() {
        Arrangement arrangement = of(Task.CLASSIFICATION, "train/cat/1.png", "Test/cat/2.png", "other/dog/3.png");
        assertEquals("cat TEST", place(arrangement, "Test/cat/2.png"));
        assertEquals("ARCHIVE_ENTRY_REFUSED", place(arrangement, "other/dog/3.png"));
    }

    @Test
    void masksOfMvtecAndOfLocoBelongToTheirImages() {
        Arrangement arrangement =
                of(Task.ANOMALY_DETECTION, "train/good/1.png", "test/cut/000.png", "ground_truth/cut/000/001.png");
        assertEquals("mask of cut/000", place(arrangement, "ground_truth/cut/000/001.png"));
        assertEquals("mask of cut/000", place(arrangement, "ground_truth/cut/000_mask.png"));
        assertEquals(
                new Place.OfImage(new Annotation("abnormal", "cut"), Split.TEST, "cut/000"),
                arrangement.place(ArchivePath.of("test/cut/000.png")));
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
        List<ArchivePath> oneFolder =
                Stream.of(files("parts/new")).map(ArchivePath::of).toList();
        Arrangement arrangement = Arrangement.of(Task.ANOMALY_DETECTION, normal, oneFolder);
        assertEquals(Layout.Kind.FILES, arrangement.layout().kind());
        assertEquals("normal null", place(arrangement, "parts/new/0.png"));
        List<ArchivePath> two = Stream.of(files("a", "b")).map(ArchivePath::of).toList();
        ServiceException refused =
                assertThrows(ServiceException.class, () -> Arrangement.of(Task.ANOMALY_DETECTION, normal, two));
        assertEquals(ErrorCode.LABEL_INVALID, refused.code());
    }
}
