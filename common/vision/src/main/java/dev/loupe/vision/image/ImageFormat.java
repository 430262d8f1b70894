package dev.loupe.vision.image;

/** Encodings that pictures are taken in. */
public enum ImageFormat {
    JPEG("image/jpeg"),
    PNG("image/png"),
    WEBP("image/webp"),
    BMP("image/bmp"),
    TIFF("image/tiff");

    private final String mediaType;

    ImageFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /** Its IANA media type. */
    public String mediaType() {
        return mediaType;
    }
}
