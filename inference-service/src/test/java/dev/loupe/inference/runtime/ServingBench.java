package dev.loupe.inference.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.loupe.contracts.Task;
import dev.loupe.inference.SmallModels;
import dev.loupe.inference.registry.Alias;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.Origin;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.model.ModelPackage;
import dev.loupe.model.Precision;
import dev.loupe.model.Prediction;
import dev.loupe.model.Predictor;
import dev.loupe.model.onnx.OnnxSession.WorkingMemory;
import dev.loupe.storage.ObjectLocation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures serving in this process, without the network: {@code mvn test -pl inference-service -Dtest=ServingBench}. It
 * asserts no times; lines that begin with BENCH are the result.
 */
class ServingBench {
    private static final int ROUNDS = 5;
    private static final Duration ROUND = Duration.ofSeconds(2);
    private static final int REGISTERED = 1000;
    private static final int ASKED = 200;
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path folder;

    private record Limits(int maxSize, Duration maxDelay) implements BatchingConfig.Limits {}

    private record Request(ModelLease lease, float[] nchw) implements BatchWork<Prediction> {
        @Override
        public int images() {
            return 1;
        }

        @Override
        public float[] prepare() {
            return nchw.clone();
        }

        @Override
        public Prediction answer(Outputs outputs) {
            return outputs.predictions().getFirst();
        }
    }

