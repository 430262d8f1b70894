package dev.loupe.dataset.upload;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.upload.ImageImports.Finding;
import dev.loupe.dataset.upload.ImageImports.Listed;
import dev.loupe.dataset.upload.ImportReport.Conflict;
import dev.loupe.dataset.upload.ImportReport.Refusal;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.database.Ids;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
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
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Imports of archives. */
@Path("/api/v1/projects/{project}/imports")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Imports")
public class ImportResource {
    private static final String ZIP = "application/zip";
    private static final String ZIP_OF_WINDOWS = "application/x-zip-compressed";
    private static final String ZIP_UNREGISTERED = "application/x-zip";
    private static final String LABEL =
            "one label for all images, if the folders do not determine it: a class; in an anomaly detection project `normal` or `abnormal`";

    private static final String PRODUCTS =
            "whether a folder within that of a label is a product, `train/good/PRODUCT/…`; otherwise it has no meaning";

    private final Projects projects;
    private final Importer importer;
    private final StoredArchives archives;
    private final ImageImports imports;
    private final ImportWorker worker;
    private final Idempotency idempotency;

    ImportResource(
            Projects projects,
            Importer importer,
            StoredArchives archives,
            ImageImports imports,
            ImportWorker worker,
            Idempotency idempotency) {
        this.projects = projects;
        this.importer = importer;
        this.archives = archives;
        this.imports = imports;
        this.worker = worker;
        this.idempotency = idempotency;
    }

    @POST
    @Consumes({ZIP, ZIP_OF_WINDOWS, ZIP_UNREGISTERED, MediaType.APPLICATION_OCTET_STREAM})
    @Operation(operationId = "startImport", summary = "Import a zip archive", description = """
            The answer comes when the archive has arrived; the import then runs in the background, and `Location` tells \
            how it proceeds. It continues after a restart of the service. If it succeeds, all good images become visible \
            at once, and `refusals` lists each file that was refused; if it fails or is cancelled, nothing is added.

            The folders of the archive determine labels and splits. Files that are not images are ignored, and so are \
            folders that enclose all images. Formats: one folder per class (`cat/1.jpg`); `train/CLASS/…` and \
            `test/CLASS/…`, or `CLASS/train/…`, a split that is kept (`val/` is DEV, `training_set/` is TRAIN). For \
            anomaly detection, folders named `good`, `ok` or `normal` are normal and every other folder is a kind of \
            defect; masks are in `ground_truth/DEFECT/NAME_mask.png` (MVTec AD) or \
            `ground_truth/DEFECT/NAME/000.png` (MVTec LOCO AD). With `products=true`, a folder within that of a label is a \
            product: `good/PRODUCT/1.png`, `ground_truth/DEFECT/PRODUCT/NAME_mask.png`.""")
    @APIResponse(
            responseCode = "202",
            content =
                    @Content(
                            schema = @Schema(implementation = ImageImport.class),
                            examples = @ExampleObject(value = """
                            {"id": "01994c1e-7a40-7000-8000-000000000001",
                             "projectId": "01994c1e-7a40-7000-8000-000000000000", "state": "QUEUED", "relabel": false,
                             "products": false,
                             "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                             "size": 104857600,
                             "progress": {"done": 0, "total": 0, "bytesDone": 0, "bytesTotal": 0},
                             "interruptions": 0, "createdAt": "2026-11-20T12:00:00Z"}""")))
    public Response start(
            @PathParam("project") String idOrName,
            @QueryParam("label") @Parameter(description = LABEL) String label,
            @QueryParam("relabel")
                    @DefaultValue("false")
                    @Parameter(
                            description = "whether labels, splits and products of the archive replace the stored ones")
                    boolean relabel,
            @QueryParam("products") @DefaultValue("false") @Parameter(description = PRODUCTS) boolean products,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @Context HttpServerRequest request,
            InputStream body) {
        Project project = projects.requireActive(idOrName);
        ImportOptions options = ImportOptions.of(project.task(), label, relabel, products);
        try (BufferedBody archive = archives.receive(request, body)) {
            String fingerprint = String.join("\n", archive.sha256(), String.valueOf(label), String.valueOf(relabel))
                    + (products ? "\nproducts" : ""); // one without products is the same as before there were any
            Response response = idempotency.once(
                    "POST /projects/" + project.id() + "/imports", key, fingerprint, () -> store(archive), id -> {
                        ImageImport queued = imports.insert(id, project, archive, options, actor);
                        return Response.accepted(queued)
                                .location(URI.create("/api/v1/projects/" + project.name() + "/imports/" + id))
                                .build();
                    });
            worker.startWaiting();
            return response;
        }
    }

