package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.ModelRepository;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.inference.registry.Replica;
import dev.loupe.inference.runtime.RoutingTable.VersionEntry;
import dev.loupe.inference.runtime.VersionState.Loading;
import dev.loupe.inference.runtime.VersionState.Ready;
import dev.loupe.inference.runtime.VersionState.Unavailable;
import dev.loupe.inference.runtime.VersionState.Unloaded;
import dev.loupe.model.ModelManifest;
import dev.loupe.service.tenant.TenantFence;
import io.quarkus.flyway.FlywayConfigurationCustomizer;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jboss.logging.Logger;

/**
 * Keeps the replica in sync with the database: on startup, every few seconds, and after an event. While the database is
 * unavailable, the replica continues with its last state; a replica that starts then uses the snapshot on its disk.
 */
@ApplicationScoped
class ModelReconciler implements Replica {
    private static final Logger LOG = Logger.getLogger(ModelReconciler.class);
    private static final Duration MAX_LOAD_TIME = Duration.ofSeconds(60);

    private final ModelRepository models;
    private final ModelRuntime runtime;
    private final SnapshotFile file;
    private final Flyway schema;
    private final TenantFence fence;
    private boolean migrated;
    /** Why the database was unavailable at the last attempt; null if it was available. */
    private RuntimeException failure;

    /** Does not wait for the database: the replica starts without it, and tries again at the next reconciliation. */
    @Singleton
    static class NoConnectRetries implements FlywayConfigurationCustomizer {
        @Override
        public void customize(FluentConfiguration configuration) {
            configuration.connectRetries(0);
        }
    }

    ModelReconciler(ModelRepository models, ModelRuntime runtime, SnapshotFile file, Flyway schema, TenantFence fence) {
        this.models = models;
        this.runtime = runtime;
        this.file = file;
        this.schema = schema;
        this.fence = fence;
    }

    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        refresh();
        if (failure instanceof FlywayValidateException invalid) {
            throw invalid;
        }
        if (failure != null) {
            RegistrySnapshot last = file.read().orElse(RegistrySnapshot.empty());
            LOG.warnf(
                    "starting with the %d models of the snapshot on disk",
                    last.models().size());
            runtime.apply(last);
        }
    }

    @Scheduled(
            every = "${loupe.inference.reconcile-interval:3s}",
            delayed = "${loupe.inference.reconcile-interval:3s}", // start() has just reconciled
            concurrentExecution = ConcurrentExecution.SKIP)
    @RunOnVirtualThread
    void reconcile() {
        refresh();
        runtime.adjustLoadedVersions(); // failed loads may be due for a retry
    }

    @Override
    public synchronized void refresh() {
        try {
            RegistrySnapshot snapshot = fence.asOwner(this::read); // also if a tenant's request asks for it
            runtime.apply(snapshot);
            file.write(snapshot);
            if (failure != null) {
                LOG.info("the database is available again");
                failure = null;
            }
        } catch (RuntimeException e) {
            if (failure == null) {
                LOG.warnf("continuing without the database: %s", e.getMessage());
            }
            failure = e;
        }
    }

    private RegistrySnapshot read() {
        if (!migrated) {
            schema.migrate();
            migrated = true;
        }
        return models.snapshot();
    }

    @Override
    public Status status(UUID projectId, int version) {
        VersionKey key = new VersionKey(projectId, version);
        VersionEntry entry = runtime.table().find(key).orElse(null);
        if (entry == null) {
            return new Status(State.UNLOADED, null, List.of(), null, null, null);
        }
        ModelManifest manifest = entry.manifest();
        List<String> labels = manifest == null ? List.of() : manifest.labels();
        CurrentThreshold threshold = entry.threshold();
        return switch (entry.state()) {
            case Unloaded _ -> new Status(State.UNLOADED, null, labels, threshold, null, null);
            case Loading _ -> new Status(State.LOADING, null, labels, threshold, null, null);
            case Ready(LoadedModel model) ->
                new Status(
                        State.READY,
                        runtime.excess(key),
                        labels,
                        threshold,
                        model.predictor().precision(),
                        model.bytes());
            case Unavailable refused -> new Status(State.UNAVAILABLE, refused.reason(), labels, threshold, null, null);
        };
    }

    @Override
    public void requireReady(UUID projectId, int version) {
        VersionKey key = new VersionKey(projectId, version);
        if (runtime.table().find(key).isEmpty()) {
            refresh(); // another replica has just registered it
        }
        runtime.requireReady(key, MAX_LOAD_TIME);
    }
}
