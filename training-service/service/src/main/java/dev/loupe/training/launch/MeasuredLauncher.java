package dev.loupe.training.launch;

import dev.loupe.contracts.training.TrainerSpec;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Counts and times the launches and observations of another launcher. */
record MeasuredLauncher(JobLauncher launcher, MeterRegistry registry) implements JobLauncher {
    private static final String LAUNCH = "loupe.launcher.launch";
    private static final String OBSERVE = "loupe.launcher.observe";

    @Override
    public int check(TrainerResources resources) {
        return launcher.check(resources);
    }

    @Override
    public void launch(
            JobName job,
            String token,
            TrainerResources resources,
            int priority,
            Function<TrainerEnvironment, TrainerSpec> spec) {
        Timer.Sample sample = Timer.start(registry);
        String outcome = "error";
        try {
            launcher.launch(job, token, resources, priority, spec);
            outcome = "launched";
        } catch (LaunchException refused) {
            outcome = refused.consequence().name().toLowerCase(Locale.ROOT);
            throw refused;
        } finally {
            sample.stop(registry.timer(LAUNCH, "outcome", outcome));
        }
    }

    @Override
    public Map<JobName, ObservedJob> observe() {
        Timer.Sample sample = Timer.start(registry);
        String outcome = "error";
        try {
            Map<JobName, ObservedJob> observed = launcher.observe();
            outcome = "observed";
            return observed;
        } finally {
            sample.stop(registry.timer(OBSERVE, "outcome", outcome));
        }
    }

    @Override
    public void stop(JobName job) {
        launcher.stop(job);
    }

    @Override
    public void discard(JobName job) {
        launcher.discard(job);
    }

    @Override
    public InputStream log(JobName job, long from) {
        return launcher.log(job, from);
    }
}
