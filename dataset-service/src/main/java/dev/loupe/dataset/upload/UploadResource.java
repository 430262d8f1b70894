package dev.loupe.dataset.upload;

import dev.loupe.contracts.Split;
import dev.loupe.dataset.image.Image;
import dev.loupe.dataset.image.ImageIntake;
import dev.loupe.dataset.image.ImageIntake.Outcome;
import dev.loupe.dataset.image.Images;
import dev.loupe.dataset.image.SplitName;
import dev.loupe.dataset.label.Annotation;
import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.dataset.upload.ArchiveLayout.Place;
import dev.loupe.dataset.upload.ImportReport.Layout;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.storage.Sha256;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.multipart.FileUpload;

/** Three ways for pictures to come in: one, many, an archive. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Upload")
public class UploadResource {
    private final Projects projects;
    private final ImageIntake intake;
    private final Images images;
    private final Spools spools;
    private final Imports imports;
    private final Idempotency idempotency;
    private final Audit audit;

    UploadResource(
            Projects projects,
            ImageIntake intake,
            Images images,
            Spools spools,
            Imports imports,
            Idempotency idempotency,
            Audit audit) {
        this.projects = projects;
        this.intake = intake;
        this.images = images;
        this.spools = spools;
        this.imports = imports;
        this.idempotency = idempotency;
        this.audit = audit;
    }

    @POST
    @Path("/{project}/images")
    @Consumes({"image/*", MediaType.APPLICATION_OCTET_STREAM})
    @Operation(summary = "Upload one image", description = """
            The body is the encoded picture: JPEG, PNG, WebP, BMP or TIFF, told by its content. It is decoded whole. \
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
            InputStream body) {
        Project project = projects.require(idOrName);
        Annotation annotation = Annotation.ofLabel(project.task(), label);
        Split given = SplitName.parse(split, project.task(), annotation);
        try (Spool spool = spools.receive(body, intake.maxSize(), ErrorCode.IMAGE_TOO_LARGE)) {
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
        return switch (intake.take(List.of(spool::bytes)).getFirst()) {
            case Outcome.Refused refused ->
                throw new ServiceException(refused.code(), "image '" + shown + "': " + refused.reason());
            case Outcome.Stored stored -> stored;
        };
    }

    private Response add(Project project, Image image, String actor) {
        boolean isNew = images.add(project, List.of(image)).getFirst();
        Image stored = images.require(project, image.sha256());
        if (isNew) {
            audit.record(actor, "image.add", project.name() + "/" + stored.sha256(), stored.name());
        }
        return Response.status(isNew ? Response.Status.CREATED : Response.Status.OK)
                .location(URI.create("/api/v1/projects/" + project.name() + "/images/" + stored.sha256()))
                .entity(stored)
                .build();
    }

    @POST
    @Path("/{project}/images")
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Operation(summary = "Upload many images as a form", description = """
            Every file part is a picture, whatever the part's name. One bad file never loses the good ones: the \
            answer names each with its reason.""")
    public Response many(
            @PathParam("project") String idOrName,
            @QueryParam("label") String label,
            @QueryParam("split") String split,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            @RestForm(FileUpload.ALL) List<FileUpload> files) {
        Project project = projects.require(idOrName);
        Annotation annotation = Annotation.ofLabel(project.task(), label);
        Split given = SplitName.parse(split, project.task(), annotation);
        if (files.isEmpty()) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, "the form has no file");
        }
        Place place = new Place.Picture(annotation, given, null);
        String fingerprint = key == null ? "" : fingerprint(files, label, split);
        return idempotency.once(
                scope(project, "images"),
                key,
                fingerprint,
                () -> {
                    Import many = imports.begin(project);
                    for (FileUpload file : files) {
                        many.add(fileName(file.fileName()), place, () -> read(file), file.size());
                    }
                    return many.arrived(Layout.FILES);
                },
                many -> Response.ok(imports.finish(many, project, actor)).build());
    }

    @POST
    @Path("/{project}/imports")
    @Consumes("application/zip")
    @Operation(summary = "Import a zip archive", description = """
            Folders say what the pictures are. One folder per class (`cat/1.jpg`); or `train/CLASS/…` and \
            `test/CLASS/…`, a split that is kept (`val/` is DEV); for anomaly detection folders named `good`, `ok` or \
            `normal` are normal and every other folder is a kind of defect, with masks, if there are any, in \
            `ground_truth/DEFECT/NAME_mask.png` (the layout of MVTec AD). One more folder around all of it is fine. \
            All good pictures become visible at once, at the end; each file that was left out is named with a reason.""")
    @APIResponse(responseCode = "200", content = @Content(examples = @ExampleObject(value = """
                            {"accepted": 499, "duplicates": 1, "labels": {"abnormal": 88, "normal": 412},
                             "splits": {"TEST": 176, "TRAIN": 324}, "layout": "MVTEC",
                             "rejected": [{"name": "train/good/7.jpg", "code": "IMAGE_DAMAGED",
                                           "reason": "JPEG file of 3120 bytes ends early"}]}""")))
    public Response archive(
            @PathParam("project") String idOrName,
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam("X-Loupe-Actor") @DefaultValue("local") String actor,
            InputStream body) {
        Project project = projects.require(idOrName);
        try (Spool spool = spools.receive(body, imports.maxArchiveSize(), ErrorCode.ARCHIVE_TOO_LARGE)) {
            return idempotency.once(
                    scope(project, "imports"),
                    key,
                    spool.sha256(),
                    () -> imports.take(project, spool),
                    files -> Response.ok(imports.finish(files, project, actor)).build());
        }
    }

    private static String scope(Project project, String collection) {
        return "POST /projects/" + project.id() + "/" + collection;
    }

    /** The last part of what a browser or a stranger calls a file. */
    private static String fileName(String name) {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        String shown = ArchivePath.show(last);
        return shown.length() > 255 ? shown.substring(0, 255) : shown;
    }

    private static byte[] read(FileUpload file) throws IOException {
        return Files.readAllBytes(file.uploadedFile());
    }

    private static String fingerprint(List<FileUpload> files, String label, String split) {
        StringBuilder all = new StringBuilder().append(label).append('\n').append(split);
        try {
            for (FileUpload file : files) {
                all.append('\n').append(file.fileName()).append('\t').append(Sha256.of(file.uploadedFile()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }
}