    private static <T> T config(Class<T> type, String... properties) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withMapping(type);
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            builder.withDefaultValue(parts[0], parts[1]);
        }
        builder.withConverter(Duration.class, 100, new io.quarkus.runtime.configuration.DurationConverter());
        builder.withConverter(
                io.quarkus.runtime.configuration.MemorySize.class,
                100,
                new io.quarkus.runtime.configuration.MemorySizeConverter());
        SmallRyeConfig config = builder.build();
        return config.getConfigMapping(type);
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, "BENCH " + format + "%n", values);
    }

    @Test
    void batching() throws Exception {
        for (Path packed : List.of(
                BenchModels.mobileNet(folder.resolve("MobileNetV2")),
                BenchModels.memoryBank(folder.resolve("memory-bank"), 10_000),
                SmallModels.classifier(folder.resolve("linear"), 1, List.of("red", "blue")))) {
            batching(packed);
        }
    }

    private void batching(Path packed) throws Exception {
        ModelPackage opened = ModelPackage.open(packed);
        List<Limits> kinds = List.of(new Limits(1, Duration.ZERO), new Limits(8, Duration.ZERO));
        List<LoadedModel> models = new ArrayList<>();
        for (Limits limits : kinds) {
            Predictor predictor = Predictor.open(opened, Precision.FP32, 1, WorkingMemory.RELEASED);
            models.add(new LoadedModel(
                    UUID.randomUUID(),
                    version(1, "0".repeat(64)),
                    opened.manifest(),
                    predictor,
                    null,
                    new ModelMemory(1L << 40).reserveBeyond(0),
                    limits));
        }
        PredictionPool pool = new PredictionPool(config(PredictionConfig.class), new SimpleMeterRegistry());
        for (int callers : new int[] {1, 16}) {
            double[][] rates = new double[kinds.size()][ROUNDS];
            for (int round = -1; round < ROUNDS; round++) { // the first one warms up
                for (int kind = 0; kind < kinds.size(); kind++) {
                    double rate = rate(pool, models.get(kind), callers);
                    if (round >= 0) {
                        rates[kind][round] = rate;
                    }
                }
            }
            for (double[] of : rates) {
                Arrays.sort(of);
            }
            print(
                    "%s, %d callers: %.1f images/s alone, %.1f in batches of up to 8: %.2f times",
                    packed.getFileName(),
                    callers,
                    rates[0][ROUNDS / 2],
                    rates[1][ROUNDS / 2],
                    rates[1][ROUNDS / 2] / rates[0][ROUNDS / 2]);
        }
        pool.close();
        models.forEach(LoadedModel::retire);
    }

    private static double rate(PredictionPool pool, LoadedModel model, int callers) throws Exception {
        float[] image = new float[model.manifest().preprocessing().size()];
        Arrays.fill(image, 0.5f);
        ModelLease lease = new ModelLease(model, null, null, null);
        AtomicLong images = new AtomicLong();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < callers; i++) {
                threads.submit(() -> {
                    while (System.nanoTime() - begin < ROUND.toNanos()) {
                        pool.compute(new Request(lease, image));
                        images.incrementAndGet();
                    }
                });
            }
        }
        return images.get() / ((System.nanoTime() - begin) / 1e9);
    }

    private static ModelVersion version(int number, String manifest) {
        return new ModelVersion(
                number,
                UUID.randomUUID(),
                new ObjectLocation("bucket", "manifest.json"),
                manifest,
                "d",
                1,
                "test",
                Map.of(),
                "transfer",
                "scattering",
                Origin.TRAINED,
                Instant.EPOCH,
                null);
    }

    @Test
    void memory() throws Exception {
        Path packages = folder.resolve("packages");
        Path hot = BenchModels.mobileNet(folder.resolve("hot"));
        Path bank = SmallModels.heavyClassifier(folder.resolve("bank"), 1, 24);
        Model model = new Model(UUID.randomUUID(), "many", Task.CLASSIFICATION);
        Model busy = new Model(UUID.randomUUID(), "hot", Task.CLASSIFICATION);
        List<ModelVersion> versions = new ArrayList<>();
        for (int number = 1; number <= REGISTERED; number++) {
            String digest = "%064x".formatted(number);
            if (number <= ASKED) {
                Path another = BenchModels.another(bank, folder.resolve("p" + number));
                digest = digest(another);
                Files.createDirectories(packages);
                Files.move(another, packages.resolve(digest));
            }
            versions.add(version(number, digest));
        }
        String busyDigest = digest(hot);
        Files.move(hot, packages.resolve(busyDigest));
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        LoadingConfig loading = config(
                LoadingConfig.class,
                "loupe.inference.loading.memory=2G",
                "loupe.inference.loading.newest=0",
                "loupe.inference.loading.max-wait=60s");
        ModelMemory memory = new ModelMemory(loading, metrics);
        PackageCache cache = new PackageCache(
                null,
                config(
                        CacheConfig.class,
                        "loupe.inference.cache.directory=" + folder,
                        "loupe.inference.cache.max-size=1000G"));
        ModelRuntime runtime = new ModelRuntime(
                new ModelLoader(cache, config(BatchingConfig.class), Precision.FP32), cache, memory, loading, metrics);
        runtime.apply(new RegistrySnapshot(List.of(
                entry(model, versions, List.of()),
                entry(busy, List.of(version(1, busyDigest)), List.of(new Alias("production", 1, 1))))));
        float[] image = new float[BenchModels.PREPROCESSING.size()];
        Arrays.fill(image, 0.5f);
        long[] alone = hot(runtime, image, new AtomicBoolean(), 400);
        AtomicBoolean over = new AtomicBoolean();
        List<long[]> loaded = new ArrayList<>();
        Thread caller = Thread.ofPlatform().start(() -> loaded.add(hot(runtime, image, over, Integer.MAX_VALUE)));
        long most = 0;
        long resident = 0;
        long begin = System.nanoTime();
        for (int number = 1; number <= ASKED; number++) {
            try (ModelLease lease = runtime.lease("many", String.valueOf(number))) {
                assertEquals(number, lease.version().number());
                lease.predictor().predictTensor(new float[SmallModels.PREPROCESSING.size()], 1);
            }
            most = Math.max(most, memory.used());
            resident = Math.max(resident, resident());
        }
        over.set(true);
        caller.join();
        print(
                "%d versions of %.1f MB registered, %d asked in turn in %.1f s: at most %d MiB of %d MiB, resident %d MiB",
                REGISTERED,
                Files.size(bank.resolve(ModelPackage.MODEL)) / 1e6,
                ASKED,
                (System.nanoTime() - begin) / 1e9,
                most / MEBIBYTE,
                memory.budget() / MEBIBYTE,
                resident / MEBIBYTE);
        print(
                "hot model: p99 %.1f ms alone, %.1f ms while others load (%d requests): %.2f times; median %.1f ms, %.1f ms",
                percentile(alone, 99),
                percentile(loaded.getFirst(), 99),
                loaded.getFirst().length,
                percentile(loaded.getFirst(), 99) / percentile(alone, 99),
                percentile(alone, 50),
                percentile(loaded.getFirst(), 50));
        runtime.close();
    }

    private static RegistrySnapshot.Entry entry(Model model, List<ModelVersion> versions, List<Alias> aliases) {
        return new RegistrySnapshot.Entry(model, List.of(), versions, aliases, List.of(), List.of(), Set.of());
    }

    private static long[] hot(ModelRuntime runtime, float[] image, AtomicBoolean over, int most) {
        List<Long> nanos = new ArrayList<>();
        while (!over.get() && nanos.size() < most) {
            long begin = System.nanoTime();
            try (ModelLease lease = runtime.lease("hot", "")) {
                lease.predictor().predictTensor(image, 1);
            }
            nanos.add(System.nanoTime() - begin);
        }
        return nanos.stream()
                .skip(nanos.size() / 20)
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
    }

    private static double percentile(long[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
    }

    private static String digest(Path packed) {
        return ModelPackage.describe(packed.resolve(ModelPackage.MANIFEST)).sha256();
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                << 10;
    }
}
