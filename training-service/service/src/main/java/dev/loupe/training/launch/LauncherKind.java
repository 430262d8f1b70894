package dev.loupe.training.launch;

/** Where trainers run. */
enum LauncherKind {
    /** As processes of this machine. */
    PROCESS,
    /** As Jobs of the Kubernetes cluster that the service is in. */
    KUBERNETES
}
