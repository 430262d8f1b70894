package dev.loupe.service;

import com.google.protobuf.StringValue;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.outbox.Outbox;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;

/** A service as small as can be, to try the library on. */
@Path("/notes")
@RunOnVirtualThread
public class NoteResource {
    static final String TYPE = "dev.loupe.test.note.v1";
    private static final AtomicInteger CREATED = new AtomicInteger();

    private final Outbox outbox;
    private final Idempotency idempotency;
    private final Audit audit;
    private final Jdbi jdbi;

    public record Note(String text, Integer size) {
        public Note {
            Fields.requirePresent("text", text);
            Fields.atMost("text", text, 100);
            Fields.within("size", size, -1, 9);
        }
    }

    public record Created(int number, String text) {}

    NoteResource(Outbox outbox, Idempotency idempotency, Audit audit, Jdbi jdbi) {
        this.jdbi = jdbi;
        this.outbox = outbox;
        this.idempotency = idempotency;
        this.audit = audit;
    }

    @POST
    public Response create(@HeaderParam(Idempotency.HEADER) String key, Note note) {
        return idempotency.once("POST /notes", key, note.toString(), () -> {
            outbox.add(
                    "loupe.models", "notes", TYPE, StringValue.of(note.text()).toByteArray());
            audit.record(Change.of(null, "tester", "note.create", note.text()));
            return Response.status(201)
                    .entity(new Created(CREATED.incrementAndGet(), note.text()))
                    .build();
        });
    }

    @POST
    @Path("/failing")
    @Transactional
    public Response createAndFail(Note note) {
        outbox.add("loupe.models", "notes", TYPE, StringValue.of(note.text()).toByteArray());
        throw new ServiceException(ErrorCode.PROJECT_EXISTS, "project '" + note.text() + "' is there already");
    }

    @GET
    public Response list(
            @QueryParam("limit") Integer limit, @QueryParam("cursor") String cursor, @Context UriInfo uri) {
        PageRequest request = PageRequest.of(limit, cursor);
        int from = request.after().isEmpty() ? 0 : Integer.parseInt(request.after()) + 1;
        List<Integer> rows =
                IntStream.range(from, 7).limit(request.limit() + 1L).boxed().toList();
        return Pages.response(Page.of(rows, request, String::valueOf), uri);
    }

    @GET
    @Path("/{number}")
    @Produces(MediaType.APPLICATION_JSON)
    public Created get(@PathParam("number") int number) {
        return new Created(number, "a note");
    }

    @GET
    @Path("/bugs/{kind}")
    public Response bug(@PathParam("kind") String kind) {
        throw switch (kind) {
            case "argument" -> new IllegalArgumentException("secret detail about " + kind);
            default -> new IllegalStateException("secret detail about " + kind);
        };
    }

    /** What a database says whose disk is full. */
    @POST
    @Path("/full/database")
    public Response fullDatabase() {
        jdbi.useHandle(handle -> handle.execute("""
                do $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$"""));
        return Response.ok().build();
    }

    /** What the operating system says whose disk is full. */
    @POST
    @Path("/full/disk")
    public Response fullDisk() throws IOException {
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            full.write(1);
        }
        return Response.ok().build();
    }
}
