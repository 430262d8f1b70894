package dev.loupe.training.search;

import dev.loupe.service.audit.Actor;
import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.ServiceException;
import dev.loupe.service.idempotency.Idempotency;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import dev.loupe.training.dataset.FrozenVersion;
import dev.loupe.training.dataset.FrozenVersions;
import dev.loupe.training.run.RunDeletion;
import dev.loupe.training.run.Runs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Searches for parameters over HTTP. */
@Path("/api/v1/searches")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Searches")
class SearchResource {
    private final Searches searches;
    private final SearchRules rules;
    private final SearchReconciler reconciler;
    private final FrozenVersions versions;
    private final Runs runs;
    private final RunDeletion deletion;
    private final Idempotency idempotency;

    /** A page of searches. */
    @Schema(name = "SearchPage")
    record SearchPage(@Schema(required = true) List<SearchView> items, String nextCursor) {}

    private record Checked(FrozenVersion version, Search.Settings settings, Search.Request request) {}

    SearchResource(
            Searches searches,
            SearchRules rules,
            SearchReconciler reconciler,
            FrozenVersions versions,
            Runs runs,
            RunDeletion deletion,
            Idempotency idempotency) {
        this.searches = searches;
        this.rules = rules;
        this.reconciler = reconciler;
        this.versions = versions;
        this.runs = runs;
        this.deletion = deletion;
        this.idempotency = idempotency;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "startSearch", summary = "Search for good parameters of a recipe", description = """
            Each trial is a run in the same queue that trains with other parameters and measures on DEV. It does not use \
            the TEST images and keeps no model. The best parameters are those with the highest `objective` on DEV. With \
            them a last run, the `finalRun`, trains, evaluates on TEST and makes a model version. A trial that fails \
            counts as bad; the search fails if all fail. Equal requests with equal results propose equal trials.""")
    @APIResponse(
            responseCode = "202",
            description = "The search has begun",
            content = @Content(schema = @Schema(implementation = SearchView.class)))
    @APIResponse(responseCode = "404", description = "`DATASET_VERSION_NOT_FOUND`, `RECIPE_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`PROJECT_ARCHIVED`")
    @APIResponse(
            responseCode = "422",
            description =
                    "`SEARCH_INVALID`: a parameter that the recipe lacks, a range outside of its schema, more trials"
                            + " than the space or the service allows, more trials in parallel than the quota; `RECIPE_INVALID`")
    public Response start(
            @HeaderParam(Idempotency.HEADER) String key,
            @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor,
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = NewSearch.class),
                                            examples = {
                                                @ExampleObject(name = "with the defaults", value = """
                                                        {"project": "steel-strip", "recipe": {"name": "scratch"}}"""),
                                                @ExampleObject(name = "with a space", value = """
                                                        {"project": "steel-strip", "datasetVersion": 3, "trials": 27,
                                                         "method": "SUCCESSIVE_HALVING", "parallel": 4,
                                                         "recipe": {"name": "scratch", "parameters": {"epochs": 27}},
                                                         "space": {"learningRate": {"min": 1e-4, "max": 1e-1, "log": true},
                                                                   "network": {"values": ["resnet10", "resnet18"]}}}""")
                                            }))
                    NewSearch body) {
        Fields.requirePresent("body", body);
        return idempotency.once("POST /searches", key, body.toString(), () -> checked(body), checked -> {
            UUID id = searches.add(checked.version(), checked.settings(), checked.request(), actor);
            return Response.accepted(view(searches.require(id.toString())))
                    .location(URI.create("/api/v1/searches/" + id))
                    .build();
        });
    }

    private Checked checked(NewSearch body) {
        FrozenVersion version = versions.requireForRun(body.project(), body.datasetVersion());
        return new Checked(
                version,
                rules.settings(body, version),
                new Search.Request(
                        body.register() == null || body.register(),
                        body.priority() == null ? 0 : body.priority(),
                        body.resources()));
    }

    @GET
    @Operation(operationId = "listSearches", summary = "List searches, the newest first, without their trials")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SearchPage.class)))
    @APIResponse(responseCode = "404", description = "`PROJECT_NOT_FOUND`")
    public Response list(
            @QueryParam("project") @Parameter(description = "only of this project; its name or id") String project,
            @QueryParam("state")
                    @Parameter(description = "only in this state")
                    @Schema(enumeration = {"SEARCHING", "FINAL_RUN", "SUCCEEDED", "FAILED", "CANCELLED"})
                    String state,
            @QueryParam("limit") @Parameter(description = "searches of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page of the same request")
                    String cursor,
            @Context UriInfo uri) {
        PageRequest request = PageRequest.of(limit, cursor);
        if (project != null) {
            versions.requireProject(project);
        }
        List<Search> found = searches.list(project, Fields.oneOf("state", SearchState.class, state), request);
        Page<Search> page = Page.of(found, request, search -> search.id().toString());
        Map<UUID, List<Trial>> trials =
                searches.trials(page.items().stream().map(Search::id).toList());
        SearchPage body = new SearchPage(
                page.items().stream()
                        .map(search -> SearchView.of(search, trials.getOrDefault(search.id(), List.of()), false))
                        .toList(),
                page.nextCursor());
        return Response.fromResponse(Pages.response(page, uri)).entity(body).build();
    }

    @GET
    @Path("/{search}")
    @Operation(operationId = "getSearch", summary = "A search with its trials")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SearchView.class)))
    @APIResponse(responseCode = "404", description = "`SEARCH_NOT_FOUND`")
    public SearchView get(@PathParam("search") String id) {
        return view(searches.require(id));
    }

    @POST
    @Path("/{search}/cancel")
    @Operation(operationId = "cancelSearch", summary = "End a search, and cancel its runs that wait or are in progress")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = SearchView.class)))
    @APIResponse(responseCode = "404", description = "`SEARCH_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`SEARCH_FINISHED`")
    public SearchView cancel(
            @PathParam("search") String id, @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Search search = searches.require(id);
        searches.cancel(search.id(), actor);
        reconciler.advance(search.id());
        return get(id);
    }

    @DELETE
    @Path("/{search}")
    @Operation(
            operationId = "deleteSearch",
            summary = "Delete a search that has ended, with the runs of its trials",
            description = "The final run stays.")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "404", description = "`SEARCH_NOT_FOUND`")
    @APIResponse(responseCode = "409", description = "`SEARCH_NOT_FINISHED`")
    public void delete(
            @PathParam("search") String id, @HeaderParam(Actor.HEADER) @DefaultValue(Actor.DEFAULT) String actor) {
        Search search = searches.require(id);
        List<UUID> trials = searches.trials(search.id()).stream()
                .map(Trial::run)
                .filter(run -> run != null)
                .toList();
        if (!search.status().state().isFinal() || !trials.stream().allMatch(runs::isSettled)) {
            throw new ServiceException(
                    ErrorCode.SEARCH_NOT_FINISHED,
                    "search '" + search.id() + "' is " + search.status().state()
                            + ", or a trainer of it has not ended yet; cancel it, and delete it then");
        }
        for (UUID run : trials) {
            runs.find(run).ifPresent(trial -> deletion.delete(trial, actor));
        }
        searches.delete(search, actor);
    }

    private SearchView view(Search search) {
        return SearchView.of(search, searches.trials(search.id()), true);
    }
}
