package dev.loupe.trainer;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.training.TrainerResult;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.ExtensionRef;
import dev.loupe.model.ModelManifest.Extension;
import dev.loupe.model.ModelManifest.Lineage;
import dev.loupe.model.ModelPackage;
import dev.loupe.storage.ObjectStore;
import dev.loupe.vision.recipe.patchcore.MemoryExtension;
import dev.loupe.vision.recipe.patchcore.MemoryExtension.Extended;
import dev.loupe.vision.training.Checkpoints;
import dev.loupe.vision.training.Packager;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Extends the memory of a model by normal images, evaluates it on the DEV and TEST images that the model was evaluated
 * on, and uploads its package. It has no checkpoints: another attempt begins again.
 */
final class ExtensionAttempt extends Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(ExtensionAttempt.class);

    ExtensionAttempt(TrainerSpec spec, ObjectStore store, DatasetFetch fetch, Reports reports, Path scratch) {
        super(spec, store, fetch, reports, scratch);
    }

    @Override
    TrainerResult succeed() throws IOException {
        ExtensionRef asked = spec.extend();
        ModelPackage parent = download(asked.model(), Files.createDirectories(scratch.resolve("parent")));
        DatasetManifest manifest = fetch.manifest(spec.manifest());
        List<TrainingImage> images = new ArrayList<>(fetch.images(manifest, Set.of(Split.DEV, Split.TEST)));
        images.addAll(added(asked));
        TrainingJob job = new TrainingJob(
                images,
                parent.manifest().labels(),
                List.of(),
                spec.seed(),
                spec.threads(),
                scratch,
                reports,
                Checkpoints.NONE);

        long start = System.nanoTime();
        Extended extended = MemoryExtension.extend(parent, job);
        LOG.info(
                "the memory was extended by {} patches in {} s; of {} images, {} were anomalous before and {} are after",
                extended.patches(),
                "%.1f".formatted(extended.seconds()),
                asked.digests().size(),
                extended.anomalousBefore(),
                extended.anomalousAfter());
        ModelPackage made = Packager.pack(
                extended.model(),
                images,
                Provenance.datasetVersion(spec, manifest),
                lineage(parent, extended),
                scratch.resolve("package"));
        if (parent.manifest().quantization() != null) {
            made = Packager.add(quantized(job, extended.model()), made);
        }
        double seconds = secondsSince(start);
        reports.check();
        return upload(manifest, extended.model(), made, seconds);
    }

    /** The images to learn from, as normal TRAIN images. */
    private List<TrainingImage> added(ExtensionRef asked) throws IOException {
        DatasetManifest source = fetch.manifest(asked.images());
        Set<String> digests = Set.copyOf(asked.digests());
        List<TrainingImage> images =
                fetch.images(source, (DatasetManifest.Entry entry) -> digests.contains(entry.sha256())).stream()
                        .map(image -> new TrainingImage(image.id(), image.file(), image.label(), Split.TRAIN))
                        .toList();
        if (images.size() != digests.size()) {
            throw new IllegalArgumentException("dataset version " + source.number() + ": expected " + digests.size()
                    + " images to learn from, got " + images.size());
        }
        return images;
    }

    private Lineage lineage(ModelPackage parent, Extended extended) {
        Lineage former = parent.manifest().lineage();
        List<String> all = new ArrayList<>(
                former.extension() == null ? List.of() : former.extension().images());
        all.addAll(spec.extend().digests());
        return Provenance.lineage(spec, List.of(), null)
                .with(
                        former.backbone(),
                        new Extension(
                                former.runId(),
                                spec.extend().model().sha256(),
                                all,
                                extended.patches(),
                                extended.radius()));
    }
}
