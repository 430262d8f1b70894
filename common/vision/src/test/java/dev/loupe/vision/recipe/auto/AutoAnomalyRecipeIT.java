package dev.loupe.vision.recipe.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.training.Selection;
import dev.loupe.contracts.training.Selection.Candidate;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.OnnxAttribute;
import dev.loupe.model.onnx.OnnxGraph;
import dev.loupe.vision.DrawnSurfaces;
import dev.loupe.vision.DrawnSurfaces.Kind;
import dev.loupe.vision.recipe.Recipes;
import dev.loupe.vision.recipe.RegionParameters;
import dev.loupe.vision.recipe.patchcore.Products;
import dev.loupe.vision.training.CancelledException;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.KillingCheckpoints;
import dev.loupe.vision.training.Progress;
import dev.loupe.vision.training.TrainedModel;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoAnomalyRecipeIT {
    private static final String STANDARD = "patchcore with scattering";
    private static final int TRAIN = 12;
    private static final int EACH = 12;

    @TempDir
    Path folder;

    private final List<String> phases = new ArrayList<>();
    private String cancelAt = "never";

    @Test
    void keepsTheBuiltInBackboneWhereItIsBetter() throws IOException {
        TrainedModel model = train(draw(Kind.COLOUR));

        Selection selection = model.selection();
        assertEquals("scattering", selection.chosenRecipe().parameters().get("backbone"), selection.toString());
        assertTrue(auroc(selection, "patchcore with extremes") < 0.8, selection.toString());
        assertTrue(model.metrics().get("auroc") > 0.9, model.metrics().toString());
        assertEquals(1, phases.stream().filter(("evaluate " + 2 * EACH)::equals).count(), "TEST is looked at once");
        assertTrue(
                phases.stream().noneMatch(phase -> phase.matches("(candidate|probe).* evaluate [1-9].*")),
                phases.toString());
    }

    @Test
    void probesWithFewImagesAndTrainsTheBestOnesWhole() throws IOException {
        TrainingJob job = job(draw(Kind.POLARITY), Checkpoints.NONE, backbones());
        TrainedModel model = new AutoAnomalyTraining(job, AutoAnomalyParameters.DEFAULTS, System::nanoTime, 10).run();

        Selection selection = model.selection();
        assertTrue(phases.stream().anyMatch(phase -> phase.startsWith("probe 1 of")), phases.toString());
        List<Candidate> probes = selection.candidates().stream()
                .filter(candidate -> candidate.name().startsWith("probe of"))
                .toList();
        assertTrue(probes.size() > AnomalyShortList.MAX_WHOLE, selection.toString());
        for (Candidate probe : probes) {
            assertEquals("measured only, with 30 images", probe.note());
        }
        long whole = selection.candidates().stream()
                .filter(candidate -> candidate.name().startsWith("patchcore"))
                .count();
        assertTrue(whole > 1 && whole <= 1 + AnomalyShortList.MAX_WHOLE, selection.toString());
        assertTrue(!selection.chosen().startsWith("probe of"), selection.toString());
        assertEquals("extremes", selection.chosenRecipe().parameters().get("backbone"), selection.toString());
    }

    @Test
    void takesAnotherBackboneWhereThatIsBetterAndIsTheModelOfItsRecipe() throws IOException {
        List<TrainingImage> images = draw(Kind.POLARITY);
        TrainedModel model = train(images);

        Selection selection = model.selection();
        assertEquals("extremes", selection.chosenRecipe().parameters().get("backbone"), selection.toString());
        assertTrue(auroc(selection, STANDARD) < 0.8, selection.toString());
        assertTrue(selection.reason().contains("the default, " + STANDARD), selection.reason());
        assertTrue(model.metrics().get("auroc") > 0.9, model.metrics().toString());
        for (Candidate candidate : selection.candidates()) {
            assertTrue(candidate.seconds() > 0 && candidate.devMetrics().containsKey("auroc"), candidate.toString());
        }
        TrainedModel alone = Recipes.require(
                        selection.chosenRecipe().name(), getClass().getClassLoader())
                .train(
                        job(images, Checkpoints.NONE, List.of(extremes())),
                        selection.chosenRecipe().parameters());
        assertArrayEquals(Files.readAllBytes(alone.onnx()), Files.readAllBytes(model.onnx()));
        assertEquals(alone.threshold(), model.threshold());
        assertEquals(
                alone.evaluation().detection().memoryCurve(),
                model.evaluation().detection().memoryCurve());
        assertEquals(
                selection.candidates().stream()
                        .filter(candidate -> candidate.name().equals(selection.chosen()))
                        .findFirst()
                        .orElseThrow()
                        .devMetrics(),
                model.devMetrics());
    }

    @Test
    void isTheDefaultAtOnceWithoutEnoughAbnormalDevImages() throws IOException {
        List<TrainingImage> images = new ArrayList<>(draw(Kind.POLARITY));
        images.removeIf(image -> image.split() == Split.DEV
                && image.label().equals("abnormal")
                && !image.id().matches(".*-[0-8]"));

        TrainedModel model = train(images);

        Selection selection = model.selection();
        assertEquals(STANDARD, selection.chosen());
        assertEquals(1, selection.candidates().size());
        assertTrue(selection.reason().contains("nothing could be compared"), selection.reason());
        assertTrue(selection.reason().contains("12 normal and 9 abnormal"), selection.reason());
        assertTrue(phases.stream().noneMatch(phase -> phase.contains("probe")), phases.toString());
    }

    /** The control: labels without a meaning let one of the candidates look good, which is by chance. */
    @Test
    void keepsTheDefaultIfTheLabelsOfDevMeanNothing() throws IOException {
        List<TrainingImage> normal = draw(Kind.POLARITY).stream()
                .filter(image -> image.label().equals("normal"))
                .toList();
        List<TrainingImage> images = new ArrayList<>(normal);
        // As many abnormal images as before, which are not.
        for (TrainingImage image : DrawnSurfaces.draw(Kind.POLARITY, folder.resolve("more"), 2 * EACH, 0, 0)) {
            images.add(new TrainingImage("more " + image.id(), image.file(), "abnormal", Split.DEV));
        }

        TrainedModel model = train(images);

        Selection selection = model.selection();
        assertEquals(STANDARD, selection.chosen(), selection.toString());
        assertTrue(selection.reason().contains("no candidate is shown"), selection.reason());
        assertTrue(selection.candidates().size() > 1, selection.toString());
        assertTrue(
                model.warnings().stream().anyMatch(warning -> warning.contains("is not shown")),
                model.warnings().toString());
    }

    @Test
    void triesNothingMoreWhenTheTimeIsOver() throws IOException {
        long[] clock = {0};
        TrainingJob job = job(draw(Kind.POLARITY), Checkpoints.NONE, backbones());
        TrainedModel model = new AutoAnomalyTraining(
                        job,
                        new AutoAnomalyParameters(null, 5, Products.SHARED, RegionParameters.WHOLE),
                        () -> {
                            boolean first = phases.stream().noneMatch(phase -> phase.startsWith("candidate 2"));
                            clock[0] += first ? 0 : Duration.ofMinutes(1).toNanos();
                            return clock[0];
                        },
                        AnomalyShortList.PROBE_IMAGES)
                .run();

        List<Candidate> candidates = model.selection().candidates();
        assertEquals(STANDARD, candidates.getFirst().name());
        assertNull(candidates.getFirst().note());
        assertTrue(candidates.get(1).note().startsWith("given up"), candidates.toString());
        assertTrue(candidates.getLast().note().startsWith("not tried"), candidates.toString());
        assertEquals(STANDARD, model.selection().chosen());
    }

    @Test
    void endsWhenItIsCancelled() throws IOException {
        cancelAt = "candidate 2 of";
        TrainingJob job = job(draw(Kind.COLOUR), Checkpoints.NONE, backbones());

        assertThrows(CancelledException.class, () -> new AutoAnomalyRecipe().train(job));
        assertTrue(phases.stream().noneMatch(phase -> phase.startsWith("candidate 3")), phases.toString());
    }

    @Test
    void goesOnAfterItWasKilledAndIsTheSameModel() throws IOException {
        List<TrainingImage> images = draw(Kind.POLARITY);
        TrainedModel whole = train(images);
        KillingCheckpoints kept = new KillingCheckpoints(folder.resolve("kept"));
        kept.killAt("after patchcore with extremes");
        assertThrows(
                KillingCheckpoints.Killed.class, () -> new AutoAnomalyRecipe().train(job(images, kept, backbones())));
        phases.clear();

        TrainedModel resumed = new AutoAnomalyRecipe().train(job(images, kept, backbones()));

        assertEquals("after patchcore with extremes", resumed.resumedFrom());
        assertTrue(phases.stream().noneMatch(phase -> phase.startsWith("candidate 1 ")), phases.toString());
        assertEquals(whole.selection().chosen(), resumed.selection().chosen());
        assertArrayEquals(Files.readAllBytes(whole.onnx()), Files.readAllBytes(resumed.onnx()));
        for (int i = 0; i < whole.selection().candidates().size(); i++) {
            Candidate before = whole.selection().candidates().get(i);
            Candidate after = resumed.selection().candidates().get(i);
            assertEquals(before.name(), after.name());
            assertEquals(before.devMetrics(), after.devMetrics());
        }
    }

    @Test
    void eachCandidateHasAMemoryForEachProductWhereThatIsAskedFor() throws IOException {
        List<TrainingImage> images = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (TrainingImage image : DrawnSurfaces.draw(kind, folder.resolve(kind.name()), 10, 6, 3)) {
                images.add(new TrainingImage(
                        kind + image.id(), image.file(), image.label(), image.split(), null, null, kind.name()));
            }
        }
        AutoAnomalyParameters separate = new AutoAnomalyParameters(null, 60, Products.SEPARATE, RegionParameters.WHOLE);
        TrainedModel model =
                new AutoAnomalyRecipe().train(job(images, Checkpoints.NONE, List.of(extremes())), separate);

        for (Candidate candidate : model.selection().candidates()) {
            assertEquals("patchcore", candidate.recipe().name());
            assertEquals("separate", candidate.recipe().parameters().get("products"));
        }
        assertEquals(2, model.evaluation().detection().products().size());

        TrainingJob without = job(draw(Kind.COLOUR), Checkpoints.NONE, List.of(extremes()));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new AutoAnomalyRecipe().train(without, separate))
                .getMessage();
        assertTrue(message.contains("has no product"), message);
    }

    @Test
    void refusesAnAbnormalTrainImage() throws IOException {
        List<TrainingImage> mixed = draw(Kind.COLOUR).stream()
                .map(image -> image.id().equals("DEV-abnormal-1") ? image.in(Split.TRAIN) : image)
                .toList();
        TrainingJob job = job(mixed, Checkpoints.NONE, backbones());

        String message = assertThrows(IllegalArgumentException.class, () -> new AutoAnomalyRecipe().train(job))
                .getMessage();
        assertTrue(message.contains("'auto-anomaly'") && message.contains("DEV-abnormal-1"), message);
    }

    private static double auroc(Selection selection, String name) {
        return selection.candidates().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " in " + selection))
                .devMetrics()
                .get("auroc");
    }

    private List<TrainingImage> draw(Kind kind) {
        return DrawnSurfaces.draw(kind, folder.resolve("images"), TRAIN, EACH, EACH);
    }

    private TrainedModel train(List<TrainingImage> images) throws IOException {
        return new AutoAnomalyRecipe().train(job(images, Checkpoints.NONE, backbones()));
    }

    private static List<Backbone> backbones() {
        return List.of(Scattering.backbone(64), extremes());
    }

    /** The brightest and the darkest pixel of each cell: knows no colours, and whether a dot is bright or dark. */
    private static Backbone extremes() {
        OnnxGraph graph = OnnxGraph.create("extremes");
        String grey = graph.reduce("ReduceMean", graph.input("image", -1, 3, 64, 64), true, 1);
        String brightest = highest(graph, grey);
        String darkest = highest(graph, graph.node("Neg", List.of(grey)));
        graph.output(
                graph.node("Concat", List.of(brightest, darkest), OnnxAttribute.of("axis", 1)), "maps", -1, 2, 8, 8);
        return Backbone.of("extremes", graph.toBytes(), 255, new float[3], new float[] {1, 1, 1});
    }

    private static String highest(OnnxGraph graph, String values) {
        return graph.node(
                "MaxPool",
                List.of(values),
                OnnxAttribute.of("kernel_shape", new long[] {8, 8}),
                OnnxAttribute.of("strides", new long[] {8, 8}));
    }

    private TrainingJob job(List<TrainingImage> images, Checkpoints checkpoints, List<Backbone> backbones)
            throws IOException {
        return new TrainingJob(
                images,
                DrawnSurfaces.LABELS,
                backbones,
                7,
                2,
                Files.createTempDirectory(folder, "work"),
                new Progress() {
                    @Override
                    public void report(String phase, long done, long total, Map<String, Double> metrics) {
                        if (done == 0) {
                            phases.add(phase + " " + total);
                        }
                    }

                    @Override
                    public boolean cancelled() {
                        return phases.stream().anyMatch(phase -> phase.startsWith(cancelAt));
                    }
                },
                checkpoints);
    }
}
