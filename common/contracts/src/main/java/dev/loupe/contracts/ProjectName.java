package dev.loupe.contracts;

/** The name of a project, which is also the name of its model. One of a tenant begins with the tenant and a dot. */
public final class ProjectName {
    /** Regular expression of valid names. They need no escaping in HTTP and gRPC paths. */
    public static final String PATTERN = "([a-z0-9][a-z0-9-]{0,29}\\.)?[a-z0-9][a-z0-9-]{0,62}";

    /** As labels of Kubernetes may have. */
    private static final int MAX_LENGTH = 63;

    private ProjectName() {}

    /**
     * @return the name
     * @throws IllegalArgumentException if the name is invalid
     */
    public static String require(String name) {
        if (name == null || !name.matches(PATTERN) || name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("name of a project: expected " + PATTERN + ", at most " + MAX_LENGTH
                    + " characters, got "
                    + (name == null ? "nothing" : "'" + name + "'"));
        }
        return name;
    }
}
