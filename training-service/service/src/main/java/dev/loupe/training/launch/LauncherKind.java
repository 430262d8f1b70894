package dev.loupe.training.launch;

/** Where trainers run. */
enum LauncherKind {
    /** As processes on this machine. */
    PROCESS,
    /** As Jobs in the Kubernetes cluster that the service runs in. */
    KUBERNETES
}
