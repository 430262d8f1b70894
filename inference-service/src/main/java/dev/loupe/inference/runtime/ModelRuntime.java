package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Alias;
import dev.loupe.inference.registry.Canary;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.inference.runtime.RoutingTable.Choice;
import dev.loupe.inference.runtime.RoutingTable.Routes;
import dev.loupe.inference.runtime.RoutingTable.VersionEntry;
import dev.loupe.inference.runtime.VersionState.Loading;
import dev.loupe.inference.runtime.VersionState.Ready;
import dev.loupe.inference.runtime.VersionState.Unavailable;
import dev.loupe.inference.runtime.VersionState.Unloaded;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.telemetry.WorkScope;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The versions that this replica knows, and those that it holds in memory. Those that aliases route to and pinned ones
 * always are; others while their memory is not needed for more recently used ones. Requests read one immutable table
 * without a lock; changes are serialized.
 */
@ApplicationScoped
public class ModelRuntime {
    private static final Logger LOG = Logger.getLogger(ModelRuntime.class);
    private static final Duration MAX_RETRY_DELAY = Duration.ofMinutes(5);

    private final ModelLoader loader;
    private final PackageCache cache;
    private final ModelMemory memory;
    private final LoadingConfig config;
    private final ExecutorService loading;
    private final Semaphore waiting;
    private final Counter unloads;
    /** Versions that were requested by number or registered lately; guarded by this. */
    private final Set<VersionKey> requested = new HashSet<>();
    /** Versions that stay unloaded until they are requested, pinned, or an alias points at them; guarded by this. */
    private final Set<VersionKey> dismissed = new HashSet<>();

    private volatile RoutingTable table = RoutingTable.empty();
    private volatile boolean started;
    /** Whether there was a snapshot; guarded by this. */
    private boolean applied;

    ModelRuntime(
            ModelLoader loader, PackageCache cache, ModelMemory memory, LoadingConfig config, MeterRegistry metrics) {
        this.loader = loader;
        this.cache = cache;
        this.memory = memory;
        this.config = config;
        this.waiting = new Semaphore(config.maxWaiting());
        this.loading = Executors.newFixedThreadPool(
                config.threads(),
                work -> Thread.ofPlatform().name("model-loader").daemon().unstarted(() -> {
                    ThreadPriority.lower(ThreadPriority.LOAD);
                    work.run();
                }));
        ModelMemory.gauge(metrics, "kept", this::keptBytes);
        this.unloads = Counter.builder("loupe.models.unloads")
                .description("Versions that were unloaded to make room for others")
                .register(metrics);
    }

    /**
     * Returns a lease of the requested version, which stays in memory while the lease is open. Loads the version if
     * necessary.
     *
     * @param model name of the model
     * @param version a number, an alias, or empty for the alias {@code production}
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND}, {@code MODEL_NOT_READY}
     */
    public ModelLease lease(String model, String version) {
        return lease(model, version, ArmSelector.HOLDER);
    }

    /**
     * As {@link #lease(String, String)}, but the candidate of an alias answers its share of the requests.
     *
     * @throws ServiceException also {@code CANARY_NOT_FOUND} if the request demands the candidate, and there is none
     */
    public ModelLease lease(String model, String version, ArmSelector selector) {
        long deadline = System.nanoTime() + config.maxWait().toNanos();
        while (true) {
            Choice choice = table.choose(model, version, selector);
            VersionEntry entry = choice.entry();
            switch (entry.state()) {
                case Ready(LoadedModel loaded) -> {
                    // If it is closed by now, the table that contained it has been replaced: read the new one.
                    if (loaded.retain()) {
                        return new ModelLease(loaded, entry.threshold(), choice.key(), choice.shadow());
                    }
                }
                case Loading(CompletableFuture<Void> done, int _) -> await(model, entry, done, deadline);
                case Unloaded _ ->
                    request(new VersionKey(
                            table.model(model).model().projectId(),
                            entry.version().number()));
                case Unavailable refused
                when refused.isExcluded() && refused.isDue() ->
                    request(new VersionKey(
                            table.model(model).model().projectId(),
                            entry.version().number()));
                case Unavailable refused -> throw unavailable(model, entry, refused);
            }
        }
    }

