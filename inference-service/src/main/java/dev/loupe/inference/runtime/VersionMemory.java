package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.Replica;
import dev.loupe.inference.runtime.RoutingTable.Routes;
import dev.loupe.inference.runtime.RoutingTable.VersionEntry;
import dev.loupe.inference.runtime.VersionState.Loading;
import dev.loupe.inference.runtime.VersionState.Ready;
import dev.loupe.inference.runtime.VersionState.Unavailable;
import dev.loupe.inference.runtime.VersionState.Unloaded;
import dev.loupe.service.access.Tenant;
import dev.loupe.service.error.ServiceException;
import io.grpc.Context;
import io.grpc.Deadline;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Lists the versions that this replica knows, and loads and unloads them on request. Thread-safe. */
@ApplicationScoped
public class VersionMemory {
    private static final Duration MAX_LOAD_TIME = Duration.ofSeconds(60);

    private final ModelRuntime runtime;
    private final Replica replica;

    /**
     * A version in this replica.
     *
     * @param model name of the model
     * @param reason why it is {@code UNAVAILABLE}, else null
     */
    public record KnownVersion(String model, ModelVersion version, Replica.State state, String reason) {}

    VersionMemory(ModelRuntime runtime, Replica replica) {
        this.runtime = runtime;
        this.replica = replica;
    }

    /** All versions of all models of a tenant, by name and number. */
    public List<KnownVersion> allOf(String tenant) {
        return all().stream()
                .filter(version -> Tenant.ofProject(version.model()).equals(tenant))
                .toList();
    }

    /** All versions of all models, by name and number. */
    public List<KnownVersion> all() {
        return runtime.table().models().values().stream()
                .sorted(Comparator.comparing(routes -> routes.model().name()))
                .flatMap(VersionMemory::versions)
                .toList();
    }

    /**
     * Returns the model of a project.
     *
     * @param project its name, a name that it had before, or its id
     * @throws ServiceException {@link #unknown}
     */
    public Model model(String project) {
        try {
            Optional<Routes> known = runtime.table().find(UUID.fromString(project));
            return known.orElseThrow(() -> unknown(project)).model();
        } catch (IllegalArgumentException _) {
            return runtime.table().model(project).model(); // not an id but a name
        }
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

    /** Reads the database and applies changes now. */
    public void refresh() {
        replica.refresh();
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
     *     if an alias routes to one of them or one is pinned, then none is unloaded
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
        String reason = entry.state() instanceof Unavailable refused ? refused.reason() : null;
        return new KnownVersion(routes.model().name(), entry.version(), state, reason);
    }
}
