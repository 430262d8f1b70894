package dev.loupe.training.launch;

import dev.loupe.contracts.training.TrainerSpec;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs trainers. It keeps no state of its own: it observes the jobs that exist, including those started before a
 * restart or by another process. Thread-safe.
 */
public interface JobLauncher {
    /**
     * Validates the resources that a run asks for.
     *
     * @return the number of GPUs that its trainer gets
     * @throws dev.loupe.service.error.ServiceException {@code INVALID_REQUEST}, naming the limit
     */
    int check(TrainerResources resources);

    /**
     * Starts a trainer, unless this job has or has had one: a job has at most one trainer, however often it is
     * launched.
     *
     * @param token token that the trainer presents when it reports
     * @param resources resources of the trainer
     * @param priority -100..100, priority of the run
     * @param spec creates the spec of the trainer, once its folders and cores are known
     * @throws LaunchException if no trainer can be started
     */
    void launch(
            JobName job,
            String token,
            TrainerResources resources,
            int priority,
            Function<TrainerEnvironment, TrainerSpec> spec);

    /**
     * Returns all jobs that were launched and not discarded, and possibly some discarded ones. A job that is missing
     * has no trainer.
     *
     * @throws RuntimeException if the state is unknown at the moment
     */
    Map<JobName, ObservedJob> observe();

    /**
     * Asks a trainer to end, and kills it if it does not. Returns at once; call repeatedly until the trainer has ended.
     */
    void stop(JobName job);

    /** Releases what an ended job still holds, except its log. Does nothing if the job does not exist. */
    void discard(JobName job);

    /** Returns the log of a job from this byte offset to its current end; empty if there is nothing. */
    InputStream log(JobName job, long from);
}
