package dev.loupe.dataset.image;

import dev.loupe.dataset.project.Project;
import dev.loupe.dataset.project.Projects;
import dev.loupe.service.paging.Page;
import dev.loupe.service.paging.PageRequest;
import dev.loupe.service.paging.Pages;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Searches of the images of a project over HTTP. */
@Path("/api/v1/projects")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Images")
public class ImageSearchResource {
    private final Projects projects;
    private final ImageSearch search;

    ImageSearchResource(Projects projects, ImageSearch search) {
        this.projects = projects;
        this.search = search;
    }

    /**
     * A page of images.
     *
     * @param nextCursor cursor of the next page, absent on the last page
     * @param total number of images of all pages
     */
    public record ImagePage(List<Image> items, String nextCursor, int total) {
        public ImagePage {
            items = List.copyOf(items);
        }
    }

    @GET
    @Path("/{project}/images")
    @Operation(operationId = "listImages", summary = "Search images", description = """
            Lists the images that match all conditions, in an order in which each image has one position. `cursor` \
            continues after an earlier page, also while images are added; `offset` starts at any position, as a list \
            that is scrolled to its middle does. `total` counts the images of all pages.""")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = ImagePage.class)))
    public Response list(
            @PathParam("project") String idOrName,
            @BeanParam ImageFilter filter,
            @QueryParam("sort")
                    @DefaultValue("digest")
                    @Parameter(
                            description = "order; with `-` the greatest value comes first. `name` compares code points",
                            schema =
                                    @Schema(
                                            enumeration = {"digest", "name", "-name", "time", "-time", "size", "-size"},
                                            defaultValue = "digest"))
                    String sort,
            @QueryParam("limit") @Parameter(description = "images of a page, 1 to 1000; default 50") Integer limit,
            @QueryParam("cursor") @Parameter(description = "`nextCursor` of an earlier page with the same `sort`")
                    String cursor,
            @QueryParam("offset") @Parameter(description = "number of images before the page; not beside `cursor`")
                    Integer offset,
            @Context UriInfo uri) {
        Project project = projects.require(idOrName);
        PageRequest request = PageRequest.of(limit, cursor);
        ImageOrder order = ImageOrder.parse(sort);
        ImageConditions conditions = new ImageConditions(project, filter);
        Page<Image> page = Page.of(search.list(conditions, order, request, offset), request, order::position);
        ImagePage result = new ImagePage(page.items(), page.nextCursor(), search.count(conditions));
        return Response.fromResponse(Pages.response(page, uri)).entity(result).build();
    }

    @GET
    @Path("/{project}/images/facets")
    @Operation(
            operationId = "getImageFacets",
            summary = "Count images by label, split, kind of defect, format and product",
            description = """
            The numbers of a property ignore the condition on that property: beside a list of images with label `cat`, \
            `labels` says how many images another label would show. `total` is that of the list.""")
    public ImageFacets facets(@PathParam("project") String idOrName, @BeanParam ImageFilter filter) {
        return search.facets(new ImageConditions(projects.require(idOrName), filter));
    }
}
