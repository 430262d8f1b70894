package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.Task;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.dataset.DatasetManifest.Entry;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerExit;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneRef;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import dev.loupe.devstack.Devstack;
import dev.loupe.devstack.DevstackOptions;
import dev.loupe.devstack.Part;
import dev.loupe.model.ModelPackage;
import dev.loupe.storage.MinioObjectStore;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.Sha256;
import dev.loupe.storage.StorageEndpoint;
import dev.loupe.testing.TrainerApiStub;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.imageio.ImageIO;

/** Object storage with a small dataset version of drawn images: grey noise, and the same with a bright scratch. */
final class Scene implements AutoCloseable {
    private final Devstack devstack = Devstack.start(new DevstackOptions(null, EnumSet.of(Part.S3), 0, 0, 0));
    final MinioObjectStore store = new MinioObjectStore(
            StorageEndpoint.of(devstack.storageEndpoint(), devstack.storageAccessKey(), devstack.storageSecretKey()));
    final Path folder;
    private final TrainerApiStub service;

    Scene(Path folder) throws IOException {
        this.folder = folder;
        this.service = new TrainerApiStub(store);
    }

    Map<String, String> environment() {
        return Map.of("LOUPE_REPORT_TOKEN", TrainerApiStub.TOKEN);
    }

    /**
     * A dataset version of {@code perSplit} images of each label in each split, except abnormal ones in TRAIN, which has at
     * least the ten normal ones that a detector needs. The scratch
     * of an abnormal image is of the kind {@code scratch}; all but the last one of TEST have a mask.
     */
    ManifestRef dataset(Task task, int perSplit) throws IOException {
        List<String> labels = task == Task.ANOMALY_DETECTION
                ? List.of(DatasetManifest.NORMAL, DatasetManifest.ABNORMAL)
                : List.of("plain", "scratched");
        List<Entry> entries = new ArrayList<>();
        Random random = new Random(5);
        for (Split split : Split.values()) {
            boolean learned = split == Split.TRAIN && task == Task.ANOMALY_DETECTION;
            for (int i = 0; i < 2 * (learned ? Math.max(10, perSplit) : perSplit); i++) {
                boolean scratched = i % 2 == 1;
                if (scratched && learned) {
                    continue;
                }
                BufferedImage drawn = noise(random);
                BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY);
                if (scratched) {
                    scratch(random, drawn, mask);
                }
                byte[] image = png(drawn);
                boolean abnormal = scratched && task == Task.ANOMALY_DETECTION;
                boolean masked = abnormal && !(split == Split.TEST && i == 2 * perSplit - 1);
                entries.add(new Entry(
                        Sha256.of(image),
                        stored(image),
                        image.length,
                        split + "-" + i,
                        labels.get(scratched ? 1 : 0),
                        split,
                        64,
                        64,
                        abnormal ? "scratch" : null,
                        masked ? stored(png(mask)) : null));
            }
        }
        UUID project = UUID.randomUUID();
        DatasetManifest manifest = new DatasetManifest(
                1,
                project.toString(),
                "parts",
                task,
                UUID.randomUUID().toString(),
                1,
                7,
                bucket(),
                labels,
                "test",
                entries);
        byte[] document = Json.MAPPER.writeValueAsBytes(manifest);
        String key = "projects/" + project + "/versions/1/manifest.json";
        store.put(at(key), document, "application/json");
        return new ManifestRef(bucket(), key, Sha256.of(document));
    }

    /** Stores an image or a mask as dataset-service does, and returns its key. */
    private String stored(byte[] image) {
        String sha256 = Sha256.of(image);
        String key = "images/" + sha256.substring(0, 2) + "/" + sha256;
        store.put(at(key), image, "image/png");
        return key;
    }

    private static BufferedImage noise(Random random) {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 64; y++) {
            for (int x = 0; x < 64; x++) {
                int grey = 100 + random.nextInt(30);
                image.setRGB(x, y, new Color(grey, grey, grey).getRGB());
            }
        }
        return image;
    }

    private static void scratch(Random random, BufferedImage... images) {
        int x = 5 + random.nextInt(30);
        int y = 5 + random.nextInt(50);
        for (BufferedImage image : images) {
            Graphics2D pen = image.createGraphics();
            pen.setColor(Color.WHITE);
            pen.fillRect(x, y, 24, 4);
            pen.dispose();
        }
    }

    private static byte[] png(BufferedImage image) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    TrainerSpec spec(UUID run, int attempt, ManifestRef manifest, Recipe recipe) {
        return spec(run, attempt, manifest, recipe, service.url());
    }

    TrainerSpec spec(UUID run, int attempt, ManifestRef manifest, Recipe recipe, String attemptUrl) {
        Map<String, Object> parameters = recipe.parameters();
        String backbones = (String) parameters.getOrDefault("backbones", parameters.get("backbone"));
        return new TrainerSpec(
                run.toString(),
                attempt,
                UUID.randomUUID().toString(),
                "parts",
                manifest,
                null,
                null,
                recipe,
                backbones == null
                        ? List.of()
                        : Arrays.stream(backbones.split(","))
                                .map(backbone -> new BackboneRef(backbone, null, null))
                                .toList(),
                3,
                new OutputRef(bucket(), "runs/" + run + "/"),
                folder.resolve(run + "-" + attempt).toString(),
                folder.resolve("cache").toString(),
                attemptUrl,
                2);
    }

    /** The same attempt, with a control and a check of its labels or without. */
    static TrainerSpec with(TrainerSpec spec, boolean control, boolean checkLabels) {
        return new TrainerSpec(
                spec.runId(),
                spec.attempt(),
                spec.projectId(),
                spec.projectName(),
                spec.manifest(),
                spec.evaluate(),
                spec.imported(),
                spec.recipe(),
                spec.backbones(),
                spec.seed(),
                spec.output(),
                spec.workDirectory(),
                spec.cacheDirectory(),
                spec.attemptUrl(),
                spec.threads(),
                spec.devOnly(),
                control,
                checkLabels);
    }

    /** Trains in this process. */
    TrainerResult train(TrainerSpec spec) throws IOException {
        int code = Trainer.run(new String[] {write(spec).toString()}, environment(), new Termination());
        if (code != TrainerExit.DONE) {
            throw new AssertionError("exit code " + code);
        }
        return result(spec);
    }

    /** Trains in a process of its own. */
    Process start(TrainerSpec spec, String... options) throws IOException {
        return start(spec, Map.of(), options);
    }

    Process start(TrainerSpec spec, Map<String, String> environment, String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true", "-XX:+UseSerialGC"));
        command.addAll(List.of(options));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(List.of(Trainer.class.getName(), write(spec).toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(log(spec).toFile());
        builder.environment().putAll(environment());
        builder.environment().putAll(environment);
        builder.environment().put("CLASSPATH", classPath); // see ProcessJobLauncher: the command line must stay short
        return builder.start();
    }

    Path log(TrainerSpec spec) {
        return folder.resolve(spec.runId() + "-" + spec.attempt() + ".log");
    }

    Path write(TrainerSpec spec) throws IOException {
        Path file = folder.resolve(spec.runId() + "-" + spec.attempt() + ".json");
        return Files.write(file, Json.MAPPER.writeValueAsBytes(spec));
    }

    TrainerResult result(TrainerSpec spec) throws IOException {
        return Json.MAPPER.readValue(store.read(at(spec.resultKey())), TrainerResult.class);
    }

    /** Downloads the package of a model. */
    ModelPackage download(TrainerResult result) throws IOException {
        Path copy = Files.createTempDirectory(folder, "package");
        String prefix = result.packageKey().substring(0, result.packageKey().lastIndexOf('/') + 1);
        store.download(at(result.packageKey()), result.packageSha256(), copy.resolve("manifest.json"));
        ModelPackage.parse(Files.readAllBytes(copy.resolve("manifest.json")))
                .files()
                .forEach((path, file) -> {
                    copy.resolve(path).getParent().toFile().mkdirs();
                    store.download(at(prefix + path), file.sha256(), copy.resolve(path));
                });
        return ModelPackage.open(copy);
    }

    ObjectLocation at(String key) {
        return new ObjectLocation(bucket(), key);
    }

    String bucket() {
        return devstack.storageBucket();
    }

    @Override
    public void close() {
        service.close();
        store.close();
        devstack.close();
    }
}
