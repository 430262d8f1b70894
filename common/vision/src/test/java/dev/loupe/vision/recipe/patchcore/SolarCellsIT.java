package dev.loupe.vision.recipe.patchcore;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.vision.net.RandomBackbones;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PatchCore on real images: 889 monocrystalline solar cells (ELPV). anomalib's PatchCore reaches an AUROC of .9607 on
 * the same features; the control shows what of it is the backbone's training.
 */
class SolarCellsIT {
    private static final Path SHARED =
            Path.of(Objects.requireNonNullElse(System.getenv("LOUPE_SHARED"), "../../../shared"));

    @TempDir
    static Path folder;

    @BeforeAll
    static void unzip() throws IOException {
        Path zip = SHARED.resolve("data/elpv-mono.zip");
        Path backbone = SHARED.resolve("backbones/mobilenet_v2_features.onnx");
        assumeTrue(
                Files.exists(zip) && Files.exists(backbone),
                "skipped: " + zip + " or " + backbone + " is not there (LOUPE_SHARED names the folder)");
        try (InputStream in = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(in)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path file = folder.resolve("cells").resolve(entry.getName());
                if (!entry.isDirectory()) {
                    Files.createDirectories(file.getParent());
                    Files.copy(entries, file);
                }
            }
        }
    }

    private static Backbone mobileNet() {
        return Backbone.imported(
                "mobilenet_v2",
                SHARED.resolve("backbones/mobilenet_v2_features.onnx"),
                255,
                new float[] {0.485f, 0.456f, 0.406f},
                new float[] {0.229f, 0.224f, 0.225f});
    }

    private static double auroc(Backbone backbone) throws Exception {
        TrainedModel model = new PatchCoreRecipe()
                .train(new TrainingJob(
                        PatchCoreBench.images(folder.resolve("cells")),
                        List.of("normal", "abnormal"),
                        backbone,
                        0,
                        2,
                        Files.createTempDirectory(folder, "work"),
                        Progress.NONE,
                        Checkpoints.NONE));
        return model.metrics().get("auroc");
    }

    @Test
    void imageNetFeaturesFindDefectiveCells() throws Exception {
        double auroc = auroc(mobileNet());
        assertTrue(auroc >= 0.95, "auroc " + auroc);
    }

    @Test
    void theSameNetworkWithRandomWeightsDoesNot() throws Exception {
        double auroc = auroc(RandomBackbones.withRandomWeights(mobileNet(), 1));
        assertTrue(auroc <= 0.9, "auroc " + auroc);
    }
}