    private UUID store(BufferedBody archive) {
        importer.requireArchive(archive);
        UUID id = Ids.next();
        archives.store(id, archive);
        return id;
    }

    @POST
    @Path("/inspections")
    @Consumes({ZIP, ZIP_OF_WINDOWS, ZIP_UNREGISTERED, MediaType.APPLICATION_OCTET_STREAM})
    @Operation(
            operationId = "inspectArchive",
            summary = "Show what an import of a zip archive would do",
            description = """
            Detects the format of the archive, counts its images by label and split, and lists the files that an import \
            would refuse. Nothing is added or kept. Images are not decoded, so an import may refuse more files.""")
    public ImportInspection inspect(
            @PathParam("project") String idOrName,
            @QueryParam("label") @Parameter(description = LABEL) String label,
            @QueryParam("products") @DefaultValue("false") @Parameter(description = PRODUCTS) boolean products,
            @Context HttpServerRequest request,
            InputStream body) {
        Project project = projects.require(idOrName);
        ImportOptions options = ImportOptions.of(project.task(), label, false, products);
        try (BufferedBody archive = archives.receive(request, body)) {
            return importer.inspect(archive, project, options);
        }
    }

    @GET
    @Operation(operationId = "listImports", summary = "List imports, the newest first")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Imports.class)))
    public Response list(
            @PathParam("project") String idOrName,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest page = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(imports.list(project, page), page, one -> one.id().toString()), uri);
    }

    @GET
    @Path("/{import}")
    @Operation(operationId = "getImport", summary = "The state and the progress of an import, and what it did")
    public ImageImport get(@PathParam("project") String idOrName, @PathParam("import") String id) {
        return imports.require(projects.require(idOrName), id);
    }

    @POST
    @Path("/{import}/cancel")
    @Operation(
            operationId = "cancelImport",
            summary = "Cancel an import",
            description = "Nothing of it is added to the project. An import that is already cancelled stays so.")
    public ImageImport cancel(@PathParam("project") String idOrName, @PathParam("import") String id) {
        ImageImport cancelled = imports.cancel(projects.require(idOrName), id);
        archives.delete(cancelled.id());
        return cancelled;
    }

    @GET
    @Path("/{import}/refusals")
    @Operation(
            operationId = "listImportRefusals",
            summary = "List the files that an import refused, each with its reason")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Refusals.class)))
    public Response refusals(
            @PathParam("project") String idOrName,
            @PathParam("import") String id,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        return files(idOrName, id, Finding.REFUSED, Refusal.class, PageRequest.of(limit, cursor), uri);
    }

    @GET
    @Path("/{import}/conflicts")
    @Operation(
            operationId = "listImportConflicts",
            summary = "List the files of an import that contradict a stored image",
            description = """
            The label, the kind of defect, the split or the product that the archive gives to the image differs from the \
            stored one, which remains.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Conflicts.class)))
    public Response conflicts(
            @PathParam("project") String idOrName,
            @PathParam("import") String id,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        return files(idOrName, id, Finding.CONFLICT, Conflict.class, PageRequest.of(limit, cursor), uri);
    }

    @GET
    @Path("/{import}/ignored")
    @Operation(
            operationId = "listIgnoredImportFiles",
            summary = "List the names of the files that an import ignored",
            description = "They are not images: texts, and hidden files of operating systems.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = IgnoredFiles.class)))
    public Response ignored(
            @PathParam("project") String idOrName,
            @PathParam("import") String id,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        return files(idOrName, id, Finding.IGNORED, String.class, PageRequest.of(limit, cursor), uri);
    }

    private <T> Response files(
            String idOrName, String id, Finding kind, Class<T> type, PageRequest request, UriInfo uri) {
        ImageImport of = imports.require(projects.require(idOrName), id);
        Page<Listed<T>> page =
                Page.of(imports.files(of, kind, type, request), request, listed -> String.valueOf(listed.number()));
        return Pages.response(
                new Page<>(page.items().stream().map(Listed::entry).toList(), page.nextCursor()), uri);
    }

    /** A page of imports, for the OpenAPI document. */
    record Imports(List<ImageImport> items, String nextCursor) {}

    /** A page of refused files, for the OpenAPI document. */
    record Refusals(List<Refusal> items, String nextCursor) {}

    /** A page of conflicts, for the OpenAPI document. */
    record Conflicts(List<Conflict> items, String nextCursor) {}

    /** A page of names of ignored files, for the OpenAPI document. */
    record IgnoredFiles(List<String> items, String nextCursor) {}
}
