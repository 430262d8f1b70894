package dev.loupe.dataset.upload;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageAdditions;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.image.SplitName;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.upload.Imports.Options;
import dev.loupe.dataset.upload.layout.ArchivePath;
import dev.loupe.dataset.upload.layout.Place;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
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
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Uploads of images: a single image, a form with many images, or an archive. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Upload")
public class UploadResource {
    private final Projects projects;
    private final ImageIntake intake;
    private final Spools spools;
    private final UploadMemory memory;
    private final Imports imports;
    private final Idempotency idempotency;

    UploadResource(
            Projects projects,
            ImageIntake intake,
            Spools spools,
            UploadMemory memory,
            Imports imports,
            Idempotency idempotency) {
        this.projects = projects;
        this.intake = intake;
        this.spools = spools;
        this.memory = memory;
        this.imports = imports;
        this.idempotency = idempotency;
    }

    @POST
    @Path("/{project}/images")
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = "Upload one image", description = """
            The body is the encoded image: JPEG, PNG, WebP, BMP or TIFF, told by its content. It is decoded whole. \
            The same bytes again are the same image (200).""")
    public Response one(
            @PathParam("project") String idOrName,
            @QueryParam("label")
                    @Parameter(description = "a class; in an anomaly detection project `normal` or `abnormal`")
                    String label,
            @QueryParam("split") @Parameter(description = "`TRAIN`, `DEV` or `TEST`; without one a freeze chooses")
                    String split,
            @QueryParam("name") @Parameter(description = "file name, for people") String name,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @Context HttpServerRequest request,
            InputStream body) {
        Project project = projects.require(idOrName);
        Annotation annotation = Annotation.ofLabel(project.task(), label);
        Split given = SplitName.parse(split, project.task(), annotation);
        try (Spool spool = receive(request, body, intake.maxSize(), ErrorCode.IMAGE_TOO_LARGE)) {
            String shown = name == null || name.isBlank() ? spool.sha256() : fileName(name);
            String fingerprint = String.join("\n", spool.sha256(), String.valueOf(label), String.valueOf(given), shown);
            return idempotency.once(
                    scope(project, "images"),
                    key,
                    fingerprint,
                    () -> take(spool, shown),
                    stored -> add(project, stored.image(shown, annotation.label(), null, given, null), actor));
        }
    }

    private Outcome.Stored take(Spool spool, String shown) {
        memory.take(spool.size());
        try {
            return switch (intake.take(List.of(spool::bytes)).getFirst()) {
                case Outcome.Refused refused ->
                    throw new ServiceException(refused.code(), "image '" + shown + "': " + refused.reason());
                case Outcome.Stored stored -> stored;
            };
        } finally {
            memory.giveBack(spool.size());
        }
    }

    private Response add(Project project, Image image, String actor) {
        ImageAdditions.Result result = imports.add(project, image, actor);
        Image stored = result.stored().getFirst();
        return Response.status(result.added() > 0 ? Response.Status.CREATED : Response.Status.OK)
                .location(URI.create("/api/v1/projects/" + project.name() + "/images/" + stored.sha256()))
                .entity(stored)
                .build();
    }

    @POST
    @Path("/{project}/images")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(summary = "Upload many images as a form", description = """
            Every part with a file name is an image, whatever the part's name; all get the label and the split of the \
            query. One bad file never loses the good ones: the answer names each with its reason.""")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.MULTIPART_FORM_DATA,
                            schema = @Schema(implementation = FormDocument.class)))
    public Response many(
            @PathParam("project") String idOrName,
            @QueryParam("label") String label,
            @QueryParam("split") String split,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @Context HttpServerRequest request,
            @Context HttpHeaders headers,
            InputStream body) {
        Project project = projects.require(idOrName);
        Annotation annotation = Annotation.ofLabel(project.task(), label);
        Split given = SplitName.parse(split, project.task(), annotation);
        try (Spool spool = receive(request, body, imports.maxFormSize(), ErrorCode.REQUEST_TOO_LARGE)) {
            Form form = Form.of(spool, headers.getMediaType(), imports.maxFormFiles());
            String fingerprint = key == null
                    ? ""
                    : String.join("\n", String.valueOf(label), String.valueOf(split), form.fingerprint());
            return idempotency.once(
                    scope(project, "images"),
                    key,
                    fingerprint,
                    () -> imports.prepare(
                            project, form, new Place.OfImage(annotation, given, null), new Requester(request)),
                    prepared -> Response.ok(imports.commit(prepared, actor)).build());
        }
    }

    /** The schema of a form, for the OpenAPI document. */
    @Schema(name = "Form")
    static final class FormDocument {
        @Schema(type = org.eclipse.microprofile.openapi.annotations.enums.SchemaType.ARRAY, format = "binary")
        public List<String> file;
    }

    @POST
    @Path("/{project}/imports")
    @Consumes({
        "application/zip",
        "application/x-zip-compressed",
        "application/x-zip",
        MediaType.APPLICATION_OCTET_STREAM
    })
    @Operation(summary = "Import a zip archive", description = """
            Folders say what the images are, and only images decide how: a text or another file beside them is ignored, \
            so are folders that enclose all of it. One folder per class (`cat/1.jpg`); or `train/CLASS/…` and \
            `test/CLASS/…`, or `CLASS/train/…`, a split that is kept (`val/` is DEV, `training_set/` is TRAIN); for \
            anomaly detection folders named `good`, `ok` or `normal` are normal and every other folder is a kind of \
            defect, with masks, if there are any, in `ground_truth/DEFECT/NAME_mask.png` (the layout of MVTec AD) or \
            `ground_truth/DEFECT/NAME/000.png` (MVTec LOCO AD). \
            All good images become visible at once, at the end; each file that was left out is named with a reason. \
            The answer says how the folders were understood: `layout`, `root` and `description`, `counts` per split and \
            label as they are stored now, and `warnings` where that is unusual. `changed` counts known images whose \
            label, split or mask became another one, `conflicts` names files that say something else than what is \
            stored. Lists name the first 1,000.""")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema = @Schema(implementation = ImportReport.class),
                            examples = @ExampleObject(value = """
                            {"accepted": 499, "duplicates": 1, "changed": 0,
                             "labels": {"abnormal": 88, "normal": 411}, "splits": {"TEST": 175, "TRAIN": 324},
                             "counts": {"TEST": {"abnormal": 88, "normal": 87}, "TRAIN": {"normal": 324}},
                             "layout": "MVTEC", "root": "bottle",
                             "description": "one folder per split, in it 'good' or a kind of defect; masks, if any, in 'ground_truth'",
                             "rejected": [{"name": "train/good/7.jpg", "code": "IMAGE_DAMAGED",
                                           "reason": "JPEG file of 3120 bytes ends early"}],
                             "rejectedCounts": {"IMAGE_DAMAGED": 1},
                             "conflicts": [], "conflictCount": 0,
                             "ignored": ["bottle/license.txt"], "ignoredCount": 1, "warnings": []}""")))
    public Response archive(
            @PathParam("project") String idOrName,
            @QueryParam("label")
                    @Parameter(
                            description =
                                    "the one label of all images, where no folders say it: a class; in an anomaly detection project `normal` or `abnormal`")
                    String label,
            @QueryParam("relabel")
                    @DefaultValue("false")
                    @Parameter(description = "labels and splits of the archive replace those that are stored")
                    boolean relabel,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @Context HttpServerRequest request,
            InputStream body) {
        Project project = projects.require(idOrName);
        Options options = new Options(Annotation.ofLabel(project.task(), label), relabel);
        try (Spool spool = receive(request, body, imports.maxArchiveSize(), ErrorCode.ARCHIVE_TOO_LARGE)) {
            String fingerprint = String.join("\n", spool.sha256(), String.valueOf(label), String.valueOf(relabel));
            return idempotency.once(
                    scope(project, "imports"),
                    key,
                    fingerprint,
                    () -> imports.prepare(project, spool, options, new Requester(request)),
                    prepared -> Response.ok(imports.commit(prepared, actor)).build());
        }
    }

    private Spool receive(HttpServerRequest request, InputStream body, long most, ErrorCode tooLarge) {
        Requester requester = new Requester(request);
        return requester.receive(body, in -> spools.receive(in, requester.announced(), most, tooLarge));
    }

    private static String scope(Project project, String collection) {
        return "POST /projects/" + project.id() + "/" + collection;
    }

    /** The last segment of the file name that a client sends. */
    static String fileName(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return ArchivePath.show(last);
    }
}
