package dev.loupe.training.trainerapi;

import dev.loupe.contracts.training.ObjectAccess;
import dev.loupe.contracts.training.ObjectAccess.AccessRequest;
import dev.loupe.contracts.training.ObjectAccess.Grants;
import dev.loupe.contracts.training.ObjectAccess.Item;
import dev.loupe.contracts.training.ObjectAccess.Listing;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.storage.ObjectLocation;
import dev.loupe.storage.ObjectSigner;
import dev.loupe.storage.ObjectSigner.Access;
import dev.loupe.storage.ObjectStore;
import dev.loupe.training.run.Attempt;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Gives trainers access to the objects of their run, so that they need no account of the object storage. */
@Path("/internal/runs/{run}/attempts/{attempt}/objects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class ObjectAccessResource {
    /** How long a presigned URL is valid. The transfer of the largest object must fit in this time. */
    private static final Duration VALIDITY = Duration.ofMinutes(15);

    private final AttemptTokens tokens;
    private final AttemptScopes scopes;
    private final ObjectStore store;
    private final ObjectSigner signer;

    ObjectAccessResource(AttemptTokens tokens, AttemptScopes scopes, ObjectStore store, ObjectSigner signer) {
        this.tokens = tokens;
        this.scopes = scopes;
        this.store = store;
        this.signer = signer;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Grants grant(
            @PathParam("run") String run,
            @PathParam("attempt") int number,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            ObjectAccess.Request request) {
        Fields.requirePresent("body", request);
        Attempt attempt = ongoing(run, number, authorization);
        if (request.objects().size() > ObjectAccess.MAX_OBJECTS) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST,
                    "objects: at most " + ObjectAccess.MAX_OBJECTS + " at a time, got "
                            + request.objects().size());
        }
        AttemptScope scope = scopes.of(attempt);
        Instant validUntil = Instant.now().plus(VALIDITY);
        List<String> addresses = new ArrayList<>();
        for (AccessRequest asked : request.objects()) {
            if (asked.access() == null) {
                throw new ServiceException(ErrorCode.INVALID_REQUEST, "access: expected READ or WRITE, got nothing");
            }
            Access access =
                    switch (asked.access()) {
                        case READ -> Access.READ;
                        case WRITE -> Access.WRITE;
                    };
            ObjectLocation object = location(asked.bucket(), asked.key());
            if (!scope.allows(access, object)) {
                throw refusal(attempt, access + " " + object);
            }
            addresses.add(signer.sign(access, object, VALIDITY).toString());
        }
        return new Grants(addresses, validUntil);
    }

    @GET
    @Operation(hidden = true)
    public Listing list(
            @PathParam("run") String run,
            @PathParam("attempt") int number,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @QueryParam("bucket") String bucket,
            @QueryParam("prefix") String prefix) {
        Fields.requirePresent("bucket", bucket);
        Fields.requirePresent("prefix", prefix);
        Attempt attempt = ongoing(run, number, authorization);
        if (!scopes.of(attempt).allowsListing(bucket, prefix)) {
            throw refusal(attempt, "list s3://" + bucket + "/" + prefix);
        }
        return new Listing(store.list(bucket, prefix).stream()
                .map(object -> new Item(object.location().key(), object.size(), object.modifiedAt()))
                .toList());
    }

    @DELETE
    @Operation(hidden = true)
    public void delete(
            @PathParam("run") String run,
            @PathParam("attempt") int number,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @QueryParam("bucket") String bucket,
            @QueryParam("key") String key) {
        Attempt attempt = ongoing(run, number, authorization);
        ObjectLocation object = location(bucket, key);
        if (!scopes.of(attempt).isCheckpoint(object)) {
            throw refusal(attempt, "delete " + object);
        }
        store.delete(object);
    }

    private Attempt ongoing(String run, int number, String authorization) {
        Attempt attempt = tokens.require(run, number, authorization);
        if (attempt.ended() != null) {
            throw new ServiceException(ErrorCode.ATTEMPT_OVER, attempt + " is over: " + attempt.ended());
        }
        return attempt;
    }

    private static ObjectLocation location(String bucket, String key) {
        try {
            return new ObjectLocation(bucket, key);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
        }
    }

    private static ServiceException refusal(Attempt attempt, String what) {
        return new ServiceException(ErrorCode.OBJECT_FORBIDDEN, "the trainer of " + attempt + " may not " + what);
    }
}
