package dev.loupe.contracts;

/** The name of a project, which its model has too. */
public final class ProjectName {
    /** A regular expression: what stands in addresses of HTTP and gRPC as it is. */
    public static final String PATTERN = "[a-z0-9][a-z0-9-]{0,62}";

    private ProjectName() {}

    /**
     * @return the name
     * @throws IllegalArgumentException when it is none
     */
    public static String require(String name) {
        if (name == null || !name.matches(PATTERN)) {
            throw new IllegalArgumentException("name of a project: expected " + PATTERN + ", got "
                    + (name == null ? "nothing" : "'" + name + "'"));
        }
        return name;
    }
}
