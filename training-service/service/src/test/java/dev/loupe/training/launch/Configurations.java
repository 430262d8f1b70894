package dev.loupe.training.launch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.contracts.training.TrainerSpec;
import dev.loupe.contracts.training.TrainerSpec.OutputRef;
import io.fabric8.kubernetes.api.model.PodTemplate;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** Configurations that are not this service's own, and a spec. */
final class Configurations {
    static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule());

    private Configurations() {}

    /** A mapping filled from these properties alone. */
    static <T> T of(Class<T> mapping, Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .addDiscoveredConverters()
                .withMapping(mapping)
                .withValidateUnknown(false)
                .build()
                .getConfigMapping(mapping);
    }

    /** A PodTemplate of trainers. */
    static PodTemplate podTemplate() {
        return Serialization.unmarshal(
                Configurations.class.getResourceAsStream("pod-template.yaml"), PodTemplate.class);
    }

    static Function<TrainerEnvironment, TrainerSpec> spec(JobName job) {
        return environment -> new TrainerSpec(
                job.run().toString(),
                job.attempt(),
                UUID.randomUUID().toString(),
                "steel-strip",
                null,
                null,
                null,
                Recipe.of("transfer"),
                null,
                1,
                new OutputRef("loupe", "runs/" + job.run() + "/"),
                environment.workDirectory().toString(),
                environment.cacheDirectory().toString(),
                "http://training-service/internal",
                environment.threads());
    }
}
