package dev.loupe.inference.runtime;

import dev.loupe.inference.registry.Alias;
import dev.loupe.inference.registry.Arm;
import dev.loupe.inference.registry.Canary;
import dev.loupe.inference.registry.CurrentThreshold;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelVersion;
import dev.loupe.inference.registry.RegistrySnapshot;
import dev.loupe.inference.runtime.VersionState.Ready;
import dev.loupe.inference.runtime.VersionState.Unloaded;
import dev.loupe.model.ModelManifest;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Maps requests to versions. Immutable: a request reads one table, and a change creates another one.
 *
 * @param models models by name
 */
record RoutingTable(Map<String, Routes> models) {

    /**
     * One model.
     *
     * @param formerNames earlier names, which the model can still be requested by
     * @param versions versions by number
     * @param aliases aliases by name
     * @param pinned numbers of the versions that stay in memory
     */
    record Routes(
            Model model,
            List<String> formerNames,
            NavigableMap<Integer, VersionEntry> versions,
            Map<String, Route> aliases,
            Set<Integer> pinned) {
        Routes {
            formerNames = List.copyOf(formerNames);
            versions = Collections.unmodifiableNavigableMap(versions);
            aliases = Map.copyOf(aliases);
            pinned = Set.copyOf(pinned);
        }

        /** Numbers of the versions that must be in memory: those that aliases route to, or will, and pinned ones. */
        Set<Integer> kept() {
            Set<Integer> kept = new HashSet<>(pinned);
            aliases.values().forEach(route -> kept.addAll(route.numbers()));
            return kept;
        }
    }

    /**
     * A version in this replica.
     *
     * @param manifest manifest of the version; null until it was loaded once
     * @param threshold threshold that a detector decides with; null for a classifier, and if it is that of the package
     *     and the version was not loaded yet
     */
    record VersionEntry(ModelVersion version, VersionState state, ModelManifest manifest, CurrentThreshold threshold) {
        private VersionEntry with(VersionState next) {
            return next instanceof Ready(LoadedModel model)
                    ? new VersionEntry(version, next, model.manifest(), threshold).with(model.packagedThreshold())
                    : new VersionEntry(version, next, manifest, threshold);
        }

        /** Unchanged if a later threshold is known. */
        private VersionEntry with(CurrentThreshold other) {
            return other == null || threshold != null && threshold.number() >= other.number()
                    ? this
                    : new VersionEntry(version, state, manifest, other);
        }
    }

    /**
     * The versions of an alias.
     *
     * @param target version that the alias points at
     * @param serving version that serves requests: the target once it was READY in this replica, until then the
     *     previous version; null if there was none
     * @param canary last change of its candidate, null if it has had none
     */
    record Route(Alias target, Integer serving, Canary canary) {
        /** The candidate that has an effect, null if there is none. */
        Canary candidate() {
            return canary != null && canary.holdsFor(target) ? canary : null;
        }

        /** Versions that answer requests to the alias, or will. */
        Set<Integer> numbers() {
            Set<Integer> numbers = new HashSet<>(Set.of(target.version()));
            if (serving != null) {
                numbers.add(serving);
            }
            if (candidate() != null) {
                numbers.add(candidate().candidate());
            }
            return numbers;
        }
    }

    /**
     * The version that answers a request.
     *
     * @param key arm that answers; null if the request names no alias with a candidate
     * @param shadow candidate that also sees the images, null if there is none
     */
    record Choice(VersionEntry entry, ArmKey key, ShadowTarget shadow) {}

    RoutingTable {
        models = Map.copyOf(models);
    }

    static RoutingTable empty() {
        return new RoutingTable(Map.of());
    }

    /** Returns the model with that name. */
    Routes model(String name) {
        Routes routes = models.get(name);
        return routes != null ? routes : formerly(name);
    }

    private Routes formerly(String name) {
        return models.values().stream()
                .filter(routes -> routes.formerNames().contains(name))
                .findFirst()
                .orElseThrow(() -> unknown(name));
    }

    static ServiceException unknown(String name) {
        return new ServiceException(ErrorCode.MODEL_NOT_FOUND, "no model " + QuotedInput.of(name));
    }

