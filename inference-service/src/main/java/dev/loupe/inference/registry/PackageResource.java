package dev.loupe.inference.registry;

import dev.loupe.model.ModelManifest;
import dev.loupe.model.ModelManifest.StoredFile;
import dev.loupe.model.ModelPackage;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.storage.ObjectBody;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Serves the files of a version's package, to run or read it without Loupe. */
@Path("/api/v1/models/{project}/versions/{number}/package/{file:.+}")
@RunOnVirtualThread
@Tag(name = "Models")
class PackageResource {
    private final ModelLookup lookup;
    private final ObjectStore store;

    PackageResource(ModelLookup lookup, ObjectStore store) {
        this.lookup = lookup;
        this.store = store;
    }

    @GET
    @Operation(
            summary =
                    "A file of the package: manifest.json, or one that the manifest names; verified before it is sent")
    @APIResponse(
            responseCode = "200",
            description = "The bytes of the file",
            content = {
                @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT)),
                @Content(
                        mediaType = MediaType.APPLICATION_OCTET_STREAM,
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, PACKAGE_FILE_NOT_FOUND")
    public Response file(
            @PathParam("project") String project, @PathParam("number") int number, @PathParam("file") String file) {
        ModelVersion version = lookup.requireVersion(lookup.require(project), number);
        byte[] manifest = store.read(version.manifest(), version.manifestSha256());
        if (file.equals(ModelPackage.MANIFEST)) {
            return Response.ok(manifest, MediaType.APPLICATION_JSON_TYPE).build();
        }
        ModelManifest parsed = ModelPackage.parse(manifest);
        StoredFile stored = parsed.files().get(file);
        if (stored == null) {
            throw new ServiceException(
                    ErrorCode.PACKAGE_FILE_NOT_FOUND,
                    "version " + number + " of " + QuotedInput.of(project) + " has no file " + QuotedInput.of(file)
                            + ", expected one of "
                            + new TreeSet<>(parsed.files().keySet()));
        }
        String key = version.manifest().key();
        String beside = key.substring(0, key.lastIndexOf('/') + 1);
        return send(new ObjectLocation(version.manifest().bucket(), beside + file), stored);
    }

    private Response send(ObjectLocation location, StoredFile stored) {
        MediaType type = location.key().endsWith(".json")
                ? MediaType.APPLICATION_JSON_TYPE
                : MediaType.APPLICATION_OCTET_STREAM_TYPE;
        return Response.ok(ObjectBody.verified(store, location, stored.sha256()), type)
                .header("Content-Length", stored.size())
                .build();
    }
}
