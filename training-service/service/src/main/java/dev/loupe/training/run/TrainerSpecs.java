package dev.loupe.training.run;

import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.BackboneRef;
import dev.loupe.contracts.training.TrainerSpec.ExtensionRef;
import dev.loupe.contracts.training.TrainerSpec.ImportedNetwork;
import dev.loupe.contracts.training.TrainerSpec.ManifestRef;
import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import dev.loupe.service.storage.StorageConfig;
import dev.loupe.training.backbone.Backbones;
import dev.loupe.training.catalogue.RecipeLookup;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.imported.ImportedModels;
import dev.loupe.training.launch.TrainerEnvironment;
import io.quarkus.vertx.http.HttpServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;
import java.util.function.Function;

/** Creates the specs of trainers. */
@ApplicationScoped
class TrainerSpecs {
    private final FrozenVersions versions;
    private final RecipeLookup recipes;
    private final Backbones backbones;
    private final ImportedModels importedModels;
    private final Extensions extensions;
    private final StorageConfig storage;
    private final RunConfig config;
    private final HttpServer server;

    TrainerSpecs(
            FrozenVersions versions,
            RecipeLookup recipes,
            Backbones backbones,
            ImportedModels importedModels,
            Extensions extensions,
            StorageConfig storage,
            RunConfig config,
            HttpServer server) {
        this.versions = versions;
        this.recipes = recipes;
        this.backbones = backbones;
        this.importedModels = importedModels;
        this.extensions = extensions;
        this.storage = storage;
        this.config = config;
        this.server = server;
    }

    /** Creates the spec of the run's current attempt. */
    Function<TrainerEnvironment, TrainerSpec> of(Run run) {
        FrozenVersion version = versions.get(run.data().datasetVersionId());
        PackagedModel model = run.data().model();
        ManifestRef evaluated =
                model == null ? null : new ManifestRef(storage.bucket(), model.packageKey(), model.packageSha256());
        ImportedModelRef imported = run.data().importedModel();
        ImportedNetwork network = imported == null ? null : importedModels.network(imported.id());
        ExtensionRef extension = extension(run);
        boolean trains = run.settings().kind() == RunKind.TRAINING;
        List<BackboneRef> named = trains ? backbones(run.settings().recipe()) : List.of();
        URI service = config.reportAddress().orElseGet(server::getLocalBaseUri);
        URI attempt = service.resolve(
                "/internal/runs/" + run.id() + "/attempts/" + run.status().attempt());
        return environment -> new TrainerSpec(
                run.id().toString(),
                run.status().attempt(),
                version.projectId().toString(),
                version.projectName(),
                version.manifest(),
                evaluated,
                network,
                run.settings().recipe(),
                named,
                run.settings().seed(),
                new OutputRef(storage.bucket(), Run.prefix(run.id())),
                environment.workDirectory().toString(),
                environment.cacheDirectory().toString(),
                attempt.toString(),
                environment.threads(),
                run.settings().devOnly(),
                run.settings().withControl(),
                run.settings().checkLabels(),
                extension);
    }

    private ExtensionRef extension(Run run) {
        ExtendedModel model = run.data().extendedModel();
        return model == null
                ? null
                : new ExtensionRef(
                        new ManifestRef(storage.bucket(), model.packageKey(), model.packageSha256()),
                        versions.get(model.imagesVersionId()).manifest(),
                        extensions.images(run.id()));
    }

    private List<BackboneRef> backbones(Recipe recipe) {
        return recipes.backbones(recipe).stream()
                .map(backbone -> new BackboneRef(
                        backbone.name(),
                        backbone.imageSize(),
                        backbones.resolve(backbone.name()).orElse(null)))
                .toList();
    }
}
