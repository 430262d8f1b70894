package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.Replica;
import dev.loupe.inference.runtime.RoutingTable.Routes;
import dev.loupe.inference.runtime.RoutingTable.VersionEntry;
import dev.loupe.inference.runtime.VersionState.Loading;
import dev.loupe.inference.runtime.VersionState.Ready;
import dev.loupe.inference.runtime.VersionState.Unavailable;
import dev.loupe.inference.runtime.VersionState.Unloaded;
import dev.loupe.service.error.ServiceException;
import io.grpc.Context;
import io.grpc.Deadline;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Lists the versions that this replica knows, and loads and unloads them on request. Thread-safe. */
@ApplicationScoped
public class VersionMemory {
    private static final Duration MAX_LOAD_TIME = Duration.ofSeconds(60);

    private final ModelRuntime runtime;

    /**
     * A version in this replica.
     *
     * @param model name of the model
     * @param reason why it is {@code UNAVAILABLE}, else null
     */
    public record KnownVersion(String model, ModelVersion version, Replica.State state, String reason) {}

    VersionMemory(ModelRuntime runtime) {
        this.runtime = runtime;
    }

    /** All versions of all models, by name and number. */
    public List<KnownVersion> all() {
        return runtime.table().models().values().stream()
                .sorted(Comparator.comparing(routes -> routes.model().name()))
                .flatMap(VersionMemory::versions)
                .toList();
    }

    /**
     * Returns the project of a model.
     *
     * @throws ServiceException {@link #unknown}
     */
    public UUID projectOf(String model) {
        return runtime.table().model(model).model().projectId();
    }

    /** The error {@code MODEL_NOT_FOUND} for a model that does not exist. */
    public static ServiceException unknown(String model) {
        return RoutingTable.unknown(model);
    }

    /**
     * All versions of a model, by number.
     *
     * @throws ServiceException {@code MODEL_NOT_FOUND}
     */
    public List<KnownVersion> all(String model) {
        return versions(runtime.table().model(model)).toList();
    }

    /**
     * The version that serves a request.
     *
     * @param version a number, an alias, or empty for the alias {@code production}
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND}
     */
    public KnownVersion find(String model, String version) {
        RoutingTable table = runtime.table();
        return known(table.model(model), table.resolve(model, version));
    }

    /**
     * Loads a version and waits until it is ready, at most until the deadline of the call.
     *
     * @param version a number, an alias, or empty for the alias {@code production}
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND}, {@code MODEL_NOT_READY}
     */
    public void load(String model, String version) {
        RoutingTable table = runtime.table();
        runtime.requireReady(
                new VersionKey(
                        projectId(table, model),
                        table.resolve(model, version).version().number()),
                maxWait());
    }

    private static Duration maxWait() {
        Deadline deadline = Context.current().getDeadline();
        Duration left =
                deadline == null ? MAX_LOAD_TIME : Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
        return left.compareTo(MAX_LOAD_TIME) < 0 ? left : MAX_LOAD_TIME;
    }

    /**
     * Unloads one version, or all of a model. The next request for a version loads it again.
     *
     * @param version a number or an alias; empty for all versions
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND}; {@code MODEL_VERSION_IN_USE}
     *     if an alias routes to one of them, then none is unloaded
     */
    public void unload(String model, String version) {
        RoutingTable table = runtime.table();
        Set<Integer> numbers = version.isEmpty()
                ? table.model(model).versions().keySet()
                : Set.of(table.resolve(model, version).version().number());
        runtime.dismiss(projectId(table, model), numbers);
    }

    private static UUID projectId(RoutingTable table, String model) {
        return table.model(model).model().projectId();
    }

    private static Stream<KnownVersion> versions(Routes routes) {
        return routes.versions().values().stream().map(entry -> known(routes, entry));
    }

    private static KnownVersion known(Routes routes, VersionEntry entry) {
        Replica.State state =
                switch (entry.state()) {
                    case Unloaded _ -> Replica.State.UNLOADED;
                    case Loading _ -> Replica.State.LOADING;
                    case Ready _ -> Replica.State.READY;
                    case Unavailable _ -> Replica.State.UNAVAILABLE;
                };
        String reason = entry.state() instanceof Unavailable(String why, int _, long _) ? why : null;
        return new KnownVersion(routes.model().name(), entry.version(), state, reason);
    }
}
