package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Alias;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.inference.runtime.VersionState.Ready;
import dev.loupe.inference.runtime.VersionState.Unloaded;
import dev.loupe.service.error.Echo;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.vision.model.ModelManifest;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Which version answers what, at one moment. Immutable: a request reads one table, and a change makes another one.
 *
 * @param models by name
 */
record RoutingTable(Map<String, Routes> models) {

    /**
     * One model.
     *
     * @param formerNames that the model answers to as well
     * @param versions by number
     * @param aliases by name
     */
    record Routes(
            Model model, List<String> formerNames, NavigableMap<Integer, Slot> versions, Map<String, Route> aliases) {
        Routes {
            formerNames = List.copyOf(formerNames);
            versions = Collections.unmodifiableNavigableMap(versions);
            aliases = Map.copyOf(aliases);
        }
    }

    /**
     * A version in this replica.
     *
     * @param manifest null until it was loaded once
     */
    record Slot(ModelVersion version, VersionState state, ModelManifest manifest) {
        private Slot with(VersionState next) {
            return new Slot(version, next, next instanceof Ready(LoadedModel model) ? model.manifest() : manifest);
        }
    }

    /**
     * Where an alias leads.
     *
     * @param target what it names
     * @param serving the version that answers: the target once it was READY here, until then the one before; null if
     *     there was none
     */
    record Route(Alias target, Integer serving) {}

    RoutingTable {
        models = Map.copyOf(models);
    }

    static RoutingTable empty() {
        return new RoutingTable(Map.of());
    }

    /** The model of that name. */
    Routes model(String name) {
        Routes routes = models.get(name);
        return routes != null ? routes : formerly(name);
    }

    private Routes formerly(String name) {
        return models.values().stream()
                .filter(routes -> routes.formerNames().contains(name))
                .findFirst()
                .orElseThrow(() -> new ServiceException(ErrorCode.MODEL_NOT_FOUND, "no model " + Echo.of(name)));
    }

    Optional<Routes> find(UUID projectId) {
        return models.values().stream()
                .filter(routes -> routes.model().projectId().equals(projectId))
                .findFirst();
    }

    Optional<Slot> find(VersionKey key) {
        return find(key.projectId()).map(routes -> routes.versions().get(key.number()));
    }

    /**
     * The version that answers.
     *
     * @param name of the model
     * @param version a number, an alias, or empty for the alias {@code production}
     */
    Slot resolve(String name, String version) {
        Routes routes = model(name);
        Integer number = version.matches("[0-9]{1,9}") ? Integer.valueOf(version) : aliased(routes, version);
        Slot slot = routes.versions().get(number);
        if (slot == null) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_NOT_FOUND, "model '" + name + "' has no version " + number);
        }
        return slot;
    }

    private static Integer aliased(Routes routes, String version) {
        String alias = version.isEmpty() ? Alias.PRODUCTION : version;
        Route route = routes.aliases().get(alias);
        if (route == null) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_NOT_FOUND,
                    version.isEmpty()
                            ? "model '%s' has no version in %s: promote one, or ask for one by its number"
                                    .formatted(routes.model().name(), alias)
                            : "model '%s' has no version or alias %s"
                                    .formatted(routes.model().name(), Echo.of(version)));
        }
        return route.serving() == null ? route.target().version() : route.serving();
    }

    /**
     * What the registry knows now. Versions of a model and generations of its aliases only ever grow; a model that the
     * registry does not have was deleted.
     */
    RoutingTable with(RegistrySnapshot snapshot) {
        Map<String, Routes> next = new HashMap<>();
        for (RegistrySnapshot.Entry entry : snapshot.models()) {
            Routes known = find(entry.model().projectId()).orElse(null);
            NavigableMap<Integer, Slot> versions = new TreeMap<>(known == null ? Map.of() : known.versions());
            entry.versions()
                    .forEach(
                            version -> versions.putIfAbsent(version.number(), new Slot(version, new Unloaded(), null)));
            Map<String, Route> aliases = new HashMap<>(known == null ? Map.of() : known.aliases());
            entry.aliases().forEach(alias -> move(aliases, alias));
            next.put(entry.model().name(), routed(entry.model(), entry.formerNames(), versions, aliases));
        }
        return new RoutingTable(next);
    }

    /** An alias moved; one that is known to be further on stays. */
    RoutingTable with(UUID projectId, Alias alias) {
        return find(projectId)
                .map(routes -> {
                    Map<String, Route> aliases = new HashMap<>(routes.aliases());
                    move(aliases, alias);
                    return replaced(routed(routes.model(), routes.formerNames(), routes.versions(), aliases));
                })
                .orElse(this);
    }

    /** A version changed its state. */
    RoutingTable with(VersionKey key, VersionState state) {
        Routes routes = find(key.projectId()).orElseThrow();
        NavigableMap<Integer, Slot> versions = new TreeMap<>(routes.versions());
        versions.computeIfPresent(key.number(), (_, slot) -> slot.with(state));
        return replaced(routed(routes.model(), routes.formerNames(), versions, routes.aliases()));
    }

    private RoutingTable replaced(Routes routes) {
        Map<String, Routes> next = new HashMap<>(models);
        next.put(routes.model().name(), routes);
        return new RoutingTable(next);
    }

    private static void move(Map<String, Route> aliases, Alias alias) {
        aliases.merge(
                alias.name(),
                new Route(alias, null),
                (old, moved) -> alias.generation() > old.target().generation() ? new Route(alias, old.serving()) : old);
    }

    /** Aliases lead to their targets where these are READY. */
    private static Routes routed(
            Model model, List<String> formerNames, NavigableMap<Integer, Slot> versions, Map<String, Route> aliases) {
        Map<String, Route> routed = new HashMap<>();
        aliases.forEach((name, route) -> {
            Slot target = versions.get(route.target().version());
            boolean ready = target != null && target.state() instanceof Ready;
            routed.put(name, ready ? new Route(route.target(), target.version().number()) : route);
        });
        return new Routes(model, formerNames, versions, routed);
    }
}
