package dev.loupe.training.launch;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.training.catalogue.CatalogueConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Produces the launcher that the configuration selects. */
class LauncherProducer {
    @Produces
    @Singleton
    @Startup
    JobLauncher launcher(
            LauncherConfig config,
            ProcessConfig process,
            CatalogueConfig recipes,
            KubernetesConfig kubernetes,
            Instance<KubernetesClient> client,
            StoredLogs logs,
            ObjectMapper json,
            Event<JobsChanged> changes,
            MeterRegistry registry) {
        JobLauncher launcher =
                switch (config.launcher()) {
                    case PROCESS -> new ProcessJobLauncher(process, recipes, json);
                    case KUBERNETES ->
                        new KubernetesJobLauncher(
                                client.get(),
                                kubernetes,
                                new TrainerJobs(kubernetes, json),
                                logs,
                                () -> changes.fire(new JobsChanged()));
                };
        return new MeasuredLauncher(launcher, registry);
    }

    void close(@Disposes JobLauncher launcher) {
        if (launcher instanceof MeasuredLauncher(KubernetesJobLauncher jobs, MeterRegistry _)) {
            jobs.close();
        }
    }
}
