package dev.loupe.dataset.limit;

import dev.loupe.service.error.Fields;
import dev.loupe.service.limit.RequestLimit;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** The limits that are set for a tenant; null: there is none. Public, because Jdbi constructs only public records. */
@Schema(name = "NewTenantLimits")
public record NewTenantLimits(
        @Schema(minimum = "0", description = "images of all its projects together; absent: there is no limit")
        Long maxImages,

        @Schema(minimum = "0", description = "bytes of these images; absent: there is no limit")
        Long maxBytes,

        @Schema(description = "requests of all its callers in a second to one replica; absent: there is no limit")
        Double requestsPerSecond) {
    static final NewTenantLimits NONE = new NewTenantLimits(null, null, null);

    public NewTenantLimits {
        Fields.atLeast("maxImages", maxImages, 0);
        Fields.atLeast("maxBytes", maxBytes, 0);
        RequestLimit.requireRate(requestsPerSecond);
    }
}
