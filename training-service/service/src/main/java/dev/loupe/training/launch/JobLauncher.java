package dev.loupe.training.launch;

import dev.loupe.contracts.training.TrainerSpec;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs trainers somewhere. It remembers nothing of its own: what it observes is what is there, also after a restart, also
 * if somebody else started it. Safe for use by many threads.
 */
public interface JobLauncher {
    /**
     * Refuses what a run may not ask for here.
     *
     * @return how many GPUs its trainer gets
     * @throws dev.loupe.service.error.ServiceException {@code INVALID_REQUEST}, naming the bound
     */
    int check(TrainerResources resources);

    /**
     * Starts a trainer, unless this job has one or has had one already: a job has one trainer, ever, however often it is
     * launched.
     *
     * @param token that the trainer shows when it reports
     * @param resources of the trainer
     * @param spec of the trainer, once the place is known
     * @throws LaunchException if no trainer can be started
     */
    void launch(JobName job, String token, TrainerResources resources, Function<Workplace, TrainerSpec> spec);

    /**
     * All jobs that were launched and not discarded, and some that were. One that is missing has no trainer.
     *
     * @throws RuntimeException if the state is unknown at the moment
     */
    Map<JobName, ObservedJob> observe();

    /** Asks a trainer to end, and ends it if it does not. Returns at once; to be called again until it is seen ended. */
    void stop(JobName job);

    /** Gives back what an ended job still holds, except its log. One that is not there is no error. */
    void discard(JobName job);

    /** What a job has written from this byte on, up to now; empty if there is nothing. */
    InputStream log(JobName job, long from);
}
