package dev.loupe.vision.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loupe.model.AnomalyPrediction;
import dev.loupe.model.ModelManifest.DatasetVersion;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Predictor;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.vision.DrawnParts;
import dev.loupe.vision.recipe.patchcore.PatchCoreRecipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python program of docs/reference/model-package.md against {@link Predictor}, for each kind of image. */
class PackageProgramTest {
    private static final Path PAGE = Path.of("../../docs/reference/model-package.md");
    private static final Path PYTHON = Path.of(
            Objects.requireNonNullElse(
                    System.getenv("LOUPE_TOOLS"), System.getProperty("user.home") + "/.cache/loupe-tools"),
            "venv/bin/python");
    private static final int SIDE = 64;

    @TempDir
    Path folder;

    @Test
    void givesTheServersScoresForEachKindOfImage() throws Exception {
        assumeTrue(
                Files.isExecutable(PYTHON)
                        && run("-c", "import onnxruntime, numpy, PIL").status() == 0,
                "skipped: there is no Python with onnxruntime, numpy and Pillow at " + PYTHON);
        ModelPackage packed = pack();
        List<Path> files = drawnKinds();
        Matcher program = Pattern.compile("```python\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        assertTrue(program.find());
        Path script = Files.writeString(folder.resolve("run_package.py"), program.group(1));

        List<String> command =
                new ArrayList<>(List.of(script.toString(), packed.folder().toString()));
        files.forEach(file -> command.add(file.toString()));
        Ended ended = run(command.toArray(String[]::new));
        assertEquals(0, ended.status(), ended.output());
        List<String> lines = ended.output().lines().toList();
        assertEquals(files.size(), lines.size(), ended.output());
        try (Predictor predictor = Predictor.open(packed)) {
            for (int i = 0; i < lines.size(); i++) {
                AnomalyPrediction expected = (AnomalyPrediction) predictor
                        .predict(List.of(Files.readAllBytes(files.get(i))))
                        .getFirst();
                double score = Double.parseDouble(lines.get(i).split("\t")[1]);
                assertEquals(expected.score(), score, 1e-4 * Math.max(1, expected.score()), lines.get(i));
            }
        }
    }

    private ModelPackage pack() throws IOException {
        List<TrainingImage> images = DrawnParts.draw(folder.resolve("images"), SIDE, 10, 2, 1);
        TrainedModel model = new PatchCoreRecipe()
                .train(new TrainingJob(
                        images,
                        List.of(DrawnParts.NORMAL, DrawnParts.ABNORMAL),
                        Scattering.backbone(SIDE),
                        7,
                        1,
                        Files.createDirectories(folder.resolve("work")),
                        Progress.NONE,
                        Checkpoints.NONE));
        return Packager.pack(
                model,
                images,
                new DatasetVersion("d", 1, "digest", "test digest"),
                new Lineage("r", 1, "p", "plates", Map.of(), 7, null, "0.1.0", "2026-11-20T00:00:00Z"),
                folder.resolve("package"));
    }

    /** One image of each kind, drawn by Pillow; the large JPEG is decoded at half its size. */
    private List<Path> drawnKinds() throws Exception {
        Path kinds = Files.createDirectories(folder.resolve("kinds"));
        String program = """
                import sys, pathlib, zlib, struct
                import numpy as np
                from PIL import Image
                folder = pathlib.Path(sys.argv[1])
                random = np.random.default_rng(1)

                def drawn(height, width, channels, top=256):
                    y, x = np.mgrid[:height, :width]
                    waves = [np.sin(x / (5 + c)) * np.cos(y / (7 - c)) for c in range(channels)]
                    noise = random.uniform(-.1, .1, (height, width, channels))
                    return np.clip((np.stack(waves, 2) * .4 + .5 + noise) * top, 0, top - 1)

                def png(name, samples, colour):  # 16 bits, which Pillow writes for grey only
                    height, width = samples.shape[:2]
                    rows = b"".join(b"\\0" + row.astype(">u2").tobytes() for row in samples)
                    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(
                        ">I", zlib.crc32(kind + data))
                    (folder / name).write_bytes(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(
                        b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)) + chunk(
                        b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

                rgb = drawn(96, 150, 3).astype(np.uint8)
                exif = Image.Exif()
                exif[0x0112] = 6
                Image.fromarray(rgb).save(folder / "plain.png")
                Image.fromarray(drawn(128, 128, 3).astype(np.uint8)).save(folder / "halved.png")
                Image.fromarray(drawn(128, 384, 3).astype(np.uint8)).save(folder / "integral.png")
                Image.fromarray(drawn(40, 50, 3).astype(np.uint8)).save(folder / "small.png")
                Image.fromarray(drawn(40, 150, 3).astype(np.uint8)).save(folder / "mixed.png")
                Image.fromarray(rgb).save(folder / "plain.jpg", quality=92)
                Image.fromarray(rgb).save(folder / "turned.jpg", quality=92, exif=exif)
                Image.fromarray(drawn(600, 800, 3).astype(np.uint8)).save(folder / "large.jpg", quality=92)
                Image.fromarray(rgb[:, :, 0]).save(folder / "grey.png")
                Image.fromarray(rgb[:, :, 0]).save(folder / "grey.jpg", quality=92)
                Image.fromarray(rgb[:, :, :2].copy(), "LA").save(folder / "grey-alpha.png")
                rgba = drawn(96, 150, 4).astype(np.uint8)
                Image.fromarray(rgba).save(folder / "alpha.png")
                Image.fromarray(rgba).save(folder / "alpha.webp", lossless=True, exact=True)
                palette = Image.fromarray(rgb).quantize(37)
                palette.save(folder / "palette.png")
                palette.save(folder / "palette-transparent.png", transparency=bytes(range(0, 37 * 6, 6)))
                Image.fromarray(drawn(96, 150, 1, 65536)[:, :, 0].astype(np.uint16)).save(folder / "grey16.png")
                png("rgb16.png", drawn(96, 150, 3, 65536), 2)
                png("rgba16.png", drawn(96, 150, 4, 65536), 6)
                """;

        Path script = Files.writeString(folder.resolve("kinds.py"), program);
        Ended ended = run("-W", "ignore", script.toString(), kinds.toString());
        assertEquals(0, ended.status(), ended.output());
        try (var files = Files.list(kinds)) {
            return files.sorted().toList();
        }
    }

    private record Ended(int status, String output) {}

    private static Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PYTHON.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
        return new Ended(process.exitValue(), output);
    }
}