    /** Returns a lease of a candidate if it is in memory; does not load it. */
    public Optional<ModelLease> lease(ShadowTarget target) {
        VersionEntry entry = table.find(new VersionKey(target.projectId(), target.candidate()))
                .orElse(null);
        return entry != null && entry.state() instanceof Ready(LoadedModel loaded) && loaded.retain()
                ? Optional.of(new ModelLease(loaded, entry.threshold(), null, null))
                : Optional.empty();
    }

    private void await(String model, VersionEntry entry, CompletableFuture<Void> done, long deadline) {
        if (!waiting.tryAcquire()) {
            throw unavailable(model, entry, "it is being loaded, and too many requests wait for it");
        }
        try {
            done.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw unavailable(model, entry, "it is being loaded");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw unavailable(model, entry, "it is being loaded");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // the future always completes normally, even if the load fails
        } finally {
            waiting.release();
        }
    }

    private static ServiceException unavailable(String model, VersionEntry entry, String reason) {
        return unavailable(model, entry, new Unavailable(ErrorCode.MODEL_NOT_READY, reason, 0, 0));
    }

    private static ServiceException unavailable(String model, VersionEntry entry, Unavailable state) {
        return new ServiceException(
                state.code(),
                "model '" + model + "': version " + entry.version().number() + " is not ready: " + state.reason());
    }

    /**
     * Whether {@link #lease} accepts the version: it is in memory, or the first request loads it. False while it is
     * being loaded, or if it cannot be loaded. Does not load it.
     *
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND}
     */
    public boolean isReady(String model, String version) {
        return switch (table.resolve(model, version).state()) {
            case Ready _, Unloaded _ -> true;
            case Loading _, Unavailable _ -> false;
        };
    }

    /** The numbers of all versions of a model. */
    public List<Integer> versions(String model) {
        return List.copyOf(table.model(model).versions().keySet());
    }

    /** Whether all versions that aliases pointed at on startup were loaded, or failed to load. */
    public boolean isStarted() {
        return started;
    }

    RoutingTable table() {
        return table;
    }

    /** Applies a snapshot of the registry. */
    synchronized void apply(RegistrySnapshot snapshot) {
        RoutingTable before = table;
        table = table.with(snapshot);
        if (applied) {
            newest().filter(key -> before.find(key).isEmpty()).forEach(requested::add);
        }
        applied = true;
        adjustLoadedVersions();
        unload(before);
        if (!started) {
            // The versions that are loading now are those that aliases pointed at on startup.
            CompletableFuture.allOf(table.models().values().stream()
                            .flatMap(routes -> routes.versions().values().stream())
                            .map(VersionEntry::state)
                            .filter(Loading.class::isInstance)
                            .map(state -> ((Loading) state).done())
                            .toArray(CompletableFuture[]::new))
                    .thenRun(() -> started = true);
        }
    }

    /** Unloads the versions that are no longer in the table. */
    private void unload(RoutingTable before) {
        for (Routes routes : before.models().values()) {
            UUID project = routes.model().projectId();
            routes.versions().values().stream()
                    .filter(entry -> table.find(
                                    new VersionKey(project, entry.version().number()))
                            .isEmpty())
                    .forEach(entry -> release(entry.state()));
        }
    }

    private static void release(VersionState state) {
        if (state instanceof Ready(LoadedModel loaded)) {
            loaded.retire();
        }
    }

    /** Applies the move of an alias. */
    synchronized void aliasMoved(UUID projectId, Alias alias) {
        table = table.with(projectId, alias);
        adjustLoadedVersions();
    }

    /** Applies a change of the candidate of an alias. */
    synchronized void canaryChanged(UUID projectId, Canary canary) {
        table = table.with(projectId, canary);
        adjustLoadedVersions();
    }

    /** Applies a new threshold of a version. */
    synchronized void thresholdSet(UUID projectId, CurrentThreshold threshold) {
        table = table.with(projectId, threshold);
    }

