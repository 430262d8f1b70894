package dev.loupe.dataset.upload;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageAdditions;
import dev.loupe.dataset.image.SplitName;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.upload.ImportReport.Conflict;
import dev.loupe.dataset.upload.ImportReport.Refusal;
import dev.loupe.dataset.upload.ImportedFiles.Added;
import dev.loupe.dataset.upload.format.ArchivePath;
import dev.loupe.dataset.upload.format.Place;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.idempotency.Idempotency;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Uploads of images: a single image, or a form with many images. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Upload")
public class UploadResource {
    private final Projects projects;
    private final RequestBodyStore bodies;
    private final Importer importer;
    private final UploadConfig config;
    private final Idempotency idempotency;

    UploadResource(
            Projects projects,
            RequestBodyStore bodies,
            Importer importer,
            UploadConfig config,
            Idempotency idempotency) {
        this.projects = projects;
        this.bodies = bodies;
        this.importer = importer;
        this.config = config;
        this.idempotency = idempotency;
    }

    @POST
    @Path("/{project}/images")
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(operationId = "uploadImages", summary = "Upload one image", description = """
            The body is the encoded image: JPEG, PNG, WebP, BMP or TIFF, detected from its content. It is decoded completely. \
            The same bytes again are the same image (200).""")
    @APIResponse(responseCode = "201", content = @Content(schema = @Schema(implementation = Image.class)))
    public Response one(
            @PathParam("project") String idOrName,
            @QueryParam("label")
                    @Parameter(description = "a class; in an anomaly detection project `normal` or `abnormal`")
                    String label,
            @QueryParam("split") @Parameter(description = "`TRAIN`, `DEV` or `TEST`; without one a freeze chooses")
                    String split,
            @QueryParam("product")
                    @Parameter(
                            description = "product that it shows, in an anomaly detection project of several products")
                    String product,
            @QueryParam("name") @Parameter(description = "file name, for people") String name,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @Context HttpServerRequest request,
            InputStream body) {
        Project project = projects.requireActive(idOrName);
        Annotation annotation = Annotation.ofLabel(project.task(), label);
        Split given = SplitName.parse(split, project.task(), annotation);
        String ofProduct = product(project, product);
        try (BufferedBody image = bodies.receive(request, body, importer.maxImageSize(), ErrorCode.IMAGE_TOO_LARGE)) {
            String shown = name == null || name.isBlank() ? image.sha256() : fileName(name);
            String fingerprint = String.join("\n", image.sha256(), String.valueOf(label), String.valueOf(given), shown)
                    + product(ofProduct);
            return idempotency.once(
                    scope(project),
                    key,
                    fingerprint,
                    () -> importer.decodeAndStore(image, shown),
                    stored ->
                            add(project, stored.image(shown, annotation.label(), null, given, null, ofProduct), actor));
        }
    }

    private Response add(Project project, Image image, String actor) {
        ImageAdditions.Result result = importer.add(project, image, actor);
        Image stored = result.stored().getFirst();
        return Response.status(result.added() > 0 ? Response.Status.CREATED : Response.Status.OK)
                .location(URI.create("/api/v1/projects/" + project.name() + "/images/" + stored.sha256()))
                .entity(stored)
                .build();
    }

    @POST
    @Path("/{project}/images")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(operationId = "uploadImages", summary = "Upload many images as a form", description = """
            Every part with a file name is an image, whatever the part's name; all get the label, the split and the \
            product of the query. A bad file does not affect the others: `refusals` lists each with its reason.""")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.MULTIPART_FORM_DATA,
                            schema = @Schema(implementation = FormDocument.class)))
    public Response many(
            @PathParam("project") String idOrName,
            @QueryParam("label") String label,
            @QueryParam("split") String split,
            @QueryParam("product") String product,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @Context HttpServerRequest request,
            @Context HttpHeaders headers,
            InputStream body) {
        Project project = projects.requireActive(idOrName);
        Annotation annotation = Annotation.ofLabel(project.task(), label);
        Split given = SplitName.parse(split, project.task(), annotation);
        String ofProduct = product(project, product);
        long mostBytes = config.maxFormSize().asLongValue();
        try (BufferedBody received = bodies.receive(request, body, mostBytes, ErrorCode.REQUEST_TOO_LARGE)) {
            Form form = Form.of(received, headers.getMediaType(), config.maxFormFiles());
            String fingerprint = key == null
                    ? ""
                    : String.join("\n", String.valueOf(label), String.valueOf(split), form.fingerprint())
                            + product(ofProduct);
            return idempotency.once(
                    scope(project),
                    key,
                    fingerprint,
                    () -> importer.prepare(
                            project,
                            form,
                            new Place.OfImage(annotation, given, null, ofProduct),
                            new Requester(request)),
                    prepared -> Response.ok(FormResult.of(importer.commit(prepared, actor)))
                            .build());
        }
    }

    /**
     * Result of a form.
     *
     * @param refusals refused files, each with its reason
     * @param conflicts files that contradict their stored image
     */
    record FormResult(ImportReport report, List<Refusal> refusals, List<Conflict> conflicts) {
        static FormResult of(Added added) {
            return new FormResult(added.report(), added.findings().refusals(), added.conflicts());
        }
    }

    /** The schema of a form, for the OpenAPI document. */
    @Schema(name = "Form")
    static final class FormDocument {
        @Schema(type = org.eclipse.microprofile.openapi.annotations.enums.SchemaType.ARRAY, format = "binary")
        public List<String> file;
    }

    /** The product that the query names, null if it names none. */
    private static String product(Project project, String text) {
        return text == null || text.isBlank() ? null : Annotation.product(project.task(), text);
    }

    /** What a product adds to a fingerprint: one without a product is the same as before there were any. */
    private static String product(String product) {
        return product == null ? "" : "\nproduct " + product;
    }

    private static String scope(Project project) {
        return "POST /projects/" + project.id() + "/images";
    }

    /** The last segment of the file name that a client sends. */
    static String fileName(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return ArchivePath.show(last);
    }
}
