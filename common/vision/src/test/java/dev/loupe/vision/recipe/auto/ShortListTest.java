package dev.loupe.vision.recipe.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.Split;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Hog;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShortListTest {
    private static final List<Backbone> BACKBONES = List.of(Scattering.backbone(64), Hog.backbone(64));

    @Test
    void hasAKernelSvmOnTheBestBackbone() {
        List<Candidate> candidates = ShortList.of(job(ShortList.MAX_KERNEL_IMAGES), BACKBONES, BACKBONES.getLast());

        assertEquals(
                List.of("transfer with scattering", "transfer with hog", "classical with hog", "scratch"),
                candidates.stream().map(Candidate::name).toList());
        assertEquals("hog", candidates.get(2).recipe().parameters().get("backbone"));
        assertEquals(BACKBONES.getLast(), candidates.get(2).backbone());
    }

    @Test
    void hasNoKernelSvmForManyImages() {
        assertEquals(
                List.of("transfer with scattering", "transfer with hog", "scratch"),
                ShortList.of(job(ShortList.MAX_KERNEL_IMAGES + 1), BACKBONES, BACKBONES.getFirst()).stream()
                        .map(Candidate::name)
                        .toList());
    }

    @Test
    void refinesTheBestOne() {
        Backbone network = RandomBackbones.mobileNet(1);
        Backbone imported = new Backbone(
                "mobilenet",
                network.sha256(),
                network.onnx(),
                network.preprocessing(),
                network.featureMaps(),
                network.pooled());

        assertEquals("finetune of mobilenet", refinement(transfer(imported), 5).orElseThrow());
        assertEquals(
                "scratch, longer",
                refinement(
                                ShortList.of(job(100), BACKBONES, BACKBONES.getFirst())
                                        .getLast(),
                                5)
                        .orElseThrow());
        assertEquals(
                Optional.empty(), refinement(transfer(BACKBONES.getFirst()), 5), "scattering has nothing to learn");
        assertEquals(Optional.empty(), refinement(transfer(imported), 4), "too few wrong images to show a gain");
    }

    private static Candidate transfer(Backbone backbone) {
        return ShortList.of(job(100), List.of(backbone), backbone).getFirst();
    }

    private static Optional<String> refinement(Candidate best, long wrong) {
        return ShortList.refinement(best, wrong).map(Candidate::name);
    }

    private static TrainingJob job(int trainImages) {
        List<TrainingImage> images = IntStream.range(0, trainImages)
                .mapToObj(i -> new TrainingImage("image " + i, Path.of("none"), i % 2 == 0 ? "a" : "b", Split.TRAIN))
                .toList();
        return new TrainingJob(
                images, List.of("a", "b"), BACKBONES, 1, 1, Path.of("."), Progress.NONE, Checkpoints.NONE);
    }
}