    /** Loads the versions that should be in memory. */
    synchronized void adjustLoadedVersions() {
        Set<VersionKey> kept = kept();
        dismissed.removeAll(kept);
        dismissed.removeIf(key -> table.find(key).isEmpty());
        requested.removeIf(key -> table.find(key).isEmpty());
        kept.forEach(this::loadIfDue);
        Set.copyOf(requested).forEach(this::loadIfDue);
        // One at a time: a version that is asked for does not wait for all those that are not.
        if (table.states().noneMatch(Loading.class::isInstance)) {
            newest().filter(key -> !dismissed.contains(key))
                    .filter(this::loadIfDue)
                    .findFirst();
        }
    }

    /** Starts to load a version unless it is loaded, or its next attempt is not due. */
    private boolean loadIfDue(VersionKey key) {
        VersionState state = table.find(key).map(VersionEntry::state).orElse(null);
        boolean due = state instanceof Unloaded || state instanceof Unavailable failed && failed.isDue();
        if (due) {
            load(key);
        }
        return due;
    }

    /** The versions that stay in memory: those that aliases route to, or will, and pinned ones. */
    private Set<VersionKey> kept() {
        Set<VersionKey> kept = new HashSet<>();
        for (Routes routes : table.models().values()) {
            routes.kept()
                    .forEach(number -> kept.add(new VersionKey(routes.model().projectId(), number)));
        }
        return kept;
    }

    /** The newest versions of each model. */
    private Stream<VersionKey> newest() {
        return table.models().values().stream().flatMap(routes -> routes.versions().descendingKeySet().stream()
                .limit(config.newest())
                .map(number -> new VersionKey(routes.model().projectId(), number)));
    }

    private long keptBytes() {
        RoutingTable now = table;
        return now.models().values().stream()
                .flatMap(routes ->
                        routes.kept().stream().map(number -> routes.versions().get(number)))
                .mapToLong(entry ->
                        entry != null && entry.state() instanceof Ready(LoadedModel loaded) ? loaded.bytes() : 0)
                .sum();
    }

    /** Why a version that is READY should not be, because it must stay in memory beyond the budget; null if it fits. */
    String excess(VersionKey key) {
        boolean kept = table.find(key.projectId())
                .map(routes -> routes.kept().contains(key.number()))
                .orElse(false);
        return kept ? memory.excess().orElse(null) : null;
    }

    /**
     * Reserves memory for a version that is being loaded, and unloads others for it.
     *
     * @throws ServiceException {@code MODEL_MEMORY_EXCEEDED}; never for a version that must stay in memory
     */
    private ModelMemory.Share roomFor(VersionKey key, long bytes) {
        long deadline = System.nanoTime() + config.maxWait().toNanos();
        while (true) {
            boolean fits = makeRoom(key, bytes);
            Optional<ModelMemory.Share> share = memory.reserve(bytes);
            if (share.isPresent()) {
                return share.get();
            }
            if (fits && memory.await(bytes, deadline)) {
                continue; // another load may have taken it
            }
            if (isKept(key)) {
                ModelMemory.Share beyond = memory.reserveBeyond(bytes);
                memory.excess().ifPresent(LOG::warn);
                return beyond;
            }
            throw new ServiceException(
                    ErrorCode.MODEL_MEMORY_EXCEEDED,
                    "it needs %d MiB of memory, and versions take %d MiB of %d MiB that are in use or must stay"
                            .formatted(bytes >> 20, memory.used() >> 20, memory.budget() >> 20));
        }
    }

    private synchronized boolean isKept(VersionKey key) {
        return kept().contains(key);
    }

