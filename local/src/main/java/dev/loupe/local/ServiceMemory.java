package dev.loupe.local;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the memory of a service is divided into. The shares are those of the chart ({@code memory} of each service in its
 * values); in place of a container's limit there is a size that fits a laptop. What is left of it is for the JVM itself,
 * threads, native libraries and computing.
 *
 * @param mebibytes of all of it
 * @param heapPercent share of the heap
 * @param directPercent share of buffers of the network beside the heap
 * @param imagesPercent share of images while they are decoded, beside the heap; 0 for a service that decodes none
 * @param modelsPercent share of models in memory, beside the heap; 0 for a service that has none
 */
record ServiceMemory(int mebibytes, int heapPercent, int directPercent, int imagesPercent, int modelsPercent) {

    /** @throws IllegalArgumentException for a server that is no service */
    static ServiceMemory of(Server server) {
        return switch (server) {
            case DATASET -> new ServiceMemory(1024, 50, 10, 25, 0);
            case TRAINING -> new ServiceMemory(1536, 25, 5, 0, 0);
            case INFERENCE -> new ServiceMemory(1920, 40, 10, 20, 15);
            case CONSOLE -> new ServiceMemory(256, 30, 30, 0, 0);
            case DEVSTACK, BROKER -> throw new IllegalArgumentException(server + " is no service");
        };
    }

    /** Options of its JVM. */
    List<String> options() {
        return List.of("-Xmx" + share(heapPercent) + "m", "-XX:MaxDirectMemorySize=" + share(directPercent) + "m");
    }

    /** Its environment variables. */
    Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>();
        if (imagesPercent > 0) {
            environment.put("LOUPE_IMAGES_DECODER_MEMORY", share(imagesPercent) + "M");
        }
        if (modelsPercent > 0) {
            environment.put("LOUPE_INFERENCE_LOADING_MEMORY", share(modelsPercent) + "M");
        }
        return environment;
    }

    private int share(int percent) {
        return mebibytes * percent / 100;
    }
}