    /** The states of all versions. */
    Stream<VersionState> states() {
        return models.values().stream()
                .flatMap(routes -> routes.versions().values().stream())
                .map(VersionEntry::state);
    }

    Optional<Routes> find(UUID projectId) {
        return models.values().stream()
                .filter(routes -> routes.model().projectId().equals(projectId))
                .findFirst();
    }

    Optional<VersionEntry> find(VersionKey key) {
        return find(key.projectId()).map(routes -> routes.versions().get(key.number()));
    }

    /**
     * Returns the version that serves a request.
     *
     * @param name name of the model
     * @param version a number, an alias, or empty for the alias {@code production}
     */
    VersionEntry resolve(String name, String version) {
        Routes routes = model(name);
        Integer number = version.matches("[0-9]{1,9}") ? Integer.valueOf(version) : aliased(routes, version);
        VersionEntry entry = routes.versions().get(number);
        if (entry == null) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_NOT_FOUND, "model '" + name + "' has no version " + number);
        }
        return entry;
    }

    /**
     * Returns the version that answers a prediction: the candidate of an alias, if the request chooses it and it is
     * READY in this replica, otherwise as {@link #resolve(String, String)}.
     *
     * @throws ServiceException also {@code CANARY_NOT_FOUND} if the request demands the candidate, and there is none
     */
    Choice choose(String name, String version, ArmSelector selector) {
        VersionEntry holder = resolve(name, version);
        Routes routes = model(name);
        Route route = routes.aliases().get(version.isEmpty() ? Alias.PRODUCTION : version);
        Canary canary = route == null ? null : route.candidate();
        VersionEntry candidate = canary == null ? null : routes.versions().get(canary.candidate());
        if (candidate == null) {
            if (selector.demanded() == Arm.CANDIDATE) {
                throw new ServiceException(
                        ErrorCode.CANARY_NOT_FOUND,
                        "model '%s': expected an alias with a candidate, got %s"
                                .formatted(
                                        routes.model().name(),
                                        QuotedInput.of(version.isEmpty() ? Alias.PRODUCTION : version)));
            }
            return new Choice(holder, null, null);
        }
        if (selector.demanded() == Arm.CANDIDATE
                || candidate.state() instanceof Ready && selector.arm(canary) == Arm.CANDIDATE) {
            return new Choice(candidate, key(routes, canary, Arm.CANDIDATE), null);
        }
        ShadowTarget shadow = canary.shadow()
                ? new ShadowTarget(routes.model().projectId(), canary.alias(), canary.candidate())
                : null;
        return new Choice(holder, key(routes, canary, Arm.HOLDER), shadow);
    }

    private static ArmKey key(Routes routes, Canary canary, Arm arm) {
        return new ArmKey(routes.model().projectId(), canary.alias(), canary.revision(), arm);
    }

    private static Integer aliased(Routes routes, String version) {
        String alias = version.isEmpty() ? Alias.PRODUCTION : version;
        Route route = routes.aliases().get(alias);
        if (route == null) {
            throw new ServiceException(
                    ErrorCode.MODEL_VERSION_NOT_FOUND,
                    version.isEmpty()
                            ? "model '%s' has no alias '%s': promote a version, or request one by its number"
                                    .formatted(routes.model().name(), alias)
                            : "model '%s' has no version or alias %s"
                                    .formatted(routes.model().name(), QuotedInput.of(version)));
        }
        return route.serving() == null ? route.target().version() : route.serving();
    }

    /**
     * Returns a table for this snapshot of the registry. Numbers of versions and of
     * thresholds and generations of aliases only increase; a model that is missing from the snapshot was deleted.
     */
    RoutingTable with(RegistrySnapshot snapshot) {
        Map<String, Routes> next = new HashMap<>();
        for (RegistrySnapshot.Entry entry : snapshot.models()) {
            Routes known = find(entry.model().projectId()).orElse(null);
            NavigableMap<Integer, VersionEntry> versions = new TreeMap<>();
            for (ModelVersion version : entry.versions()) {
                VersionEntry before = known == null ? null : known.versions().get(version.number());
                versions.put(
                        version.number(),
                        before == null ? new VersionEntry(version, new Unloaded(), null, null) : before);
            }
            entry.thresholds()
                    .forEach(threshold ->
                            versions.computeIfPresent(threshold.version(), (_, before) -> before.with(threshold)));
            Map<String, Route> aliases = new HashMap<>(known == null ? Map.of() : known.aliases());
            entry.aliases().forEach(alias -> move(aliases, alias));
            entry.canaries().forEach(canary -> change(aliases, canary));
            next.put(
                    entry.model().name(),
                    routed(entry.model(), entry.formerNames(), versions, aliases, entry.pinned()));
        }
        return new RoutingTable(next);
    }

    /** Returns a table in which the alias has moved; unchanged if a later generation is known. */
    RoutingTable with(UUID projectId, Alias alias) {
        return find(projectId)
                .map(routes -> {
                    Map<String, Route> aliases = new HashMap<>(routes.aliases());
                    move(aliases, alias);
                    return replaced(
                            routed(routes.model(), routes.formerNames(), routes.versions(), aliases, routes.pinned()));
                })
                .orElse(this);
    }

    /** Returns a table with this change of a candidate; unchanged if a later one is known. */
    RoutingTable with(UUID projectId, Canary canary) {
        return find(projectId)
                .map(routes -> {
                    Map<String, Route> aliases = new HashMap<>(routes.aliases());
                    change(aliases, canary);
                    return replaced(new Routes(
                            routes.model(), routes.formerNames(), routes.versions(), aliases, routes.pinned()));
                })
                .orElse(this);
    }

    /** Returns a table in which a version has this threshold; unchanged if a later one is known. */
    RoutingTable with(UUID projectId, CurrentThreshold threshold) {
        return find(projectId)
                .map(routes -> {
                    NavigableMap<Integer, VersionEntry> versions = new TreeMap<>(routes.versions());
                    versions.computeIfPresent(threshold.version(), (_, entry) -> entry.with(threshold));
                    return replaced(new Routes(
                            routes.model(), routes.formerNames(), versions, routes.aliases(), routes.pinned()));
                })
                .orElse(this);
    }

    /** Returns a table with a new state of a version. */
    RoutingTable with(VersionKey key, VersionState state) {
        Routes routes = find(key.projectId()).orElseThrow();
        NavigableMap<Integer, VersionEntry> versions = new TreeMap<>(routes.versions());
        versions.computeIfPresent(key.number(), (_, entry) -> entry.with(state));
        return replaced(routed(routes.model(), routes.formerNames(), versions, routes.aliases(), routes.pinned()));
    }

    private RoutingTable replaced(Routes routes) {
        Map<String, Routes> next = new HashMap<>(models);
        next.put(routes.model().name(), routes);
        return new RoutingTable(next);
    }

    private static void move(Map<String, Route> aliases, Alias alias) {
        aliases.merge(
                alias.name(),
                new Route(alias, null, null),
                (old, moved) -> alias.generation() > old.target().generation()
                        ? new Route(alias, old.serving(), old.canary())
                        : old);
    }

    private static void change(Map<String, Route> aliases, Canary canary) {
        aliases.computeIfPresent(
                canary.alias(),
                (_, route) -> route.canary() == null
                                || canary.revision() > route.canary().revision()
                        ? new Route(route.target(), route.serving(), canary)
                        : route);
    }

    /** Switches aliases to their targets where these are READY. */
    private static Routes routed(
            Model model,
            List<String> formerNames,
            NavigableMap<Integer, VersionEntry> versions,
            Map<String, Route> aliases,
            Set<Integer> pinned) {
        Map<String, Route> routed = new HashMap<>();
        aliases.forEach((name, route) -> {
            VersionEntry target = versions.get(route.target().version());
            boolean ready = target != null && target.state() instanceof Ready;
            routed.put(name, ready ? new Route(route.target(), target.version().number(), route.canary()) : route);
        });
        return new Routes(model, formerNames, versions, routed, pinned);
    }
}
