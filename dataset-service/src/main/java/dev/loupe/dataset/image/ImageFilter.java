package dev.loupe.dataset.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;

/**
 * Filter of the images of a project: selects the images that match all of its conditions, all images without any. A
 * condition with several values matches images with one of them. The parameters of a query and the JSON of a request
 * have the same names, hence the public fields. {@link ImageConditions} checks the values.
 */
@JsonInclude(Include.NON_NULL)
@Schema(description = "Selects the images that match all conditions; of several values, an image has one.")
public class ImageFilter {
    private static final String LABEL = "one of these labels";
    private static final String UNLABELLED = "images without a label; beside `label`: those too";
    private static final String DEFECT = "abnormal images with one of these kinds of defect";
    private static final String SPLIT = "one of `TRAIN`, `DEV`, `TEST` and `UNASSIGNED`";
    private static final String PRODUCT = "images of one of these products";
    private static final String FORMAT = "one of `JPEG`, `PNG`, `WEBP`, `BMP` and `TIFF`";
    private static final String SIDE = "pixels, after EXIF orientation, inclusive";
    private static final String SIZE = "bytes of the file, inclusive";
    private static final String FROM = "added at this time or later (RFC 3339)";
    private static final String BEFORE = "added before this time (RFC 3339)";
    private static final String TEXT = "part of the file name, in upper or lower case, or beginning of the digest";
    private static final String CONFLICT = "images that were uploaded with contradicting labels or splits";

    @QueryParam("label")
    @Parameter(description = LABEL)
    @Schema(type = SchemaType.ARRAY, implementation = String.class, description = LABEL)
    public List<String> label;

    @QueryParam("unlabelled")
    @Parameter(description = UNLABELLED)
    @Schema(description = UNLABELLED)
    public boolean unlabelled;

    @QueryParam("defect")
    @Parameter(description = DEFECT)
    @Schema(type = SchemaType.ARRAY, implementation = String.class, description = DEFECT)
    public List<String> defect;

    @QueryParam("split")
    @Parameter(description = SPLIT)
    @Schema(type = SchemaType.ARRAY, implementation = String.class, description = SPLIT)
    public List<String> split;

    @QueryParam("product")
    @Parameter(description = PRODUCT)
    @Schema(type = SchemaType.ARRAY, implementation = String.class, description = PRODUCT)
    public List<String> product;

    @QueryParam("format")
    @Parameter(description = FORMAT)
    @Schema(type = SchemaType.ARRAY, implementation = String.class, description = FORMAT)
    public List<String> format;

    @QueryParam("minWidth")
    @Parameter(description = SIDE)
    @Schema(description = SIDE)
    public Integer minWidth;

    @QueryParam("maxWidth")
    @Parameter(description = SIDE)
    @Schema(description = SIDE)
    public Integer maxWidth;

    @QueryParam("minHeight")
    @Parameter(description = SIDE)
    @Schema(description = SIDE)
    public Integer minHeight;

    @QueryParam("maxHeight")
    @Parameter(description = SIDE)
    @Schema(description = SIDE)
    public Integer maxHeight;

    @QueryParam("minSize")
    @Parameter(description = SIZE)
    @Schema(description = SIZE)
    public Long minSize;

    @QueryParam("maxSize")
    @Parameter(description = SIZE)
    @Schema(description = SIZE)
    public Long maxSize;

    @QueryParam("addedFrom")
    @Parameter(description = FROM, example = "2026-11-20T12:00:00Z")
    @Schema(description = FROM, format = "date-time")
    public String addedFrom;

    @QueryParam("addedBefore")
    @Parameter(description = BEFORE, example = "2026-11-21T00:00:00Z")
    @Schema(description = BEFORE, format = "date-time")
    public String addedBefore;

    @QueryParam("text")
    @Parameter(description = TEXT)
    @Schema(description = TEXT)
    public String text;

    @QueryParam("conflict")
    @Parameter(description = CONFLICT)
    @Schema(description = CONFLICT)
    public boolean conflict;
}
