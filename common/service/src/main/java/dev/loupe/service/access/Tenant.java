package dev.loupe.service.access;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Tenants: organisations whose projects and tokens no other one knows of. The first part of a name says the tenant: the
 * project {@code acme.bottles} and the token {@code acme/camera-1} are of the tenant {@code acme}. Names without such a
 * part are of the tenant {@code default}, whose administrators of all projects operate the installation. A rename keeps
 * the tenant.
 */
public final class Tenant {
    /** The tenant of names that begin with no other one. */
    public static final String DEFAULT = "default";
    /** Regular expression of the names of tenants; {@link #DEFAULT} begins no name. */
    public static final String PATTERN = "[a-z0-9][a-z0-9-]{0,29}";

    private static final char AFTER_TENANT_OF_PROJECT = '.';
    private static final char AFTER_TENANT_OF_TOKEN = '/';

    private Tenant() {}

    /** The tenant of a project with this name. */
    public static String ofProject(String name) {
        return before(name, AFTER_TENANT_OF_PROJECT);
    }

    /** SQL of the tenant of a project, from the column with its name. */
    public static String ofProjectSql(String column) {
        return beforeSql(column, AFTER_TENANT_OF_PROJECT);
    }

    /** What the names of a tenant's projects begin with: {@code acme.}; nothing for {@link #DEFAULT}. */
    public static String beforeProjects(String tenant) {
        return prefix(tenant, AFTER_TENANT_OF_PROJECT);
    }

    /** The tenant of an API token with this name. */
    static String ofToken(String name) {
        return before(name, AFTER_TENANT_OF_TOKEN);
    }

    /** SQL of the tenant of an API token, from the column with its name. */
    public static String ofTokenSql(String column) {
        return beforeSql(column, AFTER_TENANT_OF_TOKEN);
    }

    /** What the names of a tenant's API tokens begin with: {@code acme/}; nothing for {@link #DEFAULT}. */
    public static String beforeTokens(String tenant) {
        return prefix(tenant, AFTER_TENANT_OF_TOKEN);
    }

    /**
     * The id in place of a project's in a token for all projects of a tenant; null for {@link #DEFAULT}. No project has
     * it, so that a service that knows no tenants yet lets such a token do nothing.
     */
    public static UUID allProjects(String tenant) {
        return tenant.equals(DEFAULT)
                ? null
                : UUID.nameUUIDFromBytes(("all projects of the tenant " + tenant).getBytes(StandardCharsets.UTF_8));
    }

    /** The tenant that the database fences a caller in; empty: not known, or of {@link #DEFAULT}. */
    static Optional<String> fenceOf(Caller caller) {
        return Optional.ofNullable(caller).map(Caller::tenant).filter(tenant -> !tenant.equals(DEFAULT));
    }

    /** Whether this can be the name of a tenant. */
    public static boolean isOne(String name) {
        return name.matches(PATTERN);
    }

    /**
     * A name of a tenant in a request. A tenant needs no setting up: each name of the right form is one.
     *
     * @throws ServiceException {@code TENANT_NOT_FOUND} if this can't be the name of a tenant
     */
    public static String require(String name) {
        if (!isOne(name)) {
            throw notFound(name);
        }
        return name;
    }

    /** The error for a tenant that does not exist: what a caller of another one gets. */
    public static ServiceException notFound(String name) {
        return new ServiceException(ErrorCode.TENANT_NOT_FOUND, "there is no tenant " + QuotedInput.of(name));
    }

    private static String before(String name, char separator) {
        int end = name.indexOf(separator);
        return end < 0 ? DEFAULT : name.substring(0, end);
    }

    private static String beforeSql(String column, char separator) {
        return "case when strpos(%1$s, '%2$s') = 0 then '%3$s' else split_part(%1$s, '%2$s', 1) end"
                .formatted(column, separator, DEFAULT);
    }

    private static String prefix(String tenant, char separator) {
        return tenant.equals(DEFAULT) ? "" : tenant + separator;
    }
}
