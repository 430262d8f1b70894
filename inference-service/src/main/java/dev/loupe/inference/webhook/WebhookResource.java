package dev.loupe.inference.webhook;

import dev.loupe.inference.registry.Announcement;
import dev.loupe.inference.registry.Model;
import dev.loupe.inference.registry.ModelLookup;
import dev.loupe.inference.webhook.WebhookRepository.Delivery;
import dev.loupe.inference.webhook.WebhookRepository.Webhook;
import dev.loupe.service.audit.Actor;
import dev.loupe.service.audit.Audit;
import dev.loupe.service.audit.Change;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The webhook of a project over REST. */
@Path("/api/v1/models/{project}/webhook")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Webhooks", description = "Signed announcements of moves of aliases over HTTP.")
class WebhookResource {
    private static final int MIN_SECRET = 16;
    private static final int MAX_SECRET = 200;

    private final ModelLookup lookup;
    private final WebhookRepository webhooks;
    private final WebhookRelay relay;
    private final WebhookSender sender;
    private final WebhookConfig config;
    private final Audit audit;

    /** A webhook to set. */
    @Schema(name = "NewWebhook")
    record NewWebhook(
            @Schema(required = true, description = "http or https")
            String url,

            @Schema(
                    required = true,
                    minLength = MIN_SECRET,
                    maxLength = MAX_SECRET,
                    description = "key of the signatures; it is never returned")
            String secret) {
        NewWebhook {
            Fields.requirePresent("url", url);
            Fields.within(
                    "length of secret", Fields.requirePresent("secret", secret).length(), MIN_SECRET, MAX_SECRET);
        }
    }

    /** A webhook in responses, without its secret. */
    @Schema(name = "Webhook")
    record WebhookView(String url, String actor, Instant changedAt) {
        static WebhookView of(Webhook webhook) {
            return new WebhookView(webhook.url(), webhook.actor(), webhook.changedAt());
        }
    }

    /** The schema of a page of deliveries. */
    @Schema(name = "WebhookDeliveryPage")
    record DeliveryPage(List<Delivery> items, String nextCursor) {}

    WebhookResource(
            ModelLookup lookup,
            WebhookRepository webhooks,
            WebhookRelay relay,
            WebhookSender sender,
            WebhookConfig config,
            Audit audit) {
        this.lookup = lookup;
        this.webhooks = webhooks;
        this.relay = relay;
        this.sender = sender;
        this.config = config;
        this.audit = audit;
    }

    @GET
    @Operation(operationId = "webhook", summary = "The webhook of a project, without its secret")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = WebhookView.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, WEBHOOK_NOT_FOUND")
    public WebhookView get(@PathParam("project") String project) {
        return WebhookView.of(require(lookup.require(project)));
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "setWebhook",
            summary = "Sets the webhook of a project",
            description = "Each move of an alias is sent there as JSON by POST, with the header X-Loupe-Signature: "
                    + "`t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of `SECONDS.BODY` with the secret. A delivery that "
                    + "is not answered with a status from 200 to 299 is retried with increasing delays. Addresses of the "
                    + "server itself and of private networks are refused, unless the server is configured otherwise.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = WebhookView.class)))
    @APIResponse(responseCode = "400", description = "INVALID_REQUEST")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    @APIResponse(responseCode = "422", description = "WEBHOOK_REFUSED")
    public WebhookView set(
            @PathParam("project") String project,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            NewWebhook webhook) {
        Fields.requirePresent("body", webhook);
        Model model = lookup.require(project);
        WebhookTarget.resolve(webhook.url(), config.allowPrivateNetworks());
        Webhook stored = new Webhook(
                webhook.url(), webhook.secret(), actor, Instant.now().truncatedTo(ChronoUnit.MICROS));
        QuarkusTransaction.requiringNew().run(() -> {
            webhooks.replace(model.projectId(), stored);
            audit.record(Change.of(model.projectId(), actor, "webhook.set", "models/" + model.name() + "/webhook")
                    .detail("url " + webhook.url()));
        });
        return WebhookView.of(stored);
    }

    @DELETE
    @Operation(
            operationId = "deleteWebhook",
            summary = "Deletes the webhook of a project, and what it has not sent yet")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, WEBHOOK_NOT_FOUND")
    public void delete(
            @PathParam("project") String project,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Model model = lookup.require(project);
        QuarkusTransaction.requiringNew().run(() -> {
            if (!webhooks.delete(model.projectId())) {
                throw missing(model);
            }
            audit.record(Change.of(model.projectId(), actor, "webhook.delete", "models/" + model.name() + "/webhook"));
        });
    }

    @POST
    @Path("/test")
    @Operation(
            operationId = "testWebhook",
            summary = "Sends a message of the type `test`, once, and returns how it went")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Delivery.class)))
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND, WEBHOOK_NOT_FOUND")
    public Delivery test(@PathParam("project") String project) {
        Model model = lookup.require(project);
        Delivery test = relay.delivery(new Announcement(model, "test", null, null));
        Delivery sent = sender.sendOnce(require(model), test);
        webhooks.add(sent);
        return sent;
    }

    @GET
    @Path("/deliveries")
    @Operation(operationId = "webhookDeliveries", summary = "Lists deliveries of the last 30 days, newest first")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = DeliveryPage.class)))
    @APIResponse(responseCode = "400", description = "INVALID_CURSOR")
    @APIResponse(responseCode = "404", description = "MODEL_NOT_FOUND")
    public Response deliveries(
            @PathParam("project") String project,
            @QueryParam("limit") Integer limit,
            @QueryParam("cursor") String cursor,
            @Context UriInfo uri) {
        Model model = lookup.require(project);
        PageRequest page = PageRequest.of(limit, cursor);
        return Pages.response(
                Page.of(
                        webhooks.list(model.projectId(), before(page), page.limit() + 1),
                        page,
                        delivery -> delivery.id().toString()),
                uri);
    }

    private static UUID before(PageRequest page) {
        try {
            return page.after().isEmpty() ? null : UUID.fromString(page.after());
        } catch (IllegalArgumentException e) {
            throw new ServiceException(
                    ErrorCode.INVALID_CURSOR, "cursor: expected the nextCursor of an earlier page of this list", e);
        }
    }

    private Webhook require(Model model) {
        return webhooks.find(model.projectId()).orElseThrow(() -> missing(model));
    }

    private static ServiceException missing(Model model) {
        return new ServiceException(ErrorCode.WEBHOOK_NOT_FOUND, "model '%s' has no webhook".formatted(model.name()));
    }
}
