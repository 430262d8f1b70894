package dev.loupe.local;

/** The processes of a {@link LocalStack}. */
public enum Server {
    /** PostgreSQL and S3, and Kafka unless it runs apart. */
    DEVSTACK("devstack"),
    /** Kafka in a process of its own. */
    BROKER("broker"),
    DATASET("dataset-service"),
    TRAINING("training-service"),
    INFERENCE("inference-service"),
    /** Serves the pages, and forwards their requests to the three services. */
    CONSOLE("console");

    private final String label;

    Server(String label) {
        this.label = label;
    }

    /** Its name for people, and of its log file. */
    public String label() {
        return label;
    }
}
