package dev.loupe.inference.serve;

import static dev.loupe.inference.serve.TensorBytes.refused;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.registry.Replica;
import dev.loupe.inference.registry.VersionPins;
import dev.loupe.inference.runtime.VersionMemory;
import dev.loupe.inference.runtime.VersionMemory.KnownVersion;
import dev.loupe.oip.v2.ModelRepositoryParameter;
import dev.loupe.oip.v2.ModelStatistics;
import dev.loupe.oip.v2.ModelStatisticsResponse;
import dev.loupe.oip.v2.RepositoryIndexResponse;
import dev.loupe.oip.v2.RepositoryIndexResponse.ModelIndex;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Triton's extensions "Model Repository" and "Statistics" in terms of their messages, for gRPC and for HTTP: the
 * versions in this replica. Thread-safe.
 */
@ApplicationScoped
class RepositoryExtension {
    /** Parameter: the version that is loaded or unloaded. */
    static final String VERSION = "version";
    /** Parameter: whether the version that is loaded stays in the memory of each replica. */
    static final String PINNED = "pinned";
    /** Parameter of Triton: a model's configuration, as JSON. */
    static final String CONFIG = "config";
    /** Parameter of Triton without an effect: a version has no dependents. */
    static final String UNLOAD_DEPENDENTS = "unload_dependents";

    private static final String UNLOADED = "unloaded";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final VersionMemory versions;
    private final MeasuredPredictions predictions;
    private final ModelLookup models;
    private final VersionPins pins;

    RepositoryExtension(VersionMemory versions, MeasuredPredictions predictions, ModelLookup models, VersionPins pins) {
        this.versions = versions;
        this.models = models;
        this.pins = pins;
        this.predictions = predictions;
    }

    /**
     * @param tenant whose models to return
     * @param repository name of the repository, which must be empty
     * @param ready whether to return only versions that are in memory
     */
    RepositoryIndexResponse index(String tenant, String repository, boolean ready) {
        requireNoRepository(repository);
        RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
        for (KnownVersion version : versions.allOf(tenant)) {
            if (!ready || version.state() == Replica.State.READY) {
                index.addModels(entry(version));
            }
        }
        return index.build();
    }

    private static ModelIndex entry(KnownVersion version) {
        ModelIndex.Builder entry = ModelIndex.newBuilder()
                .setName(version.model())
                .setVersion(String.valueOf(version.version().number()));
        return switch (version.state()) {
            case READY -> entry.setState("READY").build();
            case LOADING -> entry.setState("LOADING").build();
            case UNLOADED -> entry.setState("UNAVAILABLE").setReason(UNLOADED).build();
            case UNAVAILABLE ->
                entry.setState("UNAVAILABLE").setReason(version.reason()).build();
        };
    }

    /**
     * Loads one version and waits until it is ready. Pins it before, or removes its pin, if the parameters say so.
     *
     * @param actor who asks for it
     * @throws ServiceException as {@link VersionMemory#load}; {@code INVALID_REQUEST} for a parameter that is not known
     */
    void load(String repository, String model, Map<String, ModelRepositoryParameter> parameters, String actor) {
        requireNoRepository(repository);
        String version = version(parameters, Set.of(VERSION, CONFIG, PINNED));
        if (parameters.containsKey(PINNED)) {
            boolean pinned = pinned(parameters.get(PINNED));
            int number = versions.find(model, version).version().number();
            pins.set(models.require(versions.model(model).projectId().toString()), number, pinned, actor);
            versions.refresh();
        }
        versions.load(model, version);
    }

    private static boolean pinned(ModelRepositoryParameter parameter) {
        if (parameter.getParameterChoiceCase() != ModelRepositoryParameter.ParameterChoiceCase.BOOL_PARAM) {
            throw refused("parameter '%s': expected true or false as bool_param, got %s"
                    .formatted(PINNED, parameter.getParameterChoiceCase()));
        }
        return parameter.getBoolParam();
    }