    /**
     * Unloads the least recently used versions until these bytes will fit: never those that must stay, and none for a
     * version that was not asked for.
     *
     * @param key version that the memory is for
     * @return whether they will fit once the requests to the unloaded versions are answered
     */
    private synchronized boolean makeRoom(VersionKey key, long bytes) {
        Set<VersionKey> kept = kept();
        if (!kept.contains(key) && !requested.contains(key)) {
            return memory.lacking(bytes) == 0;
        }
        List<LoadedModel> oldestFirst = table.states()
                .flatMap(state -> state instanceof Ready(LoadedModel loaded) ? Stream.of(loaded) : Stream.empty())
                .filter(loaded -> !kept.contains(loaded.key()) && !loaded.key().equals(key))
                .sorted(Comparator.comparingLong(LoadedModel::lastUsed))
                .toList();
        if (!kept.contains(key)
                && memory.lacking(bytes)
                        > oldestFirst.stream().mapToLong(LoadedModel::bytes).sum()) {
            return false; // it would not fit without all of them, either
        }
        for (LoadedModel loaded : oldestFirst) {
            if (memory.lacking(bytes) == 0) {
                break;
            }
            requested.remove(loaded.key());
            dismissed.add(loaded.key());
            unload(loaded);
            unloads.increment();
        }
        return memory.lacking(bytes) == 0;
    }

    private void unload(LoadedModel loaded) {
        table = table.with(loaded.key(), new Unloaded());
        loaded.retire(); // after the table was replaced: new requests cannot find it
        LOG.infof(
                "model '%s' version %d unloaded",
                table.find(loaded.projectId()).orElseThrow().model().name(),
                loaded.key().number());
    }

    private synchronized void request(VersionKey key) {
        dismissed.remove(key);
        requested.add(key);
        adjustLoadedVersions();
    }

