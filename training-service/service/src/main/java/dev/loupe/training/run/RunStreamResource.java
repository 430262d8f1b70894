package dev.loupe.training.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loupe.training.launch.JobLauncher;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Streams a run's state and progress, and the logs of its trainers. */
@Path("/api/v1/runs/{run}")
@ApplicationScoped
@Tag(name = "Runs")
class RunStreamResource {
    /** Polling interval: longest time until a change by another replica, or a line of a log, is seen. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);
    /** Time without events after which a stream sends a heartbeat. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final Runs runs;
    private final RunChanges changes;
    private final JobLauncher launcher;
    private final ObjectMapper json;
    private volatile boolean ending;

    RunStreamResource(Runs runs, RunChanges changes, JobLauncher launcher, ObjectMapper json) {
        this.runs = runs;
        this.changes = changes;
        this.launcher = launcher;
        this.json = json;
    }

    void end(@Observes ShutdownEvent shutdown) {
        ending = true;
    }

    @GET
    @Path("/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(summary = "Follow a run: an event `run` with the run at each change, until it is in a final state")
    @Blocking
    public Multi<OutboundSseEvent> events(@PathParam("run") String id, @Context Sse sse) {
        UUID run = runs.require(id).id();
        // An SseEventSink that is closed before its method returns makes the framework answer a second time.
        return Multi.createFrom().emitter(events -> Thread.startVirtualThread(() -> streamChanges(run, sse, events)));
    }

    private void streamChanges(UUID run, Sse sse, MultiEmitter<? super OutboundSseEvent> events) {
        try {
            long sent = -1;
            long spoke = System.nanoTime();
            while (!events.isCancelled() && !ending) {
                long seen = changes.count();
                Run now = runs.find(run).orElseThrow();
                if (now.status().revision() != sent) {
                    events.emit(sse.newEvent("run", json.writeValueAsString(now)));
                    sent = now.status().revision();
                    spoke = System.nanoTime();
                } else if (System.nanoTime() - spoke > HEARTBEAT.toNanos()) {
                    events.emit(sse.newEventBuilder().comment("").build());
                    spoke = System.nanoTime();
                }
                if (now.status().state().isFinal()) {
                    break;
                }
                changes.await(seen, POLL_INTERVAL);
            }
            events.complete();
        } catch (InterruptedException | JsonProcessingException | RuntimeException failed) {
            events.fail(failed);
        }
    }

    @GET
    @Path("/logs")
    @Produces(MediaType.TEXT_PLAIN)
    @Operation(summary = "What the trainers of a run have written, attempt after attempt; `follow`: until the run ends")
    @RunOnVirtualThread
    public StreamingOutput logs(
            @PathParam("run") String id,
            @QueryParam("follow") @DefaultValue("false") boolean follow,
            @Context HttpServerRequest request) {
        UUID run = runs.require(id).id();
        HttpServerResponse response = request.response();
        return out -> writeLogs(run, () -> follow && !response.closed(), out);
    }

    private void writeLogs(UUID run, BooleanSupplier follow, OutputStream out) throws IOException {
        int number = 0;
        long written = 0;
        while (true) {
            long seen = changes.count();
            boolean over = runs.isSettled(run);
            for (Attempt attempt : runs.attempts(run)) {
                if (attempt.number() > number) {
                    number = attempt.number();
                    written = 0;
                    out.write(("--- attempt " + number + " ---\n").getBytes(StandardCharsets.UTF_8));
                }
                if (attempt.number() == number) {
                    try (InputStream log = launcher.log(attempt.job(), written)) {
                        written += log.transferTo(out);
                    }
                }
            }
            out.flush();
            if (!follow.getAsBoolean() || over || ending) {
                return;
            }
            try {
                changes.await(seen, POLL_INTERVAL);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
