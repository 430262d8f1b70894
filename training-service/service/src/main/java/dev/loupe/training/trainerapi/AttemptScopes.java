package dev.loupe.training.trainerapi;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.contracts.dataset.DatasetManifest;
import dev.loupe.contracts.training.TrainerSpec.BackboneFile;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import dev.loupe.training.backbone.Backbones;
import dev.loupe.training.catalogue.RecipeLookup;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.imported.ImportedModels;
import dev.loupe.training.run.Attempt;
import dev.loupe.training.run.ExtendedModel;
import dev.loupe.training.run.ImportedModelRef;
import dev.loupe.training.run.PackagedModel;
import dev.loupe.training.run.Run;
import dev.loupe.training.run.Runs;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Determines which objects an attempt may access. */
@ApplicationScoped
class AttemptScopes {
    /** Number of dataset versions whose images are cached, enough for those in use by running trainers. */
    private static final int REMEMBERED = 8;

    private final Runs runs;
    private final FrozenVersions versions;
    private final RecipeLookup recipes;
    private final Backbones backbones;
    private final ImportedModels importedModels;
    private final ObjectStore store;
    private final StorageConfig storage;
    private final ObjectMapper json;
    /**
     * Images and masks by the digest of the manifest. A digest always identifies the same images, so entries never become stale.
     */
    private final Map<String, Set<ObjectLocation>> images = new LinkedHashMap<>();

    AttemptScopes(
            Runs runs,
            FrozenVersions versions,
            RecipeLookup recipes,
            Backbones backbones,
            ImportedModels importedModels,
            ObjectStore store,
            StorageConfig storage,
            ObjectMapper json) {
        this.runs = runs;
        this.versions = versions;
        this.recipes = recipes;
        this.backbones = backbones;
        this.importedModels = importedModels;
        this.store = store;
        this.storage = storage;
        this.json = json;
    }

    AttemptScope of(Attempt attempt) {
        Run run = runs.find(attempt.runId()).orElseThrow();
        ManifestRef manifest = versions.get(run.data().datasetVersionId()).manifest();
        Set<ObjectLocation> inputs = new HashSet<>();
        inputs.add(new ObjectLocation(manifest.bucket(), manifest.key()));
        PackagedModel model = run.data().model();
        String evaluated = null;
        ImportedModelRef imported = run.data().importedModel();
        ExtendedModel extension = run.data().extendedModel();
        if (extension != null) {
            return extension(run, attempt, manifest, extension);
        }
        if (imported != null) {
            BackboneFile file = importedModels.network(imported.id()).file();
            inputs.add(new ObjectLocation(file.bucket(), file.key()));
        } else if (model == null) {
            recipes.backbones(run.settings().recipe()).stream()
                    .flatMap(backbone -> backbones.resolve(backbone.name()).stream())
                    .forEach(file -> inputs.add(new ObjectLocation(file.bucket(), file.key())));
        } else {
            evaluated = folder(model.packageKey());
        }
        return new AttemptScope(
                storage.bucket(), Run.prefix(run.id()), attempt.number(), inputs, evaluated, null, object -> images(
                                manifest)
                        .contains(object));
    }

    private AttemptScope extension(Run run, Attempt attempt, ManifestRef manifest, ExtendedModel extension) {
        ManifestRef source = versions.get(extension.imagesVersionId()).manifest();
        Set<ObjectLocation> inputs = Stream.of(manifest, source)
                .map(ref -> new ObjectLocation(ref.bucket(), ref.key()))
                .collect(Collectors.toSet());
        return new AttemptScope(
                storage.bucket(),
                Run.prefix(run.id()),
                attempt.number(),
                inputs,
                null,
                folder(extension.packageKey()),
                object -> images(manifest).contains(object) || images(source).contains(object));
    }

    private static String folder(String key) {
        return key.substring(0, key.lastIndexOf('/') + 1);
    }

    private synchronized Set<ObjectLocation> images(ManifestRef manifest) {
        Set<ObjectLocation> known = images.remove(manifest.sha256());
        Set<ObjectLocation> found = known == null ? read(manifest) : known;
        images.put(manifest.sha256(), found); // moves the entry to the end: the least recently used one is first
        if (images.size() > REMEMBERED) {
            images.remove(images.keySet().iterator().next());
        }
        return found;
    }

    private Set<ObjectLocation> read(ManifestRef ref) {
        try {
            byte[] document = store.read(new ObjectLocation(ref.bucket(), ref.key()), ref.sha256());
            DatasetManifest manifest = json.readValue(document, DatasetManifest.class);
            Set<ObjectLocation> found = new HashSet<>();
            manifest.images().forEach(image -> {
                found.add(new ObjectLocation(manifest.bucket(), image.key()));
                if (image.maskKey() != null) {
                    found.add(new ObjectLocation(manifest.bucket(), image.maskKey()));
                }
            });
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