    /**
     * Unloads one version, or all of a model.
     *
     * @throws ServiceException as {@link VersionMemory#unload}; {@code INVALID_REQUEST} for a parameter that is not
     *     known
     */
    void unload(String repository, String model, Map<String, ModelRepositoryParameter> parameters) {
        requireNoRepository(repository);
        versions.unload(model, version(parameters, Set.of(VERSION, UNLOAD_DEPENDENTS)));
    }

    private static void requireNoRepository(String repository) {
        if (!repository.isEmpty()) {
            throw refused("repository_name: expected none, because there is one repository, got "
                    + QuotedInput.of(repository));
        }
    }

    /** The version that the parameters name, empty if they name none. */
    private static String version(Map<String, ModelRepositoryParameter> parameters, Set<String> known) {
        parameters.keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    throw refused("parameters: expected "
                            + known.stream().sorted().toList() + ", got " + QuotedInput.of(name));
                });
        ModelRepositoryParameter version = parameters.get(VERSION);
        ModelRepositoryParameter config = parameters.get(CONFIG);
        if (version != null && config != null) {
            throw refused("parameters: expected one of '%s' and '%s', got both".formatted(VERSION, CONFIG));
        }
        if (config != null) {
            return configured(config);
        }
        return version == null ? "" : named(version);
    }

    private static String named(ModelRepositoryParameter version) {
        String name =
                switch (version.getParameterChoiceCase()) {
                    case STRING_PARAM -> version.getStringParam();
                    case INT64_PARAM -> String.valueOf(version.getInt64Param());
                    default -> "";
                };
        if (name.isEmpty()) {
            throw refused("parameter '%s': expected a number or an alias as string_param or int64_param, got %s"
                    .formatted(VERSION, version.getParameterChoiceCase()));
        }
        return name;
    }

    /** The version of {@code {"version_policy": {"specific": {"versions": [2]}}}}. */
    private static String configured(ModelRepositoryParameter config) {
        try {
            JsonNode root = JSON.readTree(config.getStringParam());
            JsonNode policy = only(root, "version_policy");
            JsonNode numbers = only(only(policy, "specific"), "versions");
            if (numbers.size() == 1
                    && numbers.get(0).canConvertToInt()
                    && numbers.get(0).intValue() > 0) {
                return numbers.get(0).asText();
            }
        } catch (JacksonException _) {
            // the message below says what is expected
        }
        throw refused("parameter '%s': expected {\"version_policy\": {\"specific\": {\"versions\": [N]}}}, got %s"
                .formatted(CONFIG, QuotedInput.of(config.getStringParam())));
    }

    /** The value of this field, missing if the object has others, too. */
    private static JsonNode only(JsonNode object, String field) {
        return object.size() == 1 ? object.path(field) : object.path(-1);
    }

    /**
     * What versions have predicted in this replica.
     *
     * @param tenant whose models to return
     * @param model empty for all of the tenant
     * @param version a number or an alias; empty for all that are in memory or have predicted
     * @throws ServiceException {@code MODEL_NOT_FOUND}, {@code MODEL_VERSION_NOT_FOUND}; {@code INVALID_REQUEST} for a
     *     version without a model
     */
    ModelStatisticsResponse statistics(String tenant, String model, String version) {
        if (model.isEmpty() && !version.isEmpty()) {
            throw refused("version: expected none without the name of a model, got " + QuotedInput.of(version));
        }
        predictions.prune();
        ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
        if (version.isEmpty()) {
            List<KnownVersion> all = model.isEmpty() ? versions.allOf(tenant) : versions.all(model);
            all.stream().flatMap(this::used).forEach(response::addModelStats);
        } else {
            KnownVersion one = versions.find(model, version);
            response.addModelStats(message(one, predictions.statistics(one).orElseGet(VersionStatistics::new)));
        }
        return response.build();
    }

    private Stream<ModelStatistics> used(KnownVersion version) {
        Optional<VersionStatistics> statistics = predictions.statistics(version);
        return statistics.isPresent() || version.state() == Replica.State.READY
                ? Stream.of(message(version, statistics.orElseGet(VersionStatistics::new)))
                : Stream.empty();
    }

    private static ModelStatistics message(KnownVersion version, VersionStatistics statistics) {
        return statistics.message(version.model(), version.version().number());
    }
}
