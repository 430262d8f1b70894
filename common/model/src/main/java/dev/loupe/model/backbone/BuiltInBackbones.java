package dev.loupe.model.backbone;

/** The backbones that need no file. */
public final class BuiltInBackbones {
    private BuiltInBackbones() {}

    /**
     * Returns a backbone for an image size.
     *
     * @param name {@link Scattering#NAME} or {@link Hog#NAME}
     * @param side side of its images in pixels, null: its own
     * @throws IllegalArgumentException if there is no such backbone, or it can't have this side
     */
    public static Backbone of(String name, Integer side) {
        return switch (name) {
            case Scattering.NAME -> side == null ? Scattering.backbone() : Scattering.backbone(side);
            case Hog.NAME -> side == null ? Hog.backbone() : Hog.backbone(side);
            default -> throw new IllegalArgumentException("'" + name + "' is no built-in backbone with a size");
        };
    }
}