    /**
     * Unloads versions. They stay unloaded until they are requested or an alias points at them.
     *
     * @throws ServiceException {@code MODEL_NOT_FOUND}; {@code MODEL_VERSION_IN_USE} if an alias routes to one of them
     *     or one is pinned, then none is unloaded
     */
    synchronized void dismiss(UUID projectId, Set<Integer> numbers) {
        Routes routes = table.find(projectId)
                .orElseThrow(() -> new ServiceException(ErrorCode.MODEL_NOT_FOUND, "the model was deleted"));
        routes.pinned().stream().filter(numbers::contains).findFirst().ifPresent(number -> {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_IN_USE,
                    "model '%s': version %d stays in memory, because it is pinned; remove the pin first"
                            .formatted(routes.model().name(), number));
        });
        routes.aliases().forEach((alias, route) -> {
            for (int number : route.numbers()) {
                if (numbers.contains(number)) {
                    throw new ServiceException(
                            ErrorCode.MODEL_VERSION_IN_USE,
                            "model '%s': version %d stays in memory, because the alias '%s' routes to it; expected a version without an alias"
                                    .formatted(routes.model().name(), number, alias));
                }
            }
        });
        for (int number : numbers) {
            VersionEntry entry = routes.versions().get(number); // null: deleted meanwhile
            if (entry != null && !(entry.state() instanceof Unavailable)) { // else its retries continue
                requested.remove(new VersionKey(projectId, number));
                dismissed.add(new VersionKey(projectId, number));
                if (entry.state() instanceof Ready(LoadedModel loaded)) {
                    unload(loaded);
                }
            }
        }
    }

    /**
     * Loads the version, retrying once if an earlier load failed, and waits for it.
     *
     * @throws ServiceException {@code MODEL_NOT_READY} with the reason
     */
    void requireReady(VersionKey key, Duration wait) {
        CompletableFuture<Void> done;
        Routes routes;
        VersionEntry entry;
        synchronized (this) {
            routes = table.find(key.projectId())
                    .orElseThrow(() -> new ServiceException(
                            ErrorCode.MODEL_NOT_READY, "the model is not known in this replica yet"));
            entry = table.find(key)
                    .orElseThrow(() -> new ServiceException(
                            ErrorCode.MODEL_NOT_READY,
                            "version " + key.number() + " is not known in this replica yet"));
            dismissed.remove(key);
            requested.add(key);
            adjustLoadedVersions();
            done = switch (table.find(key).orElseThrow().state()) {
                case Ready _ -> CompletableFuture.completedFuture(null);
                case Loading(CompletableFuture<Void> already, int _) -> already;
                case Unloaded _, Unavailable _ -> load(key);
            };
        }
        await(routes.model().name(), entry, done, System.nanoTime() + wait.toNanos());
        VersionState state = table.find(key)
                .orElseThrow(() -> unavailable(routes.model().name(), entry, "it was deleted"))
                .state();
        if (state instanceof Unavailable refused) {
            throw unavailable(routes.model().name(), entry, refused);
        }
    }

    /** Starts to load a version; the caller must hold the lock. */
    private CompletableFuture<Void> load(VersionKey key) {
        Routes routes = table.find(key.projectId()).orElseThrow();
        VersionEntry entry = routes.versions().get(key.number());
        int failures = entry.state() instanceof Unavailable failed ? failed.failures() : 0;
        CompletableFuture<Void> done = new CompletableFuture<>();
        table = table.with(key, new Loading(done, failures));
        try {
            loading.execute(() -> {
                VersionState state;
                try (WorkScope _ = entry.version().scope(routes.model())) {
                    state = loaded(routes.model(), entry, failures);
                }
                settle(key, state);
                done.complete(null);
                cache.trim(aliasedDigests());
            });
        } catch (RejectedExecutionException _) {
            table = table.with(key, entry.state()); // the replica is shutting down
            done.complete(null);
        }
        return done;
    }

    /** Enters the result of a load. */
    private synchronized void settle(VersionKey key, VersionState state) {
        if (table.find(key).isEmpty()) {
            release(state); // it was deleted meanwhile
            return;
        }
        if (dismissed.contains(key) && state instanceof Ready) {
            release(state); // it was unloaded meanwhile
            table = table.with(key, new Unloaded());
        } else if (state instanceof Unavailable failed && failed.isExcluded()) {
            boolean asked = requested.remove(key);
            dismissed.add(key);
            table = table.with(key, asked ? failed : new Unloaded());
        } else {
            table = table.with(key, state);
        }
        adjustLoadedVersions();
    }

    private VersionState loaded(Model model, VersionEntry entry, int failures) {
        long begin = System.nanoTime();
        VersionKey key = new VersionKey(model.projectId(), entry.version().number());
        try {
            LoadedModel loaded = loader.load(model, entry.version(), bytes -> roomFor(key, bytes));
            try {
                roomFor(key, 0).close(); // it may be larger than was expected
            } catch (ServiceException e) {
                loaded.retire();
                throw e;
            }
            LOG.infof(
                    "model '%s' version %d is READY after %d ms, and takes %d KiB",
                    model.name(), key.number(), (System.nanoTime() - begin) / 1_000_000, loaded.bytes() >> 10);
            return new Ready(loaded);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            if (e instanceof ServiceException refused && refused.code() == ErrorCode.MODEL_MEMORY_EXCEEDED) {
                LOG.infof("model '%s' version %d is not loaded: %s", model.name(), key.number(), reason);
                return new Unavailable(
                        refused.code(),
                        reason,
                        0,
                        System.nanoTime() + config.memoryRetryAfter().toNanos());
            }
            LOG.errorf(
                    "model '%s' version %d is UNAVAILABLE: %s",
                    model.name(), entry.version().number(), reason);
            LOG.debug("why", e);
            long pause = Math.min(MAX_RETRY_DELAY.toNanos(), config.retryAfter().toNanos() << Math.min(failures, 10));
            return new Unavailable(ErrorCode.MODEL_NOT_READY, reason, failures + 1, System.nanoTime() + pause);
        }
    }

    /**
     * Digests of the packages that aliases point at. The cache keeps them, so that a replica can start while the object
     * storage is unavailable.
     */
    private Set<String> aliasedDigests() {
        return table.models().values().stream()
                .flatMap(routes -> routes.aliases().values().stream()
                        .flatMap(route -> route.numbers().stream())
                        .map(number -> routes.versions().get(number))
                        .filter(Objects::nonNull)
                        .map(entry -> entry.version().manifestSha256()))
                .collect(Collectors.toSet());
    }

    @PreDestroy
    synchronized void close() {
        loading.shutdownNow();
        RoutingTable last = table;
        table = RoutingTable.empty();
        for (Routes routes : last.models().values()) {
            routes.versions().values().forEach(entry -> release(entry.state()));
        }
    }
}
